# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A real server with files and rooms and nothing else; as a program of its own, for tests that kill it."""

import asyncio
import base64
import hashlib
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection

from fachwerk.adapters.blobs_local import LocalBlobs
from fachwerk.core import files, rooms
from fachwerk.core.files.blobs import Blobs
from fachwerk.kernel import http
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Database
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.limits import RateLimit
from fachwerk.kernel.policy import Actor, Policy
from tests.house.jobs import run_one

PERSON = "X-Person"
"""Who asks: signing in is tested elsewhere."""
ORIGIN = "http://files.test"
TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


class TurnedClock(SystemClock):
    """The machine's clock, put forward by hand."""

    ahead_s = 0.0

    def now_ms(self) -> int:
        return super().now_ms() + int(self.ahead_s * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


@dataclass
class Sender:
    """One person's client."""

    base: str
    person: str
    room: str
    http: httpx2.AsyncClient

    def headers(self, **more: str) -> dict[str, str]:
        return {PERSON: self.person, "Origin": ORIGIN, **TUS, **{k.replace("_", "-"): v for k, v in more.items()}}

    async def create(self, length: int, name: str = "Bericht.bin", room: str | None = None) -> httpx2.Response:
        words = {"filename": name, "filetype": "text/html", "room": room or self.room}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())
        headers = self.headers(Upload_Length=str(length), Upload_Metadata=metadata)
        return await self.http.post(f"{self.base}/api/v1/uploads", headers=headers)

    async def begin(self, length: int, name: str = "Bericht.bin") -> str:
        """The path of a new upload."""
        response = await self.create(length, name)
        assert response.status_code == 201, response.text
        return response.headers["location"]

    async def head(self, path: str) -> httpx2.Response:
        return await self.http.head(self.base + path, headers=self.headers())

    async def offset(self, path: str) -> int:
        response = await self.head(path)
        assert response.status_code == 200
        return int(response.headers["upload-offset"])

    async def patch(self, path: str, offset: int, data: bytes, **more: str) -> httpx2.Response:
        headers = self.headers(Upload_Offset=str(offset), **{"Content_Type": BYTES, **more})
        return await self.http.patch(self.base + path, headers=headers, content=data)

    async def finish(self, path: str, sha256: str) -> httpx2.Response:
        return await self.http.post(f"{self.base}{path}/finish", headers=self.headers(), json={"sha256": sha256})

    async def upload(self, data: bytes, name: str = "Bericht.bin") -> str:
        """All of it at once; the file's id."""
        path = await self.begin(len(data), name)
        if data:
            assert (await self.patch(path, 0, data)).status_code == 204
        response = await self.finish(path, hashlib.sha256(data).hexdigest())
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    async def get(self, path: str, **more: str) -> httpx2.Response:
        return await self.http.get(f"{self.base}/api/v1{path}", headers=self.headers(**more))

    async def cut(self, path: str, offset: int, announced: int, data: bytes) -> socket.socket:
        """Begin a PATCH by hand, bring only this much of it, and leave the line as it is."""
        host, _, port = self.base.removeprefix("http://").partition(":")
        line = socket.create_connection((host, int(port)))
        head = self.headers(Host="x", Upload_Offset=str(offset), Content_Type=BYTES, Content_Length=str(announced))
        text = f"PATCH {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in head.items()) + "\r\n"
        await asyncio.to_thread(line.sendall, text.encode() + data)
        return line


@dataclass
class Depot:
    """The server, its people and what a test may look at. ada owns the room, bea is a member, dora a stranger."""

    base: str
    context: Context
    clock: TurnedClock
    database: Database
    store: files.FileStore
    blobs_dir: Path
    signed_out: set[str]
    http: httpx2.AsyncClient
    room: str = ""
    people: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Sender:
        return Sender(self.base, self.people[name], self.room, self.http)

    async def settle(self) -> None:
        """Make the room and its people."""
        async with self.database.work() as work:
            for name in ("ada", "bea", "rolf", "dora"):
                self.people[name] = new_id()
            room = await rooms.found(work, kind="group", name="Referat", by=self.people["ada"])
            await rooms.put_in(work, room, self.people["ada"], "owner")
            await rooms.put_in(work, room, self.people["bea"], "member")
            await rooms.put_in(work, room, self.people["rolf"], "reader")
            self.room = room.id

    async def attach(self, file_id: str, sender: str = "ada") -> str:
        """Send a message with the file, as far as files are concerned."""
        message_id = new_id()
        async with self.database.work() as work:
            connection = await work.db.connection()
            done = await connection.exec_driver_sql(
                f"UPDATE file SET message_id = '{message_id}' WHERE id = '{file_id}' AND room_id = '{self.room}' "  # noqa: S608 -- our own ids
                f"AND uploader_id = '{self.people[sender]}' AND message_id IS NULL AND deleted_ms IS NULL"
            )
            assert done.rowcount == 1
        return message_id

    async def receiving(self) -> None:
        """Wait until somebody brings bytes."""
        for _ in range(1000):
            if self.store.turns:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody brings anything")

    async def run_jobs(self) -> int:
        """Run what is due; how many there were."""
        count = 0
        module = files.MODULE
        while await run_one(self.context, module.jobs, module.repeats):
            count += 1
            assert count < 100
        return count


def compose(
    url: str, blobs: Blobs, key_file: Path, clock: SystemClock, signed_out: set[str], settings: files.FileSettings
) -> tuple[Context, Starlette]:
    database = Database(
        url, clock=clock, ids=new_id, deliver=lambda *_: None, signal=lambda *_, **__: None, listeners={}
    )

    async def authenticate(connection: HTTPConnection) -> Actor | None:
        person = connection.headers.get(PERSON)
        return Actor(person) if person and person not in signed_out else None

    files.make_master_key(key_file)
    context = Context(
        clock=clock,
        ids=new_id,
        database=database,
        policy=Policy(files.MODULE.rules),
        modules=(files.MODULE,),
        authenticate=authenticate,
        requests=RateLimit(clock, per_s=10_000, burst=10_000),
        origins=frozenset({ORIGIN}),
        body_max_bytes=65_536,
        ports={files.FileStore: files.FileStore(blobs, files.MasterKey.read(key_file), settings)},
    )
    app = Starlette(routes=http.routes(context), exception_handlers={HTTPException: http.starlette_refusals(context)})
    return context, app


@asynccontextmanager
async def open_depot(
    url: str, folder: Path, *, blobs: Blobs | None = None, settings: files.FileSettings | None = None
) -> AsyncIterator[Depot]:
    """Serve until the block ends, over a migrated database."""
    clock, signed_out = TurnedClock(), set[str]()
    settings = settings or files.FileSettings()
    local = LocalBlobs(folder / "blobs")
    context, app = compose(url, blobs or local, folder / "keys" / "master.key", clock, signed_out, settings)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve([listening]))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=60) as client:
                while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
                    await asyncio.sleep(0.01)
                store = context.port(files.FileStore)
                depot = Depot(base, context, clock, context.database, store, folder / "blobs", signed_out, client)
                await depot.settle()
                yield depot
        finally:
            server.should_exit = True
            await serving
            await context.database.close()
            await local.close()


@asynccontextmanager
async def process(url: str, folder: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A server in a process of its own, which may be killed; on what a test has settled before."""
    arguments = (sys.executable, "-m", "tests.core.files.depot", url, str(folder), str(port))
    server = await asyncio.create_subprocess_exec(*arguments)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert server.returncode is None, "the server did not start"
                await asyncio.sleep(0.05)
        yield server
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()


def main() -> None:
    """`python -m tests.core.files.depot URL FOLDER PORT`: serve what a test has settled before."""
    url, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    settings = files.FileSettings()
    _, app = compose(url, LocalBlobs(folder / "blobs"), folder / "keys" / "master.key", SystemClock(), set(), settings)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off", ws="none")


if __name__ == "__main__":
    main()
