# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asks the policy about everybody whom it might let read."""

from dataclasses import replace
from itertools import groupby

from fachwerk.core import directory, files, identity, rooms
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor, Facts

from .wire import Group, OpenTo, Readers

SHOWN = 20
"""People named in one group."""
NOBODY = ""
"""Id of an actor who stands for all who share a role or a department, and is none of them."""


async def of_room(context: Context, work: Work, actor: Actor, room_id: str, action: str = "message.read") -> Readers:
    """Who may do this in a room. Raises as the policy does for an actor who may not read there."""
    policy = context.policy
    room = (await rooms.allowed_place(work, policy, actor, action, room_id)).room
    seats = [seat for seat in await rooms.seats(work, room) if seat.active]
    reading: list[rooms.Seat] = []
    waiting: list[rooms.Seat] = []
    for seat in seats:
        (reading if policy.allows(Actor(id=seat.person_id), action, seat.facts) else waiting).append(seat)
    stranger = rooms.facts_of(room, None)
    return Readers(
        groups=_groups(reading),
        invited=sum(policy.allows(Actor(id=seat.person_id), "room.join", seat.facts) for seat in waiting),
        open_to=await _open_to(context, work, room, stranger, {seat.person_id for seat in seats}),
        roles=[
            role
            for role in identity.ROLES
            if policy.allows(Actor(id=NOBODY, roles=frozenset({role})), action, stranger)
        ],
        administrators=_administrators_read(context, room, stranger, action),
        copies=[copy for module in context.modules if module.copies for copy in await module.copies(work, room_id)],
    )


async def of_file(context: Context, work: Work, actor: Actor, file_id: str) -> Readers:
    """Who may read a file: its uploader alone until it is sent, then whoever may read files of the room."""
    file = await files.readable(work, context.policy, actor, file_id)
    if file.message_id is None:
        own = Group(role="uploader", organisation=None, guest=False, count=1, person_ids=[file.uploader_id])
        return Readers(groups=[own], invited=0, open_to=None, roles=[], administrators=False, copies=[])
    return await of_room(context, work, actor, file.room_id, "file.read")


def _groups(reading: list[rooms.Seat]) -> list[Group]:
    """By reason, our own people and those who lead first; in each by name, as they came."""

    def reason(seat: rooms.Seat) -> tuple[bool, str, int, str]:
        role = seat.facts.role or ""
        return seat.guest, seat.organisation or "", rooms.MEMBERS.index(role) if role in rooms.MEMBERS else -1, role

    groups = []
    for (guest, organisation, _, role), members in groupby(sorted(reading, key=reason), key=reason):
        ids = [seat.person_id for seat in members]
        named, from_ = ids[:SHOWN], organisation or None
        groups.append(Group(role=role, organisation=from_, guest=guest, count=len(ids), person_ids=named))
    return groups


def _administrators_read(context: Context, room: rooms.Room, stranger: Facts, action: str) -> bool:
    """Whether the policy would let those read who administer the room's department, as such."""
    if room.department_id is None:
        return False
    here = frozenset({room.department_id})
    return context.policy.allows(Actor(id=NOBODY, administers=here), action, replace(stranger, within=here))


async def _open_to(context: Context, work: Work, room: rooms.Room, stranger: Facts, inside: set[str]) -> OpenTo | None:
    """The room's department, if the policy would let its people in unasked."""
    if room.department_id is None:
        return None
    anybody = Actor(id=NOBODY, departments=frozenset({room.department_id}))
    if not context.policy.allows(anybody, "room.join", stranger):
        return None
    department = await directory.department(work, room.department_id)
    people = await directory.people_at_or_below(work, room.department_id)
    return OpenTo(department=department.name, count=len(set(people) - inside))
