# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The rooms of the whole house as its administrators see them, whoever is in them. The caller has asked the policy.

Conversations of two are not among them, nor rooms of departments that have ended. Nothing here tells what is said.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, literal
from sqlmodel import col, func, select

from fachwerk.core import directory, identity
from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work
from fachwerk.kernel.events import AudienceRow

from .model import Kind, Label, Member, Room

LISTED = (col(Room.kind) == "group") | ((col(Room.kind) == "department") & col(Room.department_id).is_not(None))
_LEADS = (col(Member.role) == "owner") | ((col(Member.role) == "moderator") & (col(Room.kind) == "department"))
"""Who looks after a room: its owners; in a department's room those who lead the department, too."""


class Wanted(NamedTuple):
    """Which rooms. text: a part of the name. unled: nobody looks after it who may sign in.

    unused_ms: it was not used since. reach: of these departments and all below; None for the whole house.
    """

    text: str = ""
    department_id: str | None = None
    kind: Kind | None = None
    label: Label | None = None
    unled: bool = False
    unused_ms: int | None = None
    reach: frozenset[str] | None = None


async def roll(work: Work, wanted: Wanted, after: str | None, limit: int) -> list[Room]:
    """Rooms, the newest first. department_id: of this department and all below it. after: those behind this one."""
    chosen = select(Room).where(LISTED)
    if wanted.text:
        chosen = chosen.where(func.lower(col(Room.name)).contains(wanted.text.lower(), autoescape=True))
    if wanted.department_id is not None:
        below = directory.at_or_below(wanted.department_id)
        chosen = chosen.where(col(Room.department_id).in_(select(below.c.id)))
    if wanted.reach is not None:
        chosen = chosen.where(col(Room.department_id).in_(directory.administered(wanted.reach)))
    for column, value in ((Room.kind, wanted.kind), (Room.label, wanted.label)):
        if value is not None:
            chosen = chosen.where(col(column) == value)
    if wanted.unled:
        leads = _present(col(Member.room_id) == col(Room.id)) & _LEADS & col(Person.active).is_(True)
        chosen = chosen.where(~exists().where(leads, col(Person.id) == col(Member.person_id)))
    if wanted.unused_ms is not None:
        mine = col(AudienceRow.name) == literal("room:") + col(Room.id)
        used = exists().where(mine, col(AudienceRow.changed_ms) > wanted.unused_ms)
        chosen = chosen.where(~used, col(Room.created_ms) <= wanted.unused_ms)
    if after is not None:
        chosen = chosen.where(col(Room.id) < after)
    return list((await work.db.exec(chosen.order_by(col(Room.id).desc()).limit(limit))).all())


async def listed(work: Work, room_id: str) -> Room | None:
    """One of these rooms."""
    return (await work.db.exec(select(Room).where(col(Room.id) == room_id, LISTED))).first()


async def headcounts(work: Work, room_ids: Collection[str]) -> Mapping[str, int]:
    """How many are in each of these rooms; one without anybody is left out."""
    there = _present(col(Member.room_id).in_(room_ids))
    counted = select(Member.room_id, func.count()).where(there).group_by(col(Member.room_id))
    return dict((await work.db.exec(counted)).all())


async def leaders(work: Work, room_ids: Collection[str]) -> Mapping[str, list[str]]:
    """Names of those who look after each of these rooms and may sign in."""
    chosen = (
        select(Member.room_id, Person.name)
        .join(Person, col(Person.id) == col(Member.person_id))
        .join(Room, col(Room.id) == col(Member.room_id))
        .where(_present(col(Member.room_id).in_(room_ids)), _LEADS, col(Person.active).is_(True))
        .order_by(col(Person.name_key), col(Person.id))
    )
    found: dict[str, list[str]] = {}
    for room_id, name in (await work.db.exec(chosen)).all():
        found.setdefault(room_id, []).append(name)
    return found


async def last_uses(work: Work, room_ids: Collection[str]) -> Mapping[str, int]:
    """When something happened in each of these rooms last, in milliseconds since the epoch."""
    names = {f"room:{room_id}": room_id for room_id in room_ids}
    chosen = select(AudienceRow.name, AudienceRow.changed_ms).where(col(AudienceRow.name).in_(names))
    return {names[name]: changed_ms for name, changed_ms in (await work.db.exec(chosen)).all()}


async def heirs(work: Work, room: Room, text: str, limit: int) -> list[Person]:
    """Who may be made the owner of a room that nobody looks after: those in it, by name.

    If nobody is in it any more who may sign in, those who lead its department or are deputy there.
    """
    named = col(Person.name_key).contains(identity.fold(text), autoescape=True)
    chosen = select(Person).where(await _may_inherit(work, room), named)
    return list((await work.db.exec(chosen.order_by(col(Person.name_key), col(Person.id)).limit(limit))).all())


async def heir(work: Work, room: Room, person_id: str) -> Person | None:
    """One of them."""
    chosen = select(Person).where(await _may_inherit(work, room), col(Person.id) == person_id)
    return (await work.db.exec(chosen)).first()


async def _may_inherit(work: Work, room: Room) -> ColumnElement[bool]:
    able = identity.ours() & col(Person.active).is_(True)
    inside = able & col(Person.id).in_(select(Member.person_id).where(_present(col(Member.room_id) == room.id)))
    if (await work.db.exec(select(Person.id).where(inside).limit(1))).first() is not None:
        return inside
    places = await directory.members_of(work, room.department_id) if room.department_id else []
    return able & col(Person.id).in_([person_id for person_id, role in places if role != "member"])


def _present(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return which & (col(Member.membership) == "joined")
