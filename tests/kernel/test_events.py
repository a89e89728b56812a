# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whoever remembers the last number they saw misses nothing, however many write at the same time."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from fachwerk import app
from fachwerk.core import identity, messages, rooms
from fachwerk.core.messages.service import Draft, post
from fachwerk.core.rooms.events import RoomChanged
from fachwerk.kernel.events import Numbered
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.policy import Actor
from tests.house.house import make_settings

pytestmark = pytest.mark.anyio
WRITERS, EACH = 6, 15


@pytest.fixture
async def houses(tmp_path: Path, database_url: str) -> AsyncIterator[list[app.House]]:
    """Two of one installation over the same database, as two processes would be."""
    composed = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        composed.append(app.compose(make_settings(tmp_path / name, database_url, 1)))
    async with composed[0].running(), composed[1].running():
        yield composed


async def test_a_reader_with_a_cursor_misses_no_late_commit(houses: list[app.House]) -> None:
    """Units of work that take their time, and the batch, raise the same two audiences; readers poll meanwhile."""
    seed = secrets.randbelow(1 << 32)
    print("seed", seed)  # noqa: T201 -- pytest shows it when the test fails
    person, names = await _settle(houses[0])
    done = asyncio.Event()
    readers = [asyncio.create_task(_read(houses[0], name, done)) for name in names]
    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            house, chance = houses[number % 2], random.Random(seed + number)
            write = _work if number < WRITERS // 2 else _post
            group.create_task(write(house, person, names, chance))
    done.set()
    for name, reader in zip(names, readers, strict=True):
        seen = await reader
        everything = await houses[1]._store.after(name, 0, 10_000)
        assert seen == everything
        assert [event.seq for event in everything] == list(range(1, len(everything) + 1))
        assert all(later.posts - earlier.posts in {0, 1} for earlier, later in pairwise(seen))
        (change,) = await houses[0]._store.standings([name])
        assert (change.seq, change.posts) == (everything[-1].seq, everything[-1].posts)
    total = sum(len(reader.result()) for reader in readers)
    assert total == 2 + (WRITERS // 2) * EACH * 2 + (WRITERS // 2) * EACH


async def test_what_is_delivered_is_what_was_stored(houses: list[app.House]) -> None:
    """Every committed event passes `deliver` of its own process exactly once."""
    person, names = await _settle(houses[0])
    delivered: list[tuple[str, Numbered]] = []
    for house in houses:

        def deliver(audience: str, events: list[Numbered]) -> None:
            delivered.extend((audience, event) for event in events)

        house.context.database._deliver = deliver
        house.context.port(messages.Sequencer)._deliver = deliver
    async with asyncio.TaskGroup() as group:
        for number in range(WRITERS):
            write = _work if number % 3 else _post
            group.create_task(write(houses[number % 2], person, names, random.Random(number)))
    for name in names:
        stored = await houses[0]._store.after(name, 1, 10_000)
        assert sorted(event for audience, event in delivered if audience == name) == stored


async def test_a_unit_of_work_that_fails_takes_no_number(houses: list[app.House]) -> None:
    _, names = await _settle(houses[0])
    with pytest.raises(ZeroDivisionError):
        await _fail(houses[0], names[0])
    async with houses[0].context.database.work() as work:
        work.emit(names[0], RoomChanged(name="doch", topic=""))
    assert [event.seq for event in await houses[0]._store.after(names[0], 0, 10)] == [1, 2]


async def _fail(house: app.House, audience: str) -> None:
    async with house.context.database.work() as work:
        work.emit(audience, RoomChanged(name="nie", topic=""))
        await work.settle()
        raise ZeroDivisionError


async def _settle(house: app.House) -> tuple[Actor, list[str]]:
    """Somebody who is in two rooms; their audiences, each with one event."""
    names = []
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, "test", new_id(), "Person", None, [])
        for _ in range(2):
            room = await rooms.found(work, kind="group", name="Raum", by=person.id)
            await rooms.put_in(work, room, person.id, "member")
            names.append(rooms.audience_of(room.id))
    return Actor(id=person.id), names


async def _read(house: app.House, audience: str, done: asyncio.Event) -> list[Numbered]:
    """Ask for what is new again and again, by the last number seen."""
    seen: list[Numbered] = []
    while True:
        last_round = done.is_set()
        while found := await house._store.after(audience, seen[-1].seq if seen else 0, 7):
            seen += found
        if last_round:
            return seen
        await asyncio.sleep(0)


async def _work(house: app.House, _person: Actor, names: list[str], chance: random.Random) -> None:
    for number in range(EACH):
        async with house.context.database.work() as work:
            for name in chance.sample(names, 2):
                work.emit(name, RoomChanged(name=str(number), topic=""), counts=chance.random() < 0.5)
            if chance.random() < 0.5:
                await work.settle()  # the numbers are taken long before the commit
            await asyncio.sleep(chance.random() * 0.004)


async def _post(house: app.House, person: Actor, names: list[str], chance: random.Random) -> None:
    context = house.context
    for number in range(EACH):
        room_id = chance.choice(names).removeprefix("room:")
        draft = Draft(room_id, f"{id(chance)}-{number:06}", "Text", None, ())
        await post(context.port(messages.Sequencer), context.clock, context.ids, person, draft, [])
