# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may see what was and would be done to the organisation, and who may do it beside those who operate the server."""

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Rule, installation_role

RULES = [
    Rule("org.read", (installation_role(ADMIN),)),
    Rule("org.plan", (installation_role(ADMIN),)),
    Rule("org.apply", (installation_role(ADMIN),)),
]


class OnlyByCommand(Conflict):
    """Nothing here may change the sign-in service: the settings name no account for it."""

    slug, title = "org-only-by-command", "Plans are made and carried out by commands on the server only"


class ApplyAtWork(Conflict):
    """Two at the same time would undo each other."""

    slug, title = "apply-at-work", "Another plan is not finished"


class NotPlanned(Conflict):
    """There is no plan of it (yet), or one without a step."""

    slug, title = "not-planned", "There is nothing to carry out"


class RemovalsUnconfirmed(Conflict):
    """More would be removed than anybody does by accident; how much must be said."""

    slug, title = "removals-unconfirmed", "So many removals must be confirmed"


class PlanEnded(Conflict):
    """All of it was done, or another plan took it back."""

    slug, title = "plan-ended", "The plan has ended"
