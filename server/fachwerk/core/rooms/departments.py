# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms of departments: who belongs to the department belongs to its rooms, and nobody else."""

from sqlmodel import col, select

from fachwerk.core import directory
from fachwerk.kernel.db import Work

from . import by_rule, service
from .model import ANNOUNCED_TO, Member, Role, Room
from .policy import least_label


async def found_department_room(
    work: Work, department_id: str, name: str, *, by: str, announces: bool = False, room_id: str | None = None
) -> Room:
    """Make a room of a department, with those in it who belong to the department already.

    name: the department's. announces: only those who lead it write there. room_id: that of a room which the department
    had before gives it back, with what was said there.
    """
    joins_as: Role = ANNOUNCED_TO if announces else "member"
    name = name_of(name, joins_as)
    room = await work.db.get(Room, room_id) if room_id else None
    if room is None:
        room = Room(
            id=room_id or work.ids(),
            kind="department",
            name=name,
            joins_as=joins_as,
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
    for person_id, held in await directory.members_of(work, department_id):
        await _take_in(work, room, person_id, held)
    return room


def name_of(department: str, joins_as: Role) -> str:
    """What a room of a department with this name is called."""
    return f"{department} – Ankündigungen" if joins_as == ANNOUNCED_TO else department


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


async def department_rooms(work: Work) -> tuple[dict[str, str], dict[str, str]]:
    """By department, (the room it has of its own, the one of its announcements); of several the oldest."""
    chosen = select(Room.department_id, Room.joins_as, Room.id).where(Room.kind == "department")
    own: dict[str, str] = {}
    announcements: dict[str, str] = {}
    for department_id, joins_as, room_id in await work.db.exec(chosen.order_by(col(Room.id).desc())):
        if department_id:
            (announcements if joins_as == ANNOUNCED_TO else own)[department_id] = room_id
    return own, announcements


async def on_department_joined(work: Work, event: directory.DepartmentJoined) -> None:
    """Put a member of a department into its rooms, as a moderator who leads it or is deputy. Owners stay owners.

    And into those whose rules mean them now; out of those whose rules meant what they were there before.
    """
    for room in await _rooms(work, event.department_id):
        await _take_in(work, room, event.person_id, event.role)
    await by_rule.renew_person(work, event.person_id)


async def _take_in(work: Work, room: Room, person_id: str, held: directory.DepartmentRole) -> None:
    role: Role = room.joins_as if held == "member" else "moderator"
    member = await work.db.get(Member, (room.id, person_id))
    if member is None or member.membership != "joined":
        await service.put_in(work, room, person_id, role)
    elif member.role != "owner":
        service.give_role(work, room, member, role)


async def on_department_left(work: Work, event: directory.DepartmentLeft) -> None:
    """Take a former member of a department out of its rooms, and of those whose rules no longer mean them."""
    for room in await _rooms(work, event.department_id):
        await service.dissolve_place(work, room, event.person_id)
    await by_rule.renew_person(work, event.person_id)


async def on_department_renamed(work: Work, event: directory.DepartmentRenamed) -> None:
    """Rename its rooms that bear the former name; what somebody gave another one keeps it."""
    for room in await _rooms(work, event.department_id):
        if room.name == name_of(event.before, room.joins_as):
            service.give_name(work, room, name_of(event.name, room.joins_as), room.topic)


async def _rooms(work: Work, department_id: str) -> list[Room]:
    found = await work.db.exec(select(Room).where(Room.department_id == department_id, Room.kind == "department"))
    return list(found)
