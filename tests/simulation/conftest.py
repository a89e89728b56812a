# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A server process on either store, and a room of people."""

import asyncio
import random
import secrets
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fachwerk.migrations import upgrade
from fachwerk.settings import Settings
from tests.conftest import async_url
from tests.house.house import make_settings
from tests.simulation.client import Client
from tests.simulation.crowd import Room, make_crowd
from tests.simulation.door import Door
from tests.simulation.process import ServerProcess
from tests.stack.component import Nats, Postgres, free_ports

PEOPLE = 12
UNLIMITED = {"commands_per_s": 1e6, "commands_burst": 1_000_000}
JOINED_S = 20.0
"""How long a process may take to be on the bus."""


@dataclass(slots=True)
class Stage:
    """server: runs. chance: seeded; a failing test shows the seed."""

    server: ServerProcess
    settings: Settings
    room: Room
    chance: random.Random

    def client(self, place: int) -> Client:
        return Client(self.server.origin, self.room.people[place], self.room)

    async def stored(self) -> list[tuple[int, str, str]]:
        """(number, sender, client id) of every message of the room, in order."""
        engine = create_async_engine(self.settings.database_url)
        async with engine.connect() as connection:
            found = await connection.execute(
                text("SELECT seq, sender_id, client_id FROM message WHERE room_id = :room ORDER BY seq"),
                {"room": self.room.id},
            )
            rows = [(seq, sender, client_id) for seq, sender, client_id in found]
        await engine.dispose()
        return rows

    async def standing(self) -> int:
        """The room's last number."""
        engine = create_async_engine(self.settings.database_url)
        async with engine.connect() as connection:
            name = {"name": f"room:{self.room.id}"}
            seq: int = (
                await connection.execute(text("SELECT seq FROM audience WHERE name = :name"), name)
            ).scalar_one()
        await engine.dispose()
        return seq


@dataclass(slots=True)
class Pair(Stage):
    """Two processes of one installation behind one door. server: the first of them."""

    servers: list[ServerProcess] = field(default_factory=list)
    door: Door = field(default_factory=lambda: Door(0, []))

    async def metric(self, process: int, name: str) -> float:
        """One line of a process's metrics, 0 while there is none."""
        return await read_metric(self.servers[process].settings.http.port, name)


@pytest.fixture
async def stage(tmp_path: Path, database_url: str) -> AsyncIterator[Stage]:
    async with _stage(tmp_path, database_url) as found:
        yield found


@pytest.fixture
def durable_postgres() -> Iterator[Postgres]:
    """One of this test alone that keeps what it acknowledged."""
    with Postgres(durable=True) as server:
        yield server


@pytest.fixture
async def postgres_stage(tmp_path: Path, durable_postgres: Postgres) -> AsyncIterator[Stage]:
    url = async_url(durable_postgres.url(durable_postgres.create_database()))
    await asyncio.to_thread(upgrade, url)
    async with _stage(tmp_path, url) as found:
        yield found


@pytest.fixture
def own_nats() -> Iterator[Nats]:
    """One that a test may kill."""
    with Nats() as server:
        yield server


@pytest.fixture
async def pair(tmp_path: Path, durable_postgres: Postgres, own_nats: Nats) -> AsyncIterator[Pair]:
    """Of which everything may be killed."""
    url = async_url(durable_postgres.url(durable_postgres.create_database()))
    await asyncio.to_thread(upgrade, url)
    async with _pair(tmp_path, url, own_nats.access()) as found:
        yield found


@pytest.fixture
async def bus_pair(tmp_path: Path, postgres_url: str, nats: Nats) -> AsyncIterator[Pair]:
    """Which finds nothing in the database by looking there: what crosses comes by the bus."""
    bus = nats.access(f"fachwerk.{uuid.uuid4()}") | {"reconcile_s": "3600"}
    async with _pair(tmp_path, async_url(postgres_url), bus) as found:
        yield found


@asynccontextmanager
async def _pair(folder: Path, url: str, bus: dict[str, str]) -> AsyncIterator[Pair]:
    first = free_ports(3)
    settings = make_settings(folder, url, first, sync=UNLIMITED, bus=bus)
    (room,) = await make_crowd(settings, rooms_count=1, people_per_room=PEOPLE)
    servers: list[ServerProcess] = []
    for port in (first + 1, first + 2):
        own = folder / str(port)
        own.mkdir()
        http = settings.http.model_copy(update={"port": port})
        servers.append(ServerProcess(settings.model_copy(update={"http": http}), own))
    async with Door(first, [server.settings.http.port for server in servers]).open() as door:
        seed = secrets.randbelow(1 << 32)
        print(f"seed {seed}")  # noqa: T201 -- pytest shows it when the test fails
        try:
            await asyncio.gather(*(asyncio.to_thread(server.start) for server in servers))
            for server in servers:
                await _until_joined(server)
            yield Pair(servers[0], settings, room, random.Random(seed), servers, door)
        finally:
            for server in servers:
                if server.runs:
                    await asyncio.to_thread(server.stop)


async def _until_joined(server: ServerProcess) -> None:
    async with asyncio.timeout(JOINED_S):
        while not await read_metric(server.settings.http.port, "fachwerk_bus_up"):  # noqa: ASYNC110 -- of another process
            await asyncio.sleep(0.05)


async def read_metric(port: int, name: str) -> float:
    """One line of what a process tells of itself, 0 while there is none."""
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        lines = (await http.get("/metrics")).text.splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)


@asynccontextmanager
async def _stage(folder: Path, database_url: str) -> AsyncIterator[Stage]:
    settings = make_settings(folder, database_url, free_ports(1), sync=UNLIMITED)
    (room,) = await make_crowd(settings, rooms_count=1, people_per_room=PEOPLE)
    server = ServerProcess(settings, folder)
    await asyncio.to_thread(server.start)
    seed = secrets.randbelow(1 << 32)
    print(f"seed {seed}")  # noqa: T201 -- pytest shows it when the test fails
    try:
        yield Stage(server, settings, room, random.Random(seed))
    finally:
        if server.runs:
            await asyncio.to_thread(server.stop)
