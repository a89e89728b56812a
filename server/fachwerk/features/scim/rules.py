# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may push people: one machine, which can do nothing else."""

from fachwerk.kernel.policy import Actor, Facts, Rule

SCIM_ROLE = "scim"
"""Of one actor only: whoever shows the token. No provider's role has this name."""


def scim(actor: Actor, facts: Facts, /) -> bool:  # noqa: ARG001 -- the shape of a ground
    """The system that pushes people to us."""
    return SCIM_ROLE in actor.roles


RULES = [Rule("scim.read", (scim,)), Rule("scim.write", (scim,))]
SCIM_ACTIONS = frozenset(rule.action for rule in RULES)
"""All that it can do."""
