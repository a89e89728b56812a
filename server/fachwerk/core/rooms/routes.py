# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms over HTTP."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from sqlmodel import col, func, select

from fachwerk.core import directory, policies
from fachwerk.core.sync import Socket
from fachwerk.kernel.errors import FieldError, Invalid
from fachwerk.kernel.events import AudienceRow
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import SESSION, command, route
from fachwerk.kernel.policy import Facts
from fachwerk.kernel.wire import Body, Frame, Id, Query, Wire

from . import ends, labels, service
from .events import RoomRow
from .model import Label, Member, Role, Room
from .settings import RoomSettings
from .sync import RoomList, room_rows

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
Topic = Annotated[str, msgspec.Meta(max_length=300)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
PEOPLE_PER_CALL = 100
OPEN_ROOMS = 100
"""Rooms listed at once for joining."""


class NewRoom(Body):
    """A room to make; the people are invited. label: None for the most open one that its department allows."""

    name: Name
    topic: Topic = ""
    open: bool = False
    label: Label | None = None
    department_id: Id | None = None
    person_ids: Annotated[list[Id], msgspec.Meta(max_length=PEOPLE_PER_CALL)] = []


class NewDirect(Body):
    """Whom to talk to."""

    person_id: Id


class RoomPatch(Body):
    """What is to change."""

    name: Name | None = None
    topic: Topic | None = None


class NewLabel(Body):
    """How far what is said may go."""

    label: Label


class NewMember(Body):
    """Whom to invite. until: when their place ends by itself, and the invitation before it."""

    person_id: Id
    until: Moment | None = None


class NewEnd(Body):
    """When a place ends by itself; None for not at all."""

    until: Moment | None


class NewRole(Body):
    """What a member is to be."""

    role: Role


class ReadUpTo(Body):
    """The last event that was seen."""

    seq: Seq


class Search(Query):
    """Part of a name."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""


class ByIds(Query):
    """Whose names are wanted."""

    id: Annotated[list[Id], msgspec.Meta(max_length=PEOPLE_PER_CALL)]


class OpenRoom(Wire):
    """A room that one may walk into."""

    id: str
    name: str
    topic: str
    department_id: str | None
    members: int


class OpenRooms(Wire):
    """Rooms to join."""

    items: list[OpenRoom]


class RoomState(Wire):
    """Everything a client shows of a room, exact at `seq`: apply the events after it.

    allowed: what one may do here. allowed_own: what one may do with what one made. state: by module.
    """

    room: RoomRow
    seq: int
    allowed: list[str]
    allowed_own: list[str]
    state: dict[str, Any]


async def list_rooms(call: Call) -> RoomList:
    """All my rooms and invitations."""
    return RoomList(items=await room_rows(call.work, call.actor.id))


async def list_open(call: Call, query: Search) -> OpenRooms:
    """Open rooms of my departments that I am not in."""
    mine = select(Member.room_id).where(Member.person_id == call.actor.id, col(Member.membership) != "left")
    wanted = (
        select(Room, func.count(col(Member.person_id)))
        .join(Member, (col(Member.room_id) == Room.id) & (col(Member.membership) == "joined"), isouter=True)
        .where(col(Room.open).is_(True), col(Room.department_id).in_(call.actor.departments))
        .where(col(Room.id).not_in(mine), func.lower(Room.name).contains(query.q.lower(), autoescape=True))
        .group_by(col(Room.id))
        .order_by(Room.name)
        .limit(OPEN_ROOMS)
    )
    return OpenRooms(
        items=[
            OpenRoom(id=r.id, name=r.name, topic=r.topic, department_id=r.department_id, members=count)
            for r, count in await call.work.db.exec(wanted)
        ]
    )


async def create(call: Call, body: NewRoom) -> RoomRow:
    """Make a room."""
    room = await service.create(
        call.work,
        call.policy,
        call.actor,
        name=body.name.strip(),
        topic=body.topic.strip(),
        open_=body.open,
        department_id=body.department_id,
        person_ids=body.person_ids,
    )
    label = body.label or room.label
    if room.open and label == "confidential":
        raise Invalid(errors=(FieldError("/open", "nobody walks into a confidential room"),))
    await labels.set_label(call.work, call.policy, call.actor, room.id, label)
    return await _row(call, room.id)


async def open_direct(call: Call, body: NewDirect) -> RoomRow:
    """Find or make the room with one other person."""
    room = await service.open_direct(call.work, call.policy, call.actor, body.person_id)
    return await _row(call, room.id)


async def change(call: Call, body: RoomPatch) -> RoomRow:
    """Rename a room or give it another topic."""
    await service.rename(call.work, call.policy, call.actor, call.id("room"), body.name, body.topic)
    return await _row(call, call.id("room"))


async def set_label(call: Call, body: NewLabel) -> RoomRow:
    """Label a room. One that is shared with other ministries stays open."""
    await labels.set_label(call.work, call.policy, call.actor, call.id("room"), body.label)
    return await _row(call, call.id("room"))


async def read_policies(call: Call) -> policies.PolicyRulings:
    """What holds in a room."""
    here = await service.allowed_place(call.work, call.policy, call.actor, "room.read", call.id("room"))
    known = policies.known(call.context.modules)
    return policies.rulings(await policies.at(call.work, here.room.department_id), known)


async def join(call: Call) -> RoomRow:
    """Join a room."""
    await service.join(call.work, call.policy, call.actor, call.id("room"))
    return await _row(call, call.id("room"))


async def leave(call: Call) -> None:
    """Leave a room, or decline an invitation."""
    await service.leave(call.work, call.policy, call.actor, call.id("room"))


async def invite(call: Call, body: NewMember) -> None:
    """Invite somebody."""
    until_ms = ends.end_ms(call.port(RoomSettings), body.until, call.work.now_ms)
    await service.invite(call.work, call.policy, call.actor, call.id("room"), body.person_id, until_ms)


async def remove(call: Call) -> None:
    """Take somebody out."""
    await service.remove(call.work, call.policy, call.actor, call.id("room"), call.id("person"))


async def set_end(call: Call, body: NewEnd) -> None:
    """Let somebody's place end by itself, or no longer."""
    until_ms = ends.end_ms(call.port(RoomSettings), body.until, call.work.now_ms)
    await ends.set_end(call.work, call.policy, call.actor, call.id("room"), call.id("person"), until_ms)


async def set_role(call: Call, body: NewRole) -> None:
    """Give somebody another role."""
    await service.set_role(call.work, call.policy, call.actor, call.id("room"), call.id("person"), body.role)


async def mark_read(call: Call, body: ReadUpTo) -> None:
    """Move my marker."""
    await service.mark_read(call.work, call.policy, call.actor, call.id("room"), body.seq)


async def state(call: Call) -> RoomState:
    """Read all that a client shows of a room."""
    room_id = call.id("room")
    here = await service.allowed_place(call.work, call.policy, call.actor, "room.read", room_id)
    assert here.member
    standing = await call.work.db.get(AudienceRow, service.audience_of(room_id))
    assert standing, "a room's first event is the joining of its maker"
    own = Facts(role=here.facts.role, kind=here.facts.kind, label=here.facts.label, author_id=call.actor.id)
    parts = {
        module.name: await snapshot.load(call.work, call.actor, room_id)
        for module in call.context.modules
        if (snapshot := module.snapshots.get("room"))
    }
    return RoomState(
        room=service.row(here.room, here.member, standing.seq, standing.posts),
        seq=standing.seq,
        allowed=call.policy.allowed(call.actor, here.facts),
        allowed_own=call.policy.allowed(call.actor, own),
        state=parts,
    )


async def people_by_id(call: Call, query: ByIds) -> directory.People:
    """Names of people whom I may see or with whom I share a room; others are left out."""
    shared = select(Member.person_id).where(
        col(Member.person_id).in_(query.id),
        col(Member.room_id).in_(
            select(Member.room_id).where(Member.person_id == call.actor.id, col(Member.membership) == "joined")
        ),
    )
    known = set((await call.work.db.exec(shared)).all())
    return await directory.people_by_id(call.work, call.actor, query.id, also=known)


async def _row(call: Call, room_id: str) -> RoomRow:
    """Read the room's row with the numbers that it will have after this call."""
    await call.work.settle()
    here = await service.place(call.work, call.actor.id, room_id)
    assert here.member
    standing = await call.work.db.get(AudienceRow, service.audience_of(room_id), populate_existing=True)
    assert standing
    return service.row(here.room, here.member, standing.seq, standing.posts)


class MarkRead(Frame, tag="read"):
    """Move my marker in a room."""

    room: Id
    seq: Seq


async def mark_read_command(socket: Socket, frame: MarkRead) -> None:
    """Move my marker."""
    async with socket.context.database.work() as work:
        await service.mark_read(work, socket.context.policy, socket.actor, frame.room, frame.seq)


ROUTES = [
    route("GET", "/api/v1/rooms", list_rooms, action=SESSION),
    route("GET", "/api/v1/rooms/open", list_open, action="room.browse"),
    route("POST", "/api/v1/rooms", create, action="room.create", status=201),
    route("POST", "/api/v1/direct", open_direct, action="room.create"),
    route("PATCH", "/api/v1/rooms/{room}", change, action="room.rename"),
    route("PUT", "/api/v1/rooms/{room}/label", set_label, action="room.label"),
    route("GET", "/api/v1/rooms/{room}/policies", read_policies, action="room.read"),
    route("POST", "/api/v1/rooms/{room}/join", join, action="room.join"),
    route("POST", "/api/v1/rooms/{room}/leave", leave, action="room.leave"),
    route("POST", "/api/v1/rooms/{room}/members", invite, action="room.invite"),
    route("PUT", "/api/v1/rooms/{room}/members/{person}", set_role, action="member.set_role"),
    route("PUT", "/api/v1/rooms/{room}/members/{person}/end", set_end, action="member.set_end"),
    route("DELETE", "/api/v1/rooms/{room}/members/{person}", remove, action="member.remove"),
    route("PUT", "/api/v1/rooms/{room}/read", mark_read, action="room.read"),
    route("GET", "/api/v1/rooms/{room}/state", state, action="room.read"),
    route("GET", "/api/v1/people/by-id", people_by_id, action=SESSION),
]
COMMANDS = [command(mark_read_command, action="room.read")]
