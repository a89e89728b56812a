# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk permissions`: who may do what, as tables for auditors, from the rules that the server decides by."""

from collections.abc import Iterator, Sequence

from fachwerk.kernel.policy import Actor, Facts, Policy

PLACES = {
    "belongs to it": frozenset({"house", "department"}),
    "to one below it": frozenset({"house", "department", "part"}),
    "to one above it": frozenset({"house"}),
    "to one beside it": frozenset({"house", "other"}),
}
"""Departments of an actor, as the server sees them (their own and all above), by where that is in the tree."""
GIVEN = {
    "administers it": frozenset({"department"}),
    "one above it": frozenset({"house"}),
    "one below it": frozenset({"part"}),
    "one beside it": frozenset({"other"}),
}
"""Departments that were given to an actor to administer, by where that is in the tree."""


def lines(policy: Policy) -> Iterator[str]:
    """A document in Markdown."""
    yield "# Who may do what\n"
    yield "Written by `fachwerk permissions` from the rules that the server decides by.\n"
    yield "| action | allowed for | a stranger gets |\n| --- | --- | --- |"
    for action, grounds, refusal in policy.table():
        yield f"| `{action}` | {grounds} | {refusal} |"
    yield "\n## By place in the tree\n"
    yield (
        "What somebody may do with a room of a department that they are not in, where it depends on their own "
        "department. Whom they find is told in [administration](../operations/administration.md#who-finds-whom); an "
        "opened department counts as one beside it here.\n"
    )
    yield f"| action | {' | '.join(PLACES)} |\n| --- |{' --- |' * len(PLACES)}"
    room = Facts(departments=frozenset({"department"}), kind="department")
    yield from _rows(policy, room, [Actor("", departments=line) for line in PLACES.values()])
    yield "\n## By the department that somebody administers\n"
    yield (
        "What somebody may do with a thing of a department (one of its people or rooms, a guest in these, its "
        "policies) because they [administer](../operations/administration.md#administrators-of-departments) a "
        "department. Lists hold what belongs to what they administer and to all below it, and nothing else.\n"
    )
    yield f"| action | {' | '.join(GIVEN)} |\n| --- |{' --- |' * len(GIVEN)}"
    thing = Facts(within=frozenset({"house", "department"}), kind="department")
    yield from _rows(policy, thing, [Actor("", administers=given) for given in GIVEN.values()])


def _rows(policy: Policy, facts: Facts, actors: Sequence[Actor]) -> Iterator[str]:
    """Actions that some of these may do and others not."""
    for action, _, _ in policy.table():
        may = [policy.allows(actor, action, facts) for actor in actors]
        if len(set(may)) > 1:
            yield f"| `{action}` | {' | '.join('yes' if yes else 'no' for yes in may)} |"
