# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m tests.federation.demo`: two demo ministries on this machine that share a room.

Each has its own address, people, homeserver and bridge. Everything lies in a temporary folder and is gone afterwards.
"""

import asyncio
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from fachwerk import app
from fachwerk.cli.supervisor import Child, Supervisor
from fachwerk.core import identity
from fachwerk.settings import Settings
from tests.federation.surroundings import Surroundings
from tests.house.client import Client
from tests.stack.component import Postgres, Synapse, free_ports

PLACES = (("nord", "Ministerium Nord", "127.0.0.1"), ("sued", "Ministerium Süd", "127.0.0.2"))
"""Short name, name, and an address of its own: a browser keeps cookies by host, not by port."""
PORT = 8480
ROOM, CONTACT = "Gemeinsame Registratur", "claudia.weber"
OWNER, OWNER_NAME = "anna.brandt", "Anna Brandt"
MINUTE_MS = 60_000
READY_S = 180.0


class Place:
    """One of the ministries."""

    def __init__(self, folder: Path, postgres: Postgres, key: str, name: str, host: str) -> None:
        self.folder, self.name, self.host = folder / key, name, host
        self.folder.mkdir()
        self.origin = f"http://{host}:{PORT}"
        synapse = Synapse(f"{key}.localhost", postgres.url(f"synapse_{key}"), folder / "authority")
        bridge_database = f"sqlite+aiosqlite:///{self.folder}/bridge.db"
        self.around = Surroundings(self.folder, synapse, self.origin, bridge_database)
        self.database_url = f"sqlite+aiosqlite:///{self.folder}/fachwerk.db"

    def children(self, others: list["Place"]) -> list[Child]:
        """A demo ministry and its bridge."""
        media, keys = free_ports(3), self.folder
        names = {other.around.synapse.server_name: other.name for other in others}
        settings = self.around.server(names) | {
            "FACHWERK_HTTP__HOST": self.host,
            "FACHWERK_HTTP__PORT": str(PORT),
            "FACHWERK_HTTP__ORIGIN": self.origin,
            "FACHWERK_ABOUT__MINISTRY": self.name,
            "FACHWERK_DATABASE_URL": self.database_url,
            "FACHWERK_FILES__BLOBS_DIR": str(self.folder / "blobs"),
            "FACHWERK_FILES__MASTER_KEY_FILE": str(keys / "master.key"),
            "FACHWERK_CALLS__API_SECRET_FILE": str(keys / "media.secret"),
            "FACHWERK_CALLS__URL": f"ws://127.0.0.1:{media}",
            "FACHWERK_CALLS__API_URL": f"http://127.0.0.1:{media}",
            "FACHWERK_IDENTITY__DEMO_PASSWORD_FILE": str(keys / "demo.password"),
        }
        bridge = self.around.bridge() | {"FACHWERK_BRIDGE_LOG_LEVEL": "WARNING"}
        return [
            Child(self.name, [sys.executable, "-m", "fachwerk", "demo"], settings),
            Child(f"bridge of {self.name}", [sys.executable, "-m", "fachwerk_matrix", "run"], bridge),
        ]

    async def share(self, other: "Place") -> None:
        """Have somebody make a room and open it to the other ministry."""
        settings = Settings.model_validate(
            {
                "database_url": self.database_url,
                "files": {"blobs_dir": self.folder / "blobs", "master_key_file": self.folder / "master.key"},
                "calls": {"api_secret_file": self.folder / "media.secret"},
                "identity": {"demo_password_file": self.folder / "demo.password"},
            }
        )
        house = app.compose(settings)
        async with house.running(), house.context.database.work() as work:
            provider = house.context.port(identity.Providers).house
            owner = await identity.upsert_person(work, provider.namespace, OWNER, OWNER_NAME, None, [])
            cookie = await identity.begin_session(
                work,
                owner.id,
                session_ms=MINUTE_MS,
                idle_ms=MINUTE_MS,
            )
        client = Client(self.origin, cookie, owner.id)
        room_id = (await client.call("POST", "/rooms", {"name": ROOM}, status=201))["id"]
        server = other.around.synapse.server_name
        await client.call("PUT", f"/rooms/{room_id}/peers/{server}", {"contact": CONTACT}, status=204)
        await client.http.aclose()


def main() -> None:
    """Run until Ctrl+C."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fachwerk-two-")))
        postgres = stack.enter_context(Postgres())
        north, south = (Place(folder, postgres, *words) for words in PLACES)
        children = [*north.children([south]), *south.children([north])]
        for place in (north, south):
            stack.enter_context(place.around.synapse)
        supervisor = stack.enter_context(Supervisor(children))
        for place in (north, south):
            for address in (place.origin, place.around.bridge_address):
                _wait_for(f"{address}/readyz", supervisor)
        asyncio.run(north.share(south))
        _tell(north, south)
        supervisor.watch()


def _wait_for(address: str, supervisor: Supervisor) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        supervisor.tend()
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer after {READY_S:.0f} s; is its port taken?")


def _tell(north: Place, south: Place) -> None:
    lines = ["", "  Two ministries are open:"]
    for place, person in ((north, OWNER), (south, CONTACT)):
        password = (place.folder / "demo.password").read_text().strip()
        lines.append(f"    {place.name:<18} {place.origin}   {person} / {password}")
    lines += [
        "",
        f"  They share the room {ROOM} from now on; what is written in it crosses.",
        "  To share another one: its owner opens it to the other ministry, with a sign-in name as contact.",
        "  Ctrl+C ends both, and nothing of them stays.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
