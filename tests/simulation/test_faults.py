# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Kill, cut and stall what messages go through: nothing acknowledged is lost, doubled or out of order."""

import asyncio
import json
import socket
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fachwerk import app
from fachwerk.core.identity import COOKIE
from fachwerk.core.messages import Sequencer
from fachwerk.core.messages.service import Draft, post
from fachwerk.kernel.policy import Actor
from tests.simulation.client import Client
from tests.simulation.conftest import PEOPLE, Stage, read_metric
from tests.simulation.conversation import (
    BOUND_S,
    EACH,
    SENDERS,
    agree,
    converse,
    messages,
    until,
    until_acknowledged,
)
from tests.stack.component import Postgres

pytestmark = pytest.mark.anyio


async def test_a_killed_server_loses_nothing(stage: Stage) -> None:
    """1,000 sends from 8 people; SIGKILL twice in between, at moments nobody chose."""
    moments = sorted(stage.chance.sample(range(50, SENDERS * EACH - 50), 2))

    async def fault(clients: list[Client]) -> None:
        for moment in moments:
            await until_acknowledged(clients, moment)
            await asyncio.to_thread(stage.server.kill)
            await asyncio.to_thread(stage.server.start)

    clients = await converse(stage, fault, window=4)
    assert all(client.cuts >= len(moments) for client in clients)


async def test_a_crashed_database_loses_nothing(postgres_stage: Stage, durable_postgres: Postgres) -> None:
    """PostgreSQL ends without a word, twice: shortly, then until the senders are told to try again later."""

    async def fault(clients: list[Client]) -> None:
        await until_acknowledged(clients, SENDERS * EACH // 4)
        await asyncio.to_thread(durable_postgres.stop, PG_STOP="QUIT")
        await asyncio.to_thread(durable_postgres.start)
        await until_acknowledged(clients, SENDERS * EACH // 2)
        before = sum(client.retries for client in clients)
        await asyncio.to_thread(durable_postgres.crash)
        await until(clients, lambda: sum(client.retries for client in clients) > before)
        await asyncio.to_thread(durable_postgres.start)

    clients = await converse(postgres_stage, fault, window=1)
    assert not any(client.cuts for client in clients), "the sockets outlive the database"


async def test_what_another_process_writes_reaches_the_sockets(stage: Stage) -> None:
    """A worker writes to the same room while people do."""
    other = app.compose(stage.settings)
    sequencer = other.context.port(Sequencer)
    author = Actor(id=stage.room.people[PEOPLE - 1].id)

    async def write(number: int) -> None:
        draft = Draft(stage.room.id, f"worker-{number:04}", "aus einem anderen Prozess", None, ())
        await post(sequencer, other.context.clock, other.context.ids, author, draft, [])

    async with other.running(), asyncio.timeout(BOUND_S), AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(stage.client(place).present()) for place in range(3)]
        async with asyncio.TaskGroup() as group:
            for place, client in enumerate(clients[:2]):
                group.create_task(client.send_all(messages(place, 50), window=2))
            for number in range(50):
                await write(number)
        standing = await stage.standing()
        for client in clients:
            await client.until_heard(standing)
    await agree(stage, clients, {f"worker-{number:04}" for number in range(50)})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_reader_who_stalls_is_dropped_and_comes_back(stage: Stage) -> None:
    """Others go on as if nothing were. 500 messages of 15,000 characters: more than any kernel keeps for a socket."""
    text = "x" * 15_000
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", stage.settings.http.port))
    url = stage.server.origin.replace("http", "ws") + "/api/v1/sync"
    headers = {"Cookie": f"{COOKIE}={stage.room.people[-1].cookie}"}
    subscribe = {"t": "sub", "a": f"room:{stage.room.id}", "after": stage.room.seq}
    async with (
        asyncio.timeout(BOUND_S),
        stage.client(0).present() as writer,
        stage.client(1).present() as reader,
        connect(
            url,
            sock=slow,
            additional_headers=headers,
            origin=stage.server.origin,  # type: ignore[arg-type]
            compression=None,
            max_size=None,
            max_queue=1,
            ping_interval=None,
        ) as stalled,
    ):
        await stalled.send(json.dumps({"t": "hello"}))
        await stalled.recv()
        await stalled.send(json.dumps(subscribe))
        assert json.loads(await stalled.recv())["seq"] == stage.room.seq
        await writer.send_all(((f"long-{number:04}", text) for number in range(500)), window=8)
        await reader.until_heard(await stage.standing())
        assert await read_metric(stage.settings.http.port, 'fachwerk_ws_closed_total{reason="too slow"}') == 1
        got: list[int] = []
        with pytest.raises(ConnectionClosed):
            await _listen(stalled, got)
        assert got == list(range(stage.room.seq + 1, stage.room.seq + 1 + len(got)))
        assert len(got) < 500
        async with connect(url, additional_headers=headers, origin=stage.server.origin) as back:  # type: ignore[arg-type]
            await back.send(json.dumps({"t": "hello"}))
            await back.recv()
            await back.send(json.dumps(subscribe | {"after": got[-1]}))
            answer = json.loads(await back.recv())
            assert (answer["t"], answer["gap"]) == ("subbed", True), "too much to be sent at once"
            await writer.send("after-0001", "weiter")
            assert json.loads(await back.recv())["e"]["message"]["text"] == "weiter"
        assert (writer.cuts, reader.cuts) == (0, 0)


async def _listen(connection: ClientConnection, got: list[int]) -> None:
    """Note every number until the connection ends."""
    while True:
        got.append(json.loads(await connection.recv())["s"])
