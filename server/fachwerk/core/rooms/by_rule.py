# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Members by rule: who is meant by a rule of a room is in it, and goes when no rule means them any more.

Who came in another way stays, whatever the rules say.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlmodel import col, func, select

from fachwerk.core import directory
from fachwerk.core.identity import PersonAttribute, fold
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Actor, Policy

from . import matching, service
from .about_rules import Means, require_own_business
from .events import MemberLeft
from .model import WHOLE_HOUSE, Member, Room, RoomRule
from .service import MEMBERS_PER_ROOM, TooManyMembers


class MovesMany(Conflict):
    """Many people would come or go. coming, going: how many. The same question, confirmed, is answered."""

    slug, title = "moves-many", "Many people would come or go"


class Moves(NamedTuple):
    """How many people would come into a room, and how many would go.

    step: told in steps of this, rounded down, where rules ask for attributes: a question that leaves no trace in the
    room must not tell what a single person has.
    """

    coming: int
    going: int
    step: int = 1


async def rules_of(work: Work, room_id: str) -> list[RoomRule]:
    """The rules of a room, in the order in which they were made."""
    return list(await work.db.exec(select(RoomRule).where(RoomRule.room_id == room_id).order_by(RoomRule.id)))


async def preview(
    work: Work,
    policy: Policy,
    actor: Actor,
    room_id: str,
    wanted: Collection[Means],
    *,
    attributes: Sequence[PersonAttribute] = (),
) -> Moves:
    """What would come of these rules; nothing is changed. Who asks about attributes is in the audit trail."""
    room = (await service.allowed_place(work, policy, actor, "room.set_rules", room_id)).room
    trying = await work.db.begin_nested()
    added, removed = await _write(work, policy, actor, room, wanted, attributes)
    coming, going = await matching.coming(work, room_id), await matching.going(work, room_id)
    await trying.rollback()
    for one in added:
        if one.attribute:
            work.audit(actor.id, "room.try_rule", room_id, **_noted(one))
    return _told(coming, going, (*wanted, *removed))


async def set_rules(
    work: Work,
    policy: Policy,
    actor: Actor,
    room_id: str,
    wanted: Collection[Means],
    *,
    unasked: int,
    attributes: Sequence[PersonAttribute] = (),
) -> Moves:
    """Make the rules of a room these, and its members what they say. unasked: how many may come or go at most.

    attributes: those that rules may be about. New ones may only be about what the actor may rule on
    (`require_own_business`). Raises MovesMany, TooManyMembers.
    """
    room = (await service.allowed_place(work, policy, actor, "room.set_rules", room_id)).room
    await service.hold(work, room_id)
    added, removed = await _write(work, policy, actor, room, wanted, attributes)
    # who comes into these departments or leaves them at this moment is waited for, and waits for us
    await directory.hold(work, await matching.covered(work, room_id))
    coming, going = await matching.coming(work, room_id), await matching.going(work, room_id)
    if len(coming) + len(going) > unasked:
        told = _told(coming, going, (*wanted, *removed))
        raise MovesMany(coming=told.coming, going=told.going)
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
    """Without the value: it might say what nobody shall read of somebody for ever."""
    scope, people = "below" if one.below else "itself", "leading" if one.leading else "all"
    where = (
        {"scope": "house"} if one.department_id == WHOLE_HOUSE else {"department": one.department_id, "scope": scope}
    )
    return where | {"people": people} | ({"attribute": one.attribute} if one.attribute else {})


def _told(coming: Sequence[str], going: Sequence[str], about: Collection[Means]) -> Moves:
    step = directory.FEW if any(one.attribute for one in about) else 1
    return Moves(len(coming) // step * step, len(going) // step * step, step)


async def _write(
    work: Work,
    policy: Policy,
    actor: Actor,
    room: Room,
    wanted: Collection[Means],
    attributes: Sequence[PersonAttribute],
) -> tuple[Sequence[Means], Sequence[Means]]:
    """Returns the rules that are new, and those that are no more."""
    there = {Means.of(one): one for one in await rules_of(work, room.id)}
    added = [one for one in dict.fromkeys(wanted) if one not in there]
    removed = [one for one in there if one not in set(wanted)]
    await require_own_business(work, policy, actor, added, attributes)
    for one in removed:
        await work.db.delete(there[one])
    for one in added:
        work.db.add(RoomRule(id=work.ids(), room_id=room.id, value_key=fold(one.value), **one._asdict()))
    await work.db.flush()
    return added, removed


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


async def on_attributes_changed(work: Work, event: directory.AttributesChanged) -> None:
    """Renew the rooms of somebody who has other attributes now."""
    await renew_person(work, event.person_id)


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
