# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms of departments: who belongs to the department belongs to its rooms, and nobody else."""

from sqlmodel import col, select

from fachwerk.core import directory
from fachwerk.kernel.db import Work

from . import service
from .model import Member, Role, Room
from .policy import least_label


async def found_department_room(
    work: Work, department_id: str, name: str, topic: str, *, by: str, room_id: str | None = None
) -> Room:
    """Make the room of a department, with those in it who belong to the department already.

    room_id: that of a room which the department had before gives it back, with what was said there.
    """
    room = await work.db.get(Room, room_id) if room_id else None
    if room is None:
        room = Room(
            id=room_id or work.ids(),
            kind="department",
            name=name,
            topic=topic,
            label=await least_label(work, department_id),
            department_id=department_id,
            created_by=by,
            created_ms=work.now_ms,
        )
        await service.keep(work, room)
    elif room.department_id != department_id:
        room.department_id = department_id
        work.db.add(room)
        service.give_name(work, room, name, room.topic)
        await work.db.flush()
    for person_id, lead in await directory.members_of(work, department_id):
        await _take_in(work, room, person_id, _role(lead=lead))
    return room


async def close_department_room(work: Work, room_id: str) -> None:
    """Let a room belong to no department and nobody any more. What was said stays, for whoever has to keep records."""
    room = await work.db.get(Room, room_id)
    if room is None or room.department_id is None:
        return
    for member in await service.members(work, room_id):
        await service.dissolve_place(work, room, member.person_id)
    room.department_id = None
    work.db.add(room)
    await work.db.flush()


async def department_rooms(work: Work) -> dict[str, str]:
    """The room that each department has of its own, by the department's id; of several the oldest."""
    chosen = select(Room.department_id, Room.id).where(Room.kind == "department").order_by(col(Room.id).desc())
    return {department_id: room_id for department_id, room_id in await work.db.exec(chosen) if department_id}


def _role(*, lead: bool) -> Role:
    return "moderator" if lead else "member"


async def on_department_joined(work: Work, event: directory.DepartmentJoined) -> None:
    """Put a member of a department into its rooms, as a moderator who leads it. Owners stay owners."""
    role = _role(lead=event.lead)
    for room in await _rooms(work, event.department_id):
        await _take_in(work, room, event.person_id, role)


async def _take_in(work: Work, room: Room, person_id: str, role: Role) -> None:
    member = await work.db.get(Member, (room.id, person_id))
    if member is None or member.membership != "joined":
        await service.put_in(work, room, person_id, role)
    elif member.role != "owner":
        service.give_role(work, room, member, role)


async def on_department_left(work: Work, event: directory.DepartmentLeft) -> None:
    """Take a former member of a department out of its rooms."""
    for room in await _rooms(work, event.department_id):
        await service.dissolve_place(work, room, event.person_id)


async def on_department_renamed(work: Work, event: directory.DepartmentRenamed) -> None:
    """Rename its rooms that bear the former name; what somebody gave another one keeps it."""
    for room in await _rooms(work, event.department_id):
        if room.name == event.before:
            service.give_name(work, room, event.name, room.topic)


async def _rooms(work: Work, department_id: str) -> list[Room]:
    found = await work.db.exec(select(Room).where(Room.department_id == department_id, Room.kind == "department"))
    return list(found)
