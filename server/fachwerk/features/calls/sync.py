# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of calls, and how each event changes that."""

import msgspec
from sqlalchemy import text

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Wire

from . import events, service
from .events import Call


class RoomCall(Wire):
    """The call that runs in a room."""

    call: Call | None


class Running(Wire):
    """Rooms of a person in which a call runs."""

    room_ids: list[str]


_RUNNING = text(
    "SELECT c.room_id FROM call c JOIN member m ON m.room_id = c.room_id AND m.person_id = :person "
    "AND m.membership = 'joined' WHERE c.ended_ms IS NULL ORDER BY c.room_id"
)


async def load_room(work: Work, actor: Actor, room_id: str) -> RoomCall:  # noqa: ARG001 -- the shape of a snapshot
    """Snapshot of a room."""
    row = await service.running(work, room_id)
    return RoomCall(call=await service.wire(work, row) if row else None)


def apply_room(state: RoomCall, received: Received) -> RoomCall:
    """How the call changes."""
    call = state.call
    match received.event:
        case events.CallStarted(call=started):
            return RoomCall(call=started)
        case events.CallJoined(call_id=id_, person_id=who) if call and id_ == call.id:
            return RoomCall(call=msgspec.structs.replace(call, person_ids=sorted({*call.person_ids, who})))
        case events.CallLeft(call_id=id_, person_id=who) if call and id_ == call.id:
            rest = [one for one in call.person_ids if one != who]
            return RoomCall(call=msgspec.structs.replace(call, person_ids=rest))
        case events.CallEnded(call_id=id_) if call and id_ == call.id:
            return RoomCall(call=None)
    return state


async def load_user(work: Work, actor: Actor, person_id: str) -> Running:  # noqa: ARG001 -- as above
    """Snapshot of a person's list."""
    found = await (await work.db.connection()).execute(_RUNNING, {"person": person_id})
    return Running(room_ids=[room_id for (room_id,) in found])


def apply_user(state: Running, received: Received) -> Running:
    """How the list changes."""
    match received.event:
        case events.CallRunning(room_id=room_id, running=True):
            return Running(room_ids=sorted({*state.room_ids, room_id}))
        case events.CallRunning(room_id=room_id):
            return Running(room_ids=[one for one in state.room_ids if one != room_id])
    return state


SNAPSHOTS = {
    "user": Snapshot(load=load_user, apply=apply_user),
    "room": Snapshot(load=load_room, apply=apply_room),
}
