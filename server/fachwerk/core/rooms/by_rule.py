# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Members by rule: who is meant by a rule of a room is in it, and goes when no rule means them any more.

Who came in another way stays, whatever the rules say.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlmodel import col, func, select

from fachwerk.core import directory
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict, FieldError, Invalid
from fachwerk.kernel.policy import Actor, Policy

from . import matching, service
from .events import MemberLeft
from .model import Member, Room, RoomRule
from .service import MEMBERS_PER_ROOM, TooManyMembers


class MovesMany(Conflict):
    """Many people would come or go. coming, going: how many. The same question, confirmed, is answered."""

    slug, title = "moves-many", "Many people would come or go"


class Means(NamedTuple):
    """Whom a rule means: everybody of a department. below: and of all below it. leading: its lead and deputies only."""

    department_id: str
    below: bool
    leading: bool


class Moves(NamedTuple):
    """How many people would come into a room, and how many would go."""

    coming: int
    going: int


async def rules_of(work: Work, room_id: str) -> list[RoomRule]:
    """The rules of a room, in the order in which they were made."""
    return list(await work.db.exec(select(RoomRule).where(RoomRule.room_id == room_id).order_by(RoomRule.id)))


async def preview(work: Work, policy: Policy, actor: Actor, room_id: str, wanted: Collection[Means]) -> Moves:
    """What would come of these rules; nothing is changed."""
    room = (await service.allowed_place(work, policy, actor, "room.set_rules", room_id)).room
    trying = await work.db.begin_nested()
    await _write(work, actor, room, wanted)
    moves = Moves(len(await matching.coming(work, room_id)), len(await matching.going(work, room_id)))
    await trying.rollback()
    return moves


async def set_rules(
    work: Work, policy: Policy, actor: Actor, room_id: str, wanted: Collection[Means], *, unasked: int
) -> Moves:
    """Make the rules of a room these, and its members what they say. unasked: how many may come or go at most.

    New ones may only be about departments that the actor sees. Raises MovesMany, TooManyMembers.
    """
    room = (await service.allowed_place(work, policy, actor, "room.set_rules", room_id)).room
    await service.hold(work, room_id)
    added, removed = await _write(work, actor, room, wanted)
    # who comes into these departments or leaves them at this moment is waited for, and waits for us
    await directory.hold(work, await matching.covered(work, room_id))
    coming, going = await matching.coming(work, room_id), await matching.going(work, room_id)
    if len(coming) + len(going) > unasked:
        raise MovesMany(coming=len(coming), going=len(going))
    places = select(func.count()).where(Member.room_id == room_id, col(Member.membership) == "joined")
    if (await work.db.exec(places)).one() + len(coming) - len(going) > MEMBERS_PER_ROOM:
        raise TooManyMembers(limit=MEMBERS_PER_ROOM)
    for one in added:
        work.audit(actor.id, "room.add_rule", room_id, **_noted(one))
    for one in removed:
        work.audit(actor.id, "room.remove_rule", room_id, **_noted(one))
    await _move(work, room, coming, going)
    return Moves(len(coming), len(going))


def _noted(one: Means) -> dict[str, str]:
    scope, people = "below" if one.below else "itself", "leading" if one.leading else "all"
    return {"department": one.department_id, "scope": scope, "people": people}


async def _write(
    work: Work, actor: Actor, room: Room, wanted: Collection[Means]
) -> tuple[Sequence[Means], Sequence[Means]]:
    """Returns the rules that are new, and those that are no more."""
    there = {Means(one.department_id, one.below, one.leading): one for one in await rules_of(work, room.id)}
    added = [one for one in dict.fromkeys(wanted) if one not in there]
    removed = [one for one in there if one not in set(wanted)]
    await _require_seen(work, actor, added)
    for one in removed:
        await work.db.delete(there[one])
    for one in added:
        work.db.add(RoomRule(id=work.ids(), room_id=room.id, **one._asdict()))
    await work.db.flush()
    return added, removed


async def _require_seen(work: Work, actor: Actor, added: Collection[Means]) -> None:
    """Raise Invalid for a rule about people of departments that are not shown to the actor."""
    seen = set(await directory.seen_departments(work, actor)) if added else set()
    for one in added:
        about = set(await directory.departments_below(work, one.department_id)) if one.below else set()
        if one.department_id not in seen or not about <= seen:
            raise Invalid(errors=(FieldError("/rules", "not only departments whose people you see"),))


async def renew_room(work: Work, room: Room) -> None:
    """Make the members by rule of a room what its rules say."""
    await _move(work, room, await matching.coming(work, room.id), await matching.going(work, room.id))


async def renew_person(work: Work, person_id: str) -> None:
    """Put somebody into the rooms whose rules mean them, and take them out of those whose rules no longer do.

    Two queries if nothing is to be done, however many rooms there are.
    """
    meant = await matching.rooms_of(work, person_id)
    held = await work.db.exec(
        select(Member).where(Member.person_id == person_id, col(Member.membership) == "joined")
        .where(col(Member.room_id).in_(meant) | col(Member.by_rule).is_(True))
    )  # fmt: skip
    members = {member.room_id: member for member in held}
    for room in await service.by_ids(work, meant):
        if room.id not in members:
            await service.put_in(work, room, person_id, room.joins_as, by_rule=True)
    for room_id, member in sorted(members.items()):
        if member.by_rule and room_id not in meant:
            service.take_out(work, member, MemberLeft(person_id=person_id))


async def on_department_moved(work: Work, event: directory.DepartmentMoved) -> None:
    """Renew the rooms whose rules are about all that is below a department, where something went or came from there."""
    for room in await service.by_ids(work, await matching.rooms_about(work, event.before, event.parent_id)):
        await renew_room(work, room)


async def _move(work: Work, room: Room, coming: Sequence[str], going: Sequence[str]) -> None:
    known = select(Member).where(Member.room_id == room.id, col(Member.person_id).in_((*coming, *going)))
    members = {member.person_id: member for member in await work.db.exec(known)} if coming or going else {}
    for person_id in going:
        service.take_out(work, members[person_id], MemberLeft(person_id=person_id))
    for person_id in coming:
        member = members.get(person_id) or service.new_member(work, room, person_id)
        await service.seat(work, room, member, room.joins_as, by_rule=True)
