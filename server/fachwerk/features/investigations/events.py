# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the person concerned learns, on their own stream and not before the end."""

from fachwerk.kernel.events import Event


class InvestigationTold(Event, tag="investigation.told", frozen=True):
    """What the person wrote has been read. The rest is asked for: it must not stay among the events."""

    investigation_id: str


class InvestigationConfirmed(Event, tag="investigation.confirmed", frozen=True):
    """The person has read what they were told."""

    investigation_id: str
