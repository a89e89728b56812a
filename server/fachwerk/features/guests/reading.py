# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading the table of guests."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from fachwerk.core import directory, identity, rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work

from .events import RoomGuest
from .model import Guest
from .rules import LinkOver, LinkUsed, UnknownLink

LIVE = col(Guest.ended_ms).is_(None)
SECRET_MAX_CHARS = 128


async def in_room(work: Work, room_id: str) -> list[Guest]:
    """The guests of a room, invited or in it, in order of invitation."""
    return list(await work.db.exec(select(Guest).where(Guest.room_id == room_id, LIVE).order_by(Guest.person_id)))


async def of_sponsor(work: Work, sponsor_id: str) -> list[Guest]:
    """The guests of one person."""
    chosen = select(Guest).where(Guest.sponsor_id == sponsor_id, LIVE).order_by(Guest.person_id)
    return list(await work.db.exec(chosen))


async def count(work: Work, *, room_id: str, sponsor_id: str) -> tuple[int, int]:
    """How many guests (the room, the sponsor) has."""
    counted = select(func.count()).select_from(Guest)
    there = (await work.db.exec(counted.where(Guest.room_id == room_id, LIVE))).one()
    theirs = (await work.db.exec(counted.where(Guest.sponsor_id == sponsor_id, LIVE))).one()
    return there, theirs


async def page(work: Work, after: str | None, limit: int, reach: frozenset[str] | None) -> list[Guest]:
    """Guests in order of invitation, those behind `after`.

    reach: in rooms of these departments and of all below; None for the whole house.
    """
    chosen = select(Guest).where(LIVE).order_by(Guest.person_id).limit(limit)
    if reach is not None:
        there = col(rooms.Room.department_id).in_(directory.administered(reach))
        chosen = chosen.where(col(Guest.room_id).in_(select(rooms.Room.id).where(there)))
    return list(await work.db.exec(chosen if after is None else chosen.where(col(Guest.person_id) > after)))


async def held(work: Work, person_id: str) -> Guest | None:
    """A guest, past or present, held against others who change them."""
    return await work.db.get(Guest, person_id, with_for_update=True)


async def of_link(work: Work, secret: str, *, hold: bool = False) -> Guest:
    """Whom a link lets in now. Raises UnknownLink, LinkUsed, LinkOver."""
    if not 0 < len(secret) <= SECRET_MAX_CHARS:
        raise UnknownLink
    chosen = select(Guest).where(Guest.link_hash == identity.hashed(secret))
    found = (await work.db.exec(chosen.with_for_update() if hold else chosen)).first()
    if found is None or (found.ended_ms is not None and found.why != "expired"):
        raise UnknownLink
    if found.ended_ms is not None or found.ends_ms <= work.now_ms:
        raise LinkOver
    if found.link_used:
        raise LinkUsed
    if found.link_until_ms <= work.now_ms:
        raise LinkOver
    return found


def link_until_ms(guest: Guest) -> int:
    """Until when a guest's link may be followed."""
    return min(guest.link_until_ms, guest.ends_ms)


async def names(work: Work, guests: Sequence[Guest]) -> dict[str, identity.Person]:
    """The guests and their sponsors as people, by id. One query."""
    ids = {one for guest in guests for one in (guest.person_id, guest.sponsor_id)}
    return {person.id: person for person in await identity.people(work, ids)}


def wire(guest: Guest) -> RoomGuest:
    """A guest as the people in the room see them."""
    return RoomGuest(
        person_id=guest.person_id,
        sponsor_id=guest.sponsor_id,
        ends_at=rfc3339(guest.ends_ms),
        accepted=guest.accepted_ms is not None,
    )
