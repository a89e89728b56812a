# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms of departments: who belongs to the department belongs to its rooms, and nobody else."""

from sqlmodel import select

from fachwerk.core import directory
from fachwerk.kernel.db import Work

from . import service
from .model import Member, Role, Room


async def found_department_room(work: Work, department_id: str, name: str, topic: str, *, by: str) -> Room:
    """Make the room of a department, with those in it who belong to the department already."""
    room = await service.found(work, kind="department", name=name, topic=topic, department_id=department_id, by=by)
    for person_id, lead in await directory.members_of(work, department_id):
        await service.put_in(work, room, person_id, _role(lead=lead))
    return room


async def departments_with_room(work: Work) -> frozenset[str]:
    """The departments that have at least one room of their own."""
    chosen = select(Room.department_id).where(Room.kind == "department").distinct()
    return frozenset(department_id for department_id in await work.db.exec(chosen) if department_id)


def _role(*, lead: bool) -> Role:
    return "moderator" if lead else "member"


async def on_department_joined(work: Work, event: directory.DepartmentJoined) -> None:
    """Put a member of a department into its rooms, as a moderator who leads it. Owners stay owners."""
    role = _role(lead=event.lead)
    for room in await _rooms(work, event.department_id):
        member = await work.db.get(Member, (room.id, event.person_id))
        if member is None or member.membership != "joined":
            await service.put_in(work, room, event.person_id, role)
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
