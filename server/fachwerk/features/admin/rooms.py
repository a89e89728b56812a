# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms as administrators look after them: from outside. Nothing here opens one, to themselves least of all."""

from datetime import UTC, datetime

from fachwerk.core import directory, rooms
from fachwerk.core.rooms import LEAST_LABEL, Label, Room, Wanted
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from .rules import LabelWidens, NoHeir, RoomIsLed
from .wire import PAGE, Heir, RoomLine, RoomPage, RoomSearch

UNUSED_MS = 180 * 86_400_000
"""What was not used for so long is worth asking about."""
CROWD = 3
"""In a room of fewer, the day of its last use would say when one of them worked."""


async def page(work: Work, policy: Policy, actor: Actor, search: RoomSearch) -> RoomPage:
    """A page of rooms, the newest first. Five queries at most."""
    reach = policy.reach(actor, "admin.list")
    unused_ms = work.now_ms - UNUSED_MS if search.unused else None
    wanted = Wanted(search.q.strip(), search.department, search.kind, search.label, search.unled, unused_ms, reach)
    found = await rooms.roll(work, wanted, search.cursor, PAGE + 1)
    shown = found[:PAGE]
    ids = [room.id for room in shown]
    members, leaders = await rooms.headcounts(work, ids), await rooms.leaders(work, ids)
    used = await rooms.last_uses(work, ids)
    items = [_line(room, members.get(room.id, 0), leaders.get(room.id, []), used.get(room.id)) for room in shown]
    return RoomPage(items=items, next=shown[-1].id if len(found) > PAGE else None)


def _line(room: Room, members: int, leaders: list[str], used_ms: int | None) -> RoomLine:
    return RoomLine(
        id=room.id,
        kind=room.kind,
        name=room.name,
        label=room.label,
        department_id=room.department_id,
        members=members,
        leaders=leaders,
        used_on=_day(used_ms or room.created_ms) if members >= CROWD else None,
    )


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


async def heirs(work: Work, policy: Policy, actor: Actor, room_id: str, text: str) -> list[Heir]:
    """Who may be made the owner of a room that nobody looks after; the first of them by name."""
    room = await _allowed(work, policy, actor, "admin.hand_over_room", room_id)
    await _require_unled(work, room)
    found = await rooms.heirs(work, room, text, PAGE)
    return [Heir(id=who.id, name=who.name) for who in found if who.id != actor.id]


async def hand_over(work: Work, policy: Policy, actor: Actor, room_id: str, person_id: str) -> None:
    """Make somebody the owner of a room that nobody looks after. Raises RoomIsLed, NoHeir."""
    room = await _allowed(work, policy, actor, "admin.hand_over_room", room_id)
    await _require_unled(work, room)
    room = await rooms.held(work, room.id)
    if person_id == actor.id or await rooms.heir(work, room, person_id) is None:
        raise NoHeir
    work.audit(actor.id, "room.hand_over", room.id, person=person_id)
    await rooms.make_owner(work, room, person_id)


async def narrow(work: Work, policy: Policy, actor: Actor, room_id: str, label: Label) -> None:
    """Give a room a label that is no more open than the one it has. Raises LabelWidens."""
    room = await _allowed(work, policy, actor, "admin.label_room", room_id)
    if LEAST_LABEL.is_wider(label, room.label):
        raise LabelWidens(label=room.label)
    await rooms.relabel(work, policy, actor.id, room.id, label)


async def _allowed(work: Work, policy: Policy, actor: Actor, action: str, room_id: str) -> Room:
    """A room with which the actor may do this.

    A room that is not there refuses like one of a department that they do not administer.
    """
    room = await rooms.listed(work, room_id)
    within = await directory.within(work, actor, room.department_id) if room else frozenset()
    policy.require(actor, action, Facts(within=within))
    if room is None:
        raise NotFound
    return room


async def _require_unled(work: Work, room: Room) -> None:
    if (await rooms.leaders(work, [room.id])).get(room.id):
        raise RoomIsLed
