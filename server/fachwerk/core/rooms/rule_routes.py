# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rules of a room over HTTP: whom it takes in by itself."""

from typing import Annotated

import msgspec

from fachwerk.core import directory
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route
from fachwerk.kernel.wire import Body, Id, Wire

from . import by_rule, service
from .by_rule import Means, Moves
from .settings import RoomSettings

RULES_PER_ROOM = 20
EVERYBODY = 1 << 31
"""More people than there are."""


class NewRule(Body):
    """Everybody of a department. below: and of all below it. leading: only those who lead it or are deputy."""

    department_id: Id
    below: bool = False
    leading: bool = False


class NewRules(Body):
    """All rules that a room is to have. confirmed: though many people come or go."""

    rules: Annotated[list[NewRule], msgspec.Meta(max_length=RULES_PER_ROOM)]
    confirmed: bool = False


class RoomRuleRow(Wire):
    """A rule as those see it who may change it. department: its name; None if it has ended."""

    department_id: str
    department: str | None
    below: bool
    leading: bool


class RoomRules(Wire):
    """The rules of a room. unasked: how many people may come or go without a confirmation."""

    items: list[RoomRuleRow]
    unasked: int


class RulesPreview(Wire):
    """How many people would come into the room, and how many would go."""

    coming: int
    going: int


async def read_rules(call: Call) -> RoomRules:
    """Whom a room takes in by itself."""
    await service.allowed_place(call.work, call.policy, call.actor, "room.set_rules", call.id("room"))
    return await _rules(call)


async def preview_rules(call: Call, body: NewRules) -> RulesPreview:
    """What would come of these rules."""
    return _moved(await by_rule.preview(call.work, call.policy, call.actor, call.id("room"), _meant(body)))


async def set_rules(call: Call, body: NewRules) -> RoomRules:
    """Make the rules of a room these, and its members what they say."""
    unasked = EVERYBODY if body.confirmed else call.port(RoomSettings).rule_moves_unasked
    await by_rule.set_rules(call.work, call.policy, call.actor, call.id("room"), _meant(body), unasked=unasked)
    return await _rules(call)


def _meant(body: NewRules) -> list[Means]:
    return [Means(one.department_id, one.below, one.leading) for one in body.rules]


def _moved(moves: Moves) -> RulesPreview:
    return RulesPreview(coming=moves.coming, going=moves.going)


async def _rules(call: Call) -> RoomRules:
    rules = await by_rule.rules_of(call.work, call.id("room"))
    names = await directory.department_names(call.work, {one.department_id for one in rules})
    rows = [
        RoomRuleRow(
            department_id=one.department_id,
            department=names.get(one.department_id),
            below=one.below,
            leading=one.leading,
        )
        for one in rules
    ]
    return RoomRules(items=rows, unasked=call.port(RoomSettings).rule_moves_unasked)


ROUTES = [
    route("GET", "/api/v1/rooms/{room}/rules", read_rules, action="room.set_rules"),
    route("POST", "/api/v1/rooms/{room}/rules/preview", preview_rules, action="room.set_rules"),
    route("PUT", "/api/v1/rooms/{room}/rules", set_rules, action="room.set_rules"),
]
