# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A server that is told to end loses nobody and nothing, and ends by itself."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from fachwerk.core.identity import COOKIE
from fachwerk.settings import Settings
from tests.house.house import make_settings
from tests.simulation.crowd import Person, make_crowd
from tests.simulation.process import ServerProcess
from tests.stack.component import free_ports

pytestmark = pytest.mark.anyio

SOCKETS, PEOPLE = 1000, 50
DELAY_S, WINDOW_S = 1.0, 4.0
PAUSE_S = 0.05


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str) -> Settings:
    ports = free_ports(2)
    operations = {"port": ports + 1, "drain_delay_s": DELAY_S, "drain_window_s": WINDOW_S}
    return make_settings(
        tmp_path, sqlite_url, ports, operations=operations, sync={"sockets_per_person": SOCKETS // PEOPLE}
    )


@pytest.fixture
async def people(settings: Settings) -> list[Person]:
    (room,) = await make_crowd(settings, rooms_count=1, people_per_room=PEOPLE)
    return room.people


@pytest.fixture
def server(settings: Settings, people: list[Person], tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(settings, tmp_path) as running:
        yield running


async def arrive(origin: str, person: Person) -> ClientConnection:
    """A socket that has said hello."""
    headers = {"Cookie": f"{COOKIE}={person.cookie}"}
    url = origin.replace("http", "ws") + "/api/v1/sync"
    connection = await connect(url, additional_headers=headers, origin=origin, compression=None, open_timeout=60)  # type: ignore[arg-type]
    await connection.send('{"t":"hello"}')
    await connection.recv()
    return connection


async def ended(connection: ClientConnection) -> tuple[float, int | None]:
    """When a socket was closed, and why."""
    await connection.wait_closed()
    return time.monotonic(), connection.close_code


async def unready(origin: str) -> float:
    """When the server began to say that it is not ready."""
    async with httpx2.AsyncClient(base_url=origin) as http:
        while (await http.get("/readyz")).status_code == 200:  # noqa: ASYNC110 -- it is another process
            await asyncio.sleep(PAUSE_S)
    return time.monotonic()


async def test_a_thousand_sockets_are_sent_elsewhere_one_after_the_other(
    server: ServerProcess, people: list[Person], settings: Settings
) -> None:
    sockets: list[ClientConnection] = []
    for _ in range(SOCKETS // PEOPLE):
        sockets += await asyncio.gather(*(arrive(server.origin, person) for person in people))
    ends = asyncio.gather(*(ended(connection) for connection in sockets))
    began = time.monotonic()
    os.kill(server.pid, signal.SIGTERM)
    assert await unready(server.origin) - began < DELAY_S
    async with asyncio.timeout(60):
        closed = await ends
    assert await asyncio.to_thread(server.wait) == 0
    assert time.monotonic() - began < DELAY_S + WINDOW_S + settings.operations.drain_requests_s + 5

    assert Counter(code for _, code in closed) == {1012: SOCKETS}
    times = sorted(at - began for at, _ in closed)
    print(f"first {times[0]:.2f} s, last {times[-1]:.2f} s after the signal")  # noqa: T201 -- shown when it fails
    assert times[0] > DELAY_S - PAUSE_S
    assert times[-1] - times[0] > WINDOW_S / 2
    assert max(Counter(int(at) for at in times).values()) < SOCKETS * 2 / WINDOW_S


async def test_a_request_that_has_begun_is_finished(server: ServerProcess, people: list[Person]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.settings.http.port)
    head = (
        f"POST /api/v1/rooms HTTP/1.1\r\nHost: x\r\nOrigin: {server.origin}\r\nContent-Length: 2\r\n"
        f"Cookie: {COOKIE}={people[0].cookie}\r\n\r\n{{"
    )
    writer.write(head.encode())
    await writer.drain()
    os.kill(server.pid, signal.SIGTERM)
    await unready(server.origin)
    await asyncio.sleep(DELAY_S + 1)  # the window is over at once, since nobody is here; requests have their own time
    writer.write(b"}")
    async with asyncio.timeout(10):
        status = (await reader.readline()).split()[1]
    writer.close()
    assert status == b"422"
    assert await asyncio.to_thread(server.wait) == 0


async def test_operators_have_a_port_of_their_own(server: ServerProcess, settings: Settings) -> None:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{settings.operations.port}") as http:
        assert (await http.get("/healthz")).text == "ok\n"
        assert (await http.get("/readyz")).json()["schema"] == "ok"
        assert "fachwerk_loop_lag_seconds" in (await http.get("/metrics")).text
        assert (await http.get("/api/v1/me")).status_code == 404


async def test_a_port_that_is_taken_stops_the_start_with_a_sentence(server: ServerProcess, tmp_path: Path) -> None:
    taken = server.settings.operations.model_copy(update={"port": server.settings.http.port})
    http = server.settings.http.model_copy(update={"port": free_ports(1)})
    other = ServerProcess(server.settings.model_copy(update={"operations": taken, "http": http}), tmp_path)
    with pytest.raises(RuntimeError, match=f"cannot listen for operators on 127.0.0.1:{taken.port}"):
        await asyncio.to_thread(other.start)
