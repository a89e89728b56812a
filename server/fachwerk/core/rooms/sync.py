# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of rooms, and how each event changes that."""

import msgspec
from sqlmodel import col, select

from fachwerk.kernel.db import Work
from fachwerk.kernel.events import AudienceRow
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor, Facts
from fachwerk.kernel.wire import Wire

from . import events
from .events import MemberRow, RoomRow
from .model import Member, Room
from .rules import facts_of
from .service import audience_of, members, row


class RoomList(Wire):
    """All rooms of a person, invitations included."""

    items: list[RoomRow]


class MemberList(Wire):
    """Everybody in a room, and who is invited."""

    members: list[MemberRow]


async def room_rows(work: Work, person_id: str) -> list[RoomRow]:
    """The person's list, in order of id (which is the order of making). One query."""
    found = await work.db.exec(
        select(Room, Member, AudienceRow)
        .join(Member, col(Member.room_id) == Room.id)
        .join(AudienceRow, col(AudienceRow.name) == "room:" + col(Room.id))
        .where(Member.person_id == person_id, col(Member.membership) != "left")
        .order_by(Room.id)
    )
    return [row(room, member, stand.seq, stand.posts) for room, member, stand in found]


async def joined_audiences(work: Work, actor: Actor) -> dict[str, Facts]:
    """The audiences of all rooms that the person has joined. One query."""
    found = await work.db.exec(
        select(Room, Member)
        .join(Member, col(Member.room_id) == Room.id)
        .where(Member.person_id == actor.id, col(Member.membership) == "joined")
    )
    return {audience_of(room.id): facts_of(room, member) for room, member in found}


async def load_list(work: Work, actor: Actor, person_id: str) -> RoomList:  # noqa: ARG001 -- the shape of a snapshot
    """Snapshot of a person's room list."""
    return RoomList(items=await room_rows(work, person_id))


def apply_list(state: RoomList, received: Received) -> RoomList:
    """How the list changes."""
    rooms = {room.id: room for room in state.items}
    room_id = received.audience.removeprefix("room:")
    match received.event:
        case events.RoomOpened(room=room):
            rooms[room.id] = room
        case events.RoomGone(room_id=gone):
            rooms.pop(gone, None)
        case events.Read(room_id=read, read_seq=seq, read_posts=posts) if read in rooms:
            rooms[read] = msgspec.structs.replace(rooms[read], read_seq=seq, read_posts=posts)
        case events.RoomShown(room_id=shown, name=name, topic=topic, label=label, open=open_) if shown in rooms:
            rooms[shown] = msgspec.structs.replace(rooms[shown], name=name, topic=topic, label=label, open=open_)
        case events.RoomLabelled(label=label, open=open_) if room_id in rooms:
            rooms[room_id] = msgspec.structs.replace(rooms[room_id], label=label, open=open_)
        case events.RoomChanged(name=name, topic=topic) if room_id in rooms:
            rooms[room_id] = msgspec.structs.replace(rooms[room_id], name=name, topic=topic)
    if received.seq and room_id in rooms and received.seq > rooms[room_id].seq:
        rooms[room_id] = msgspec.structs.replace(rooms[room_id], seq=received.seq, posts=received.posts)
    return RoomList(items=sorted(rooms.values(), key=lambda room: room.id))


async def load_members(work: Work, actor: Actor, room_id: str) -> MemberList:  # noqa: ARG001 -- as above
    """Snapshot of who is in a room."""
    return MemberList(members=await members(work, room_id))


def apply_members(state: MemberList, received: Received) -> MemberList:
    """How the members change."""
    members = {member.person_id: member for member in state.members}
    match received.event:
        case events.MemberJoined(person_id=who, role=role, until=until, by_rule=rule):
            members[who] = MemberRow(person_id=who, role=role, membership="joined", until=until, by_rule=rule)
        case events.MemberInvited(person_id=who, role=role, until=until):
            members[who] = MemberRow(person_id=who, role=role, membership="invited", until=until)
        case events.RoleChanged(person_id=who, role=role) if who in members:
            members[who] = msgspec.structs.replace(members[who], role=role, by_rule=False)
        case events.EndChanged(person_id=who, until=until) if who in members:
            members[who] = msgspec.structs.replace(members[who], until=until)
        case events.MemberLeft(person_id=who) | events.MemberRemoved(person_id=who):
            members.pop(who, None)
    return MemberList(members=sorted(members.values(), key=lambda member: member.person_id))


SNAPSHOTS = {
    "user": Snapshot(load=load_list, apply=apply_list),
    "room": Snapshot(load=load_members, apply=apply_members),
}
