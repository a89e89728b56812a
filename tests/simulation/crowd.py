# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms full of people with sessions, made by the app's own services."""

from typing import NamedTuple

from fachwerk import app
from fachwerk.core import identity, rooms
from fachwerk.settings import Settings

NAMESPACE = "crowd"
DAY_MS = 86_400_000


class Person(NamedTuple):
    """Somebody with a session. cookie: its value."""

    id: str
    cookie: str


class Room(NamedTuple):
    """A room and those in it; the first one owns it. seq: of its last event."""

    id: str
    people: list[Person]
    seq: int


async def make_crowd(settings: Settings, *, rooms_count: int, people_per_room: int) -> list[Room]:
    """Fill a migrated database; nobody is in two rooms. One unit of work per room."""
    house = app.compose(settings)
    async with house.running():
        return [await _make_room(house, number, people_per_room) for number in range(rooms_count)]


async def _make_room(house: app.House, number: int, people_per_room: int) -> Room:
    people: list[Person] = []
    async with house.context.database.work() as work:
        room = None
        for place in range(people_per_room):
            subject = f"{number}-{place}"
            person = await identity.upsert_person(work, NAMESPACE, subject, f"Person {subject}", None, [])
            room = room or await rooms.found(work, kind="group", name=f"Raum {number}", by=person.id)
            await rooms.put_in(work, room, person.id, "member" if people else "owner")
            cookie = await identity.begin_session(
                work,
                person.id,
                session_ms=DAY_MS,
                idle_ms=DAY_MS,
            )
            people.append(Person(person.id, cookie))
        assert room is not None
        await work.settle()
        seq, _ = work.standing[rooms.audience_of(room.id)]
    return Room(room.id, people, seq)
