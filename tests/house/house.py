# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A server in this process, on a port of its own, over a database of its own."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn

from fachwerk import app
from fachwerk.cli.processes import jobs_of, server_config
from fachwerk.core import directory, identity, rooms
from fachwerk.core.files import make_master_key
from fachwerk.core.rooms.model import Role
from fachwerk.kernel.context import Context
from fachwerk.kernel.jobs import plant
from fachwerk.settings import Settings
from tests.house.bridge import Bridge
from tests.house.client import Client
from tests.house.clock import HandClock
from tests.house.jobs import run_one
from tests.house.mirror import Mirror, mirrored
from tests.house.pusher import Pusher

NAMESPACE = "test"
PEOPLE = {"ada": "Ada", "bea": "Bea", "cem": "Cem", "olga": "Olga", "dora": "Dora", "rita": "Rita"}
"""ada and cem belong, bea moderates, olga owns, rita reads, dora is of another department and a stranger."""
ROLES: dict[str, Role] = {"olga": "owner", "bea": "moderator", "ada": "member", "cem": "member", "rita": "reader"}
PEERS = {"b.example": "Ministerium B", "c.example:8448": "Ministerium C"}
"""Ministries with which rooms can be shared, by their Matrix server names."""
DAY_MS = 86_400_000


@dataclass(slots=True)
class House:
    """room: the one that everybody but dora is in. departments: by short name."""

    house: app.House
    origin: str
    clock: HandClock
    people: dict[str, str] = field(default_factory=dict)
    departments: dict[str, str] = field(default_factory=dict)
    room: str = ""
    _clients: dict[str, Client] = field(default_factory=dict)
    _devices: list[Client] = field(default_factory=list)

    @property
    def context(self) -> Context:
        return self.house.context

    async def client(self, name: str) -> Client:
        """A person with a session."""
        if name not in self._clients:
            self._clients[name] = await self.new_client(name)
        return self._clients[name]

    def keep(self, client: Client) -> None:
        """Somebody who came in by another way; their connections are given back at the end."""
        self._devices.append(client)

    def bridge(self, as_: str = "") -> Bridge:
        """The bridge to other ministries, in its own name or in that of an external."""
        token = self.house.settings.federation.token()
        assert token
        return Bridge(self.origin, token, as_)

    def pusher(self) -> Pusher:
        """The system that pushes people."""
        token = self.house.settings.scim.token()
        assert token
        return Pusher(self.origin, token)

    async def new_client(self, name: str, acr: str | None = None) -> Client:
        """The same person on another device. acr: how strongly they signed in there."""
        async with self.context.database.work() as work:
            cookie = await identity.begin_session(
                work, self.people[name], session_ms=DAY_MS, idle_ms=DAY_MS, grant=identity.Grant(acr=acr)
            )
        return Client(self.origin, cookie, self.people[name])

    async def device(self, name: str, acr: str | None = None) -> Client:
        """As `new_client`, for one whose connections are given back at the end."""
        self.keep(client := await self.new_client(name, acr))
        return client

    def verify(self, client: Client, room_id: str | None = None) -> AbstractAsyncContextManager[Mirror]:
        """Around an action: the events it sends must turn the client's old state into the new one."""
        return mirrored(client, room_id)

    async def run_due_jobs(self) -> int:
        """What a worker does; returns how many jobs were due."""
        handlers, repeats = jobs_of(self.house)
        await plant(self.context.database, repeats)
        count = 0
        while await run_one(self.context, handlers, repeats):
            count += 1
        return count

    async def settle(self) -> None:
        """People, departments and a room, as most tests need them."""
        async with self.context.database.work() as work:
            for short, parent in (("H", None), ("A", "H"), ("B", "H")):
                above = self.departments[parent] if parent else None
                made = await directory.add_department(work, f"Abteilung {short}", short, above)
                self.departments[short] = made.id
            for key, name in PEOPLE.items():
                person = await identity.upsert_person(work, NAMESPACE, key, name, None, [])
                self.people[key] = person.id
                await directory.add_member(work, self.departments["B" if key == "dora" else "A"], person.id)
            room = await rooms.found(
                work, kind="group", name="Haus", by=self.people["olga"], open_=True, department_id=self.departments["A"]
            )
            for key, role in ROLES.items():
                await rooms.put_in(work, room, self.people[key], role)
            self.room = room.id

    async def close(self) -> None:
        for client in (*self._clients.values(), *self._devices):
            await client.http.aclose()


def make_settings(folder: Path, database_url: str, port: int, **sections: dict[str, Any]) -> Settings:
    """Settings of a test server, with limits that a test does not meet by accident."""
    keys = folder / "keys"
    make_master_key(keys / "master.key")
    (keys / "media.secret").write_text(secrets.token_urlsafe(36))
    (keys / "demo.password").write_text(secrets.token_urlsafe(12))
    (keys / "bridge.token").write_text(secrets.token_urlsafe(36))
    (keys / "scim.token").write_text(secrets.token_urlsafe(36))
    (folder / "blobs").mkdir()
    origin = f"http://127.0.0.1:{port}"
    ours: dict[str, dict[str, Any]] = {
        "http": {"port": port, "origin": origin, "requests_burst": 100_000},
        "sync": {"commands_burst": 100_000, "reconcile_s": 0.1},
        "identity": {"demo_password_file": keys / "demo.password", "departments": "scim"},
        "files": {"blobs_dir": folder / "blobs", "master_key_file": keys / "master.key"},
        "calls": {"api_secret_file": keys / "media.secret"},
        "federation": {
            "server_name": "a.example",
            "token_file": keys / "bridge.token",
            "peers": [{"server": server, "name": name} for server, name in PEERS.items()],
        },
        "scim": {"token_file": keys / "scim.token"},
    }
    merged = {name: ours.get(name, {}) | sections.get(name, {}) for name in ours | sections}
    return Settings.model_validate({"database_url": database_url, **merged})


@asynccontextmanager
async def open_house(folder: Path, database_url: str, **sections: dict[str, Any]) -> AsyncIterator[House]:
    """A server that listens, empty."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        clock = HandClock()
        composed = app.compose(make_settings(folder, database_url, port, **sections), clock=clock)
        server = uvicorn.Server(server_config(composed))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        house = House(composed, f"http://127.0.0.1:{port}", clock)
        while not server.started:
            assert not serving.done(), serving
            await asyncio.sleep(0.01)
        try:
            yield house
        finally:
            await house.close()
            server.should_exit = True
            await serving
