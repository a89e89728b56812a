# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A whole installation: server, worker, homeserver and bridge, with people who have sessions."""

import asyncio
from pathlib import Path
from typing import Self

import httpx2

from fachwerk import app
from fachwerk.core import directory, identity
from fachwerk.migrations import upgrade
from fachwerk.settings import Settings
from tests.e2e.ministry import WEB
from tests.federation.process import Process
from tests.federation.surroundings import Surroundings
from tests.house.client import Client
from tests.house.house import make_settings
from tests.simulation.process import environment
from tests.stack.component import Synapse, free_ports

DAY_MS = 86_400_000
NAMESPACE = "demo"


class Ministry:
    """One of two. key: short name, of mail addresses too. people: sign-in name -> name.

    database_url, bridge_database_url: made and empty.
    """

    def __init__(
        self, folder: Path, key: str, synapse: Synapse, database_url: str, bridge_database_url: str, *names: str
    ) -> None:
        self.folder, self.key, self.synapse = folder, key, synapse
        self.names = names
        self.settings: Settings = make_settings(folder, database_url, free_ports(1))
        self.server_name, self.origin = synapse.server_name, self.settings.http.origin
        self.around = Surroundings(folder, synapse, self.origin, bridge_database_url)
        self.bridge_address = self.around.bridge_address
        self.hs_token, self.as_token = self.around.token("hs"), self.around.token("as")
        self._clients: dict[str, Client] = {}

    def know(self, *others: Self) -> None:
        """Whom rooms may be opened to."""
        names = {other.server_name: f"Ministerium {other.key}" for other in others}
        ours = (
            environment(self.settings)
            | self.around.server(names)
            | {"FACHWERK_LOG_LEVEL": "WARNING", "FACHWERK_HTTP__WEB_DIR": str(WEB)}
        )
        bridge = {name: value for name, value in ours.items() if not name.startswith("FACHWERK_")}
        bridge |= self.around.bridge() | {"FACHWERK_BRIDGE_FILE_MAX_BYTES": "3000000"}
        log = self.folder
        self.server = Process(["fachwerk", "serve"], ours, log / "server.log", f"{self.origin}/readyz")
        self.worker = Process(["fachwerk", "worker"], ours, log / "worker.log")
        health = f"{self.bridge_address}/readyz"
        self.bridge = Process(["fachwerk_matrix", "run"], bridge, log / "bridge.log", health)

    async def start(self) -> None:
        """Make its people, then start all its processes; the homeserver runs already."""
        await asyncio.to_thread(upgrade, self.settings.database_url)
        house = app.compose(self.settings)
        async with house.running(), house.context.database.work() as work:
            department = await directory.add_department(work, "Haus", self.key, None)
            for name in self.names:
                mail = f"{name}@{self.key}.example"
                person = await identity.upsert_person(work, NAMESPACE, name, name.title(), mail, [])
                await directory.add_member(work, department.id, person.id)
                cookie = await identity.begin_session(
                    work,
                    person.id,
                    session_ms=DAY_MS,
                    idle_ms=DAY_MS,
                )
                self._clients[name] = Client(self.origin, cookie, person.id)
        for process in (self.server, self.worker, self.bridge):
            process.start()

    def forget_bridge(self) -> None:
        """Lose the database of the bridge, which does not run; it is on SQLite."""
        for file in self.folder.glob("bridge.db*"):
            file.unlink()

    async def stop(self) -> None:
        """End all its processes but the homeserver."""
        for process in (self.bridge, self.worker, self.server):
            process.stop()
        for client in self._clients.values():
            await client.http.aclose()

    async def figure(self, name: str) -> float:
        """One of the bridge's metrics, all its labels together."""
        async with httpx2.AsyncClient(timeout=30) as http:
            lines = (await http.get(f"{self.bridge_address}/metrics")).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def client(self, name: str) -> Client:
        """One of its people."""
        return self._clients[name]

    def mail(self, name: str) -> str:
        """Under which somebody elsewhere finds one of its people."""
        return f"{name}@{self.key}.example"
