# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rules of a room over HTTP: whom it takes in by itself."""

from typing import Annotated

import msgspec

from fachwerk.core import directory
from fachwerk.core.identity import VALUE_MAX_CHARS, IdentitySettings, PersonAttribute, clean
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route
from fachwerk.kernel.wire import Body, Id, Wire

from . import about_rules, by_rule, service
from .about_rules import Means
from .by_rule import Moves
from .model import WHOLE_HOUSE, RoomRule
from .settings import RoomSettings

RULES_PER_ROOM = 20
EVERYBODY = 1 << 31
"""More people than there are."""


class NewAttribute(Body):
    """name: of an attribute that the installation knows. value: which one of theirs it is, in any spelling."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=VALUE_MAX_CHARS)]


class NewRule(Body):
    """Everybody of a department. below: and of all below it. leading: only those who lead it or are deputy.

    attribute: only those of whom this is true. department_id: None for those of any department, with an attribute only.
    """

    department_id: Id | None
    below: bool = False
    leading: bool = False
    attribute: NewAttribute | None = None


class NewRules(Body):
    """All rules that a room is to have. confirmed: though many people come or go."""

    rules: Annotated[list[NewRule], msgspec.Meta(max_length=RULES_PER_ROOM)]
    confirmed: bool = False


class RuledAttribute(Wire):
    """What somebody has of whom a rule is true. de, en: what the attribute is called."""

    name: str
    de: str
    en: str
    value: str


class OfferedAttribute(Wire):
    """An attribute that rules may be about. values: such as several people have; others may be asked for as well."""

    name: str
    de: str
    en: str
    values: list[str]


class OfferedAttributes(Wire):
    """What the person may make rules about. whole_house: also without naming a department."""

    items: list[OfferedAttribute]
    whole_house: bool


class RoomRuleRow(Wire):
    """A rule as those see it who may change it. department: its name; None if it has ended.

    department_id: None for the whole house.
    """

    department_id: str | None
    department: str | None
    below: bool
    leading: bool
    attribute: RuledAttribute | None


class RoomRules(Wire):
    """The rules of a room. unasked: how many people may come or go without a confirmation."""

    items: list[RoomRuleRow]
    unasked: int


class RulesPreview(Wire):
    """How many people would come into the room, and how many would go.

    step: 1 where they are counted; otherwise rounded down to a multiple of it.
    """

    coming: int
    going: int
    step: int


async def read_rules(call: Call) -> RoomRules:
    """Whom a room takes in by itself."""
    await service.allowed_place(call.work, call.policy, call.actor, "room.set_rules", call.id("room"))
    return await _rules(call)


async def read_attributes(call: Call) -> OfferedAttributes:
    """Attributes of people that rules of this room may be about."""
    await service.allowed_place(call.work, call.policy, call.actor, "room.set_rules", call.id("room"))
    offered, house = await about_rules.offers(call.work, call.policy, call.actor, _known(call))
    items = [
        OfferedAttribute(name=one.name, de=one.de or one.name, en=one.en or one.name, values=values)
        for one, values in offered
    ]
    return OfferedAttributes(items=items, whole_house=house)


async def preview_rules(call: Call, body: NewRules) -> RulesPreview:
    """What would come of these rules."""
    room_id, known = call.id("room"), _known(call)
    return _moved(await by_rule.preview(call.work, call.policy, call.actor, room_id, _meant(body), attributes=known))


async def set_rules(call: Call, body: NewRules) -> RoomRules:
    """Make the rules of a room these, and its members what they say."""
    unasked = EVERYBODY if body.confirmed else call.port(RoomSettings).rule_moves_unasked
    room_id, wanted = call.id("room"), _meant(body)
    await by_rule.set_rules(
        call.work, call.policy, call.actor, room_id, wanted, unasked=unasked, attributes=_known(call)
    )
    return await _rules(call)


def _meant(body: NewRules) -> list[Means]:
    return [
        Means(
            one.department_id or WHOLE_HOUSE,
            one.below and one.department_id is not None,
            one.leading,
            *((one.attribute.name, clean(one.attribute.value)) if one.attribute else ()),
        )
        for one in body.rules
    ]


def _moved(moves: Moves) -> RulesPreview:
    return RulesPreview(**moves._asdict())


def _known(call: Call) -> tuple[PersonAttribute, ...]:
    return call.port(IdentitySettings).attributes


async def _rules(call: Call) -> RoomRules:
    rules = await by_rule.rules_of(call.work, call.id("room"))
    names = await directory.department_names(call.work, {one.department_id for one in rules} - {WHOLE_HOUSE})
    known = {one.name: one for one in _known(call)}
    rows = [
        RoomRuleRow(
            department_id=one.department_id or None,
            department=names.get(one.department_id),
            below=one.below,
            leading=one.leading,
            attribute=_ruled(one, known.get(one.attribute)) if one.attribute else None,
        )
        for one in rules
    ]
    return RoomRules(items=rows, unasked=call.port(RoomSettings).rule_moves_unasked)


def _ruled(rule: RoomRule, known: PersonAttribute | None) -> RuledAttribute:
    """known: None for one that is taken over no more."""
    de, en = (known.de, known.en) if known else ("", "")
    return RuledAttribute(name=rule.attribute, de=de or rule.attribute, en=en or rule.attribute, value=rule.value)


ROUTES = [
    route("GET", "/api/v1/rooms/{room}/rules", read_rules, action="room.set_rules"),
    route("GET", "/api/v1/rooms/{room}/rules/attributes", read_attributes, action="room.set_rules"),
    route("POST", "/api/v1/rooms/{room}/rules/preview", preview_rules, action="room.set_rules"),
    route("PUT", "/api/v1/rooms/{room}/rules", set_rules, action="room.set_rules"),
]
