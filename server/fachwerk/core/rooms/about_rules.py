# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What somebody may make rules about: departments that they see, and attributes of people where that is theirs to know.

Who is in a room by a rule shows that the rule fits, so whoever makes rules about an attribute learns who has it. Hence
it is for those who lead these people, or for everybody if the settings say so of this attribute.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

from fachwerk.core import directory
from fachwerk.core.identity import PersonAttribute
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid
from fachwerk.kernel.policy import NOWHERE, Actor, Policy

from .model import WHOLE_HOUSE, RoomRule

HOUSE = "room.rule_house"
"""The action of making rules about attributes of anybody."""


class Means(NamedTuple):
    """Whom a rule means: everybody of a department. below: and of all below it. leading: its lead and deputies only.

    attribute, value: only those who have it. department_id: WHOLE_HOUSE for those of any, with an attribute only.
    """

    department_id: str
    below: bool
    leading: bool
    attribute: str = ""
    value: str = ""

    @classmethod
    def of(cls, rule: RoomRule) -> Self:
        """Whom a rule that was made means."""
        return cls(rule.department_id, rule.below, rule.leading, rule.attribute, rule.value)


class Offer(NamedTuple):
    """An attribute that somebody may make rules about. values: such as several people have; others may be asked for."""

    attribute: PersonAttribute
    values: list[str]


async def require_own_business(
    work: Work, policy: Policy, actor: Actor, added: Collection[Means], attributes: Sequence[PersonAttribute]
) -> None:
    """Raise Invalid for a new rule about people, or about an attribute of theirs, that is not the actor's business.

    Raises as the policy does where one is about the whole house.
    """
    if not added:
        return
    if any(one.department_id == WHOLE_HOUSE for one in added):
        policy.require(actor, HOUSE, NOWHERE)
    seen = set(await directory.seen_departments(work, actor))
    known = {one.name: one for one in attributes}
    led: frozenset[str] | None = None
    for one in added:
        if one.department_id != WHOLE_HOUSE:
            about = set(await directory.departments_below(work, one.department_id)) if one.below else set()
            if one.department_id not in seen or not about <= seen:
                raise _wrong("not only departments whose people you see")
        if one.attribute not in known:
            if one.attribute or one.department_id == WHOLE_HOUSE:
                raise _wrong("there is no such attribute")
            continue
        if not one.value:
            raise _wrong("no value")
        if known[one.attribute].rules == "owners":
            continue
        led = await directory.led_departments(work, actor) if led is None else led
        if one.department_id not in led:
            if not policy.allows(actor, HOUSE, NOWHERE):
                raise _wrong("an attribute of people whom you do not lead")
            policy.require_strength(actor, HOUSE)


def _wrong(why: str) -> Invalid:
    return Invalid(errors=(FieldError("/rules", why),))


async def offers(
    work: Work, policy: Policy, actor: Actor, attributes: Sequence[PersonAttribute]
) -> tuple[list[Offer], bool]:
    """What somebody may make rules about, and whether about the whole house."""
    house = policy.allows(actor, HOUSE, NOWHERE)
    if not attributes:
        return [], house
    led = await directory.led_departments(work, actor)
    mine = [one for one in attributes if house or led or one.rules == "owners"]
    seen = None if house else await directory.seen_departments(work, actor)
    values: dict[str, list[str]] = {}
    for rules, departments in (("owners", seen), ("heads", None if house else led)):
        names = [one.name for one in mine if one.rules == rules]
        values |= await directory.common_values(work, names, departments)
    return [Offer(one, values[one.name]) for one in mine], house
