# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Starting, joining and ending calls, and knowing who is inside."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from fachwerk.core import identity, rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import events
from .events import Call
from .model import CallRow, Participant
from .rules import CallOver, RemovedFromCall


async def start(work: Work, policy: Policy, actor: Actor, room_id: str) -> Call:
    """Start a call, or find the one that runs."""
    policy.require(actor, "call.start", await rooms.facts(work, actor, room_id))
    existing = await running(work, room_id)
    if existing:
        return await wire(work, existing)
    row = CallRow(id=work.ids(), room_id=room_id, started_by=actor.id, started_ms=work.now_ms)
    try:
        async with work.db.begin_nested():
            work.db.add(row)
    except IntegrityError:  # somebody else was faster
        other = await running(work, room_id)
        if other is None:
            raise
        return await wire(work, other)
    call = await wire(work, row)
    audience = rooms.audience_of(room_id)
    work.emit(audience, events.CallStarted(call=call))
    work.signal(audience, events.CallRunning(room_id=room_id, running=True), wide=True)
    return call


async def require_entry(work: Work, policy: Policy, actor: Actor, call_id: str) -> None:
    """Check that somebody may come in. Raises CallOver, RemovedFromCall or as the policy does."""
    row = await allowed(work, policy, actor, "call.join", call_id)
    if row.ended_ms is not None:
        raise CallOver
    place = await work.db.get(Participant, (row.id, actor.id))
    if place and place.barred:
        raise RemovedFromCall


async def bar(work: Work, policy: Policy, actor: Actor, call_id: str, person_id: str) -> None:
    """Keep somebody out for the rest of the call; the caller cuts the connection."""
    row = await allowed(work, policy, actor, "call.kick", call_id)
    place = await work.db.get(Participant, (row.id, person_id))
    if place is None:
        raise NotFound
    place.barred = True
    work.db.add(place)
    work.audit(actor.id, "call.kick", row.id, person=person_id)
    await note_left(work, row.id, person_id)


async def note_joined(work: Work, policy: Policy, call_id: str, person_id: str) -> bool:
    """The media server says that somebody is inside. Returns whether they may be; if not, the caller cuts them off.

    A token outlives what it was given for: the call, the place in the room, the person's account.
    """
    row = await work.db.get(CallRow, call_id)
    if row is None or row.ended_ms is not None:
        return False
    place = await work.db.get(Participant, (call_id, person_id))
    if place is None:
        place = Participant(call_id=call_id, person_id=person_id, inside=False)
    if place.barred or not await _may_join(work, policy, row, person_id):
        return False
    if not place.inside:
        place.inside = True
        work.db.add(place)
        work.emit(rooms.audience_of(row.room_id), events.CallJoined(call_id=call_id, person_id=person_id))
    return True


async def _may_join(work: Work, policy: Policy, row: CallRow, person_id: str) -> bool:
    person = await identity.person(work, person_id)
    if person is None or not person.active:
        return False
    actor = Actor(id=person_id)
    return policy.allows(actor, "call.join", await rooms.facts(work, actor, row.room_id))


async def note_left(work: Work, call_id: str, person_id: str) -> None:
    """The media server says that somebody is gone. The last one ends the call."""
    place = await work.db.get(Participant, (call_id, person_id))
    row = await work.db.get(CallRow, call_id)
    if place is None or row is None or not place.inside:
        return
    place.inside = False
    work.db.add(place)
    work.emit(rooms.audience_of(row.room_id), events.CallLeft(call_id=call_id, person_id=person_id))
    await work.db.flush()
    if not await people_inside(work, [call_id]):
        await note_ended(work, call_id)


async def note_ended(work: Work, call_id: str) -> None:
    """It is over. Ending twice changes nothing."""
    row = await work.db.get(CallRow, call_id)
    if row is None or row.ended_ms is not None:
        return
    row.ended_ms = work.now_ms
    work.db.add(row)
    audience = rooms.audience_of(row.room_id)
    work.emit(audience, events.CallEnded(call_id=call_id))
    work.signal(audience, events.CallRunning(room_id=row.room_id, running=False), wide=True)


async def allowed(work: Work, policy: Policy, actor: Actor, action: str, call_id: str) -> CallRow:
    """Find a call with which the actor may do this. Raises as the policy does."""
    row = await work.db.get(CallRow, call_id)
    if row is None:
        raise NotFound
    room = await rooms.facts(work, actor, row.room_id)
    policy.require(actor, action, Facts(role=room.role, kind=room.kind, label=room.label, author_id=row.started_by))
    return row


async def running(work: Work, room_id: str) -> CallRow | None:
    """The call that runs in a room."""
    wanted = select(CallRow).where(CallRow.room_id == room_id, col(CallRow.ended_ms).is_(None))
    return (await work.db.exec(wanted)).first()


async def people_inside(work: Work, call_ids: list[str]) -> dict[str, list[str]]:
    """Who is inside, by call; calls with nobody are left out."""
    found = await work.db.exec(
        select(Participant)
        .where(col(Participant.call_id).in_(call_ids), col(Participant.inside).is_(True))
        .order_by(Participant.person_id)
    )
    inside: dict[str, list[str]] = {}
    for place in found:
        inside.setdefault(place.call_id, []).append(place.person_id)
    return inside


async def calls_of(work: Work, person_id: str) -> list[str]:
    """The calls that somebody is in."""
    inside = (col(Participant.person_id) == person_id) & col(Participant.inside).is_(True)
    return list((await work.db.exec(select(Participant.call_id).where(inside))).all())


async def wire(work: Work, row: CallRow) -> Call:
    """A call as clients see it."""
    return Call(
        id=row.id,
        room_id=row.room_id,
        started_at=rfc3339(row.started_ms),
        started_by=row.started_by,
        person_ids=(await people_inside(work, [row.id])).get(row.id, []),
    )
