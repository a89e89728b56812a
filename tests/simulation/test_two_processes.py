# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Two server processes on one PostgreSQL, with a NATS between them: for people they are one, whatever breaks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.exceptions import ConnectionClosed

from fachwerk import app
from fachwerk.core.messages import Sequencer
from fachwerk.core.messages.service import Draft, post
from fachwerk.kernel.policy import Actor
from tests.house.client import WAIT_S, SocketClient
from tests.house.client import Client as Person
from tests.simulation.client import Client
from tests.simulation.conftest import PEOPLE, Pair
from tests.simulation.conversation import BOUND_S, EACH, SENDERS, agree, converse, until, until_acknowledged
from tests.stack.component import Nats, Postgres

pytestmark = pytest.mark.anyio
DROPPED = "fachwerk_bus_dropped_total"


async def test_without_a_fault_everything_comes_by_the_bus(bus_pair: Pair) -> None:
    async def no_fault(_clients: list[Client]) -> None:
        """Just talk."""

    clients = await converse(bus_pair, no_fault, window=4)
    assert not any(client.cuts for client in clients)
    for process in (0, 1):
        assert await bus_pair.metric(process, "fachwerk_bus_received_total") >= SENDERS * EACH / 4
        assert await bus_pair.metric(process, DROPPED) == 0


async def test_a_killed_bus_loses_nothing(pair: Pair, own_nats: Nats) -> None:
    """NATS ends without a word in the middle; a quarter of the messages is sent while it is away."""

    async def fault(clients: list[Client]) -> None:
        await until_acknowledged(clients, SENDERS * EACH // 4)
        await asyncio.to_thread(own_nats.crash)
        await until_acknowledged(clients, SENDERS * EACH // 2)
        await asyncio.to_thread(own_nats.start)
        await _until_up(pair)

    clients = await converse(pair, fault, window=1)
    assert not any(client.cuts or client.retries for client in clients), "nobody needs the bus"
    for process in (0, 1):
        before = await pair.metric(process, "fachwerk_bus_received_total")
        await _write(pair, f"after-{process:04}")
        await _until(pair, process, "fachwerk_bus_received_total", before + 1)


async def test_a_killed_process_loses_nothing_and_its_people_go_to_the_other(pair: Pair) -> None:
    async def fault(clients: list[Client]) -> None:
        await until_acknowledged(clients, pair.chance.randrange(100, SENDERS * EACH - 200))
        await asyncio.to_thread(pair.servers[0].kill)
        await until(clients, lambda: sum(client.cuts for client in clients) >= PEOPLE // 2)

    clients = await converse(pair, fault, window=4)
    assert sum(client.cuts > 0 for client in clients) == PEOPLE // 2
    assert await pair.metric(1, "fachwerk_deliveries_total") > 0


async def test_a_crashed_database_loses_nothing(pair: Pair, durable_postgres: Postgres) -> None:
    async def fault(clients: list[Client]) -> None:
        await until_acknowledged(clients, SENDERS * EACH // 4)
        await asyncio.to_thread(durable_postgres.stop, PG_STOP="QUIT")
        await asyncio.to_thread(durable_postgres.start)
        await until_acknowledged(clients, SENDERS * EACH // 2)
        await asyncio.to_thread(durable_postgres.crash)
        await asyncio.to_thread(durable_postgres.start)

    clients = await converse(pair, fault, window=1)
    assert not any(client.cuts for client in clients), "the sockets outlive the database"


async def test_a_hanging_bus_holds_nobody_up(pair: Pair, own_nats: Nats) -> None:
    async def fault(clients: list[Client]) -> None:
        await until_acknowledged(clients, SENDERS * EACH // 4)
        with own_nats.hanging():
            await until_acknowledged(clients, SENDERS * EACH // 2)
            for process in (0, 1):
                await _until(pair, process, "fachwerk_bus_up", 0)
        await _until_up(pair)

    clients = await converse(pair, fault, window=1)
    assert not any(client.cuts or client.retries for client in clients)


async def test_what_a_worker_commits_comes_by_the_bus(bus_pair: Pair) -> None:
    async with asyncio.timeout(BOUND_S), bus_pair.client(0).present() as one, bus_pair.client(1).present() as other:
        await _write(bus_pair, "worker-0001")
        for client in (one, other):
            await client.until_heard(await bus_pair.standing())
    await agree(bus_pair, [one, other], {"worker-0001"})


async def test_a_session_that_ends_in_one_process_closes_its_sockets_in_the_other(bus_pair: Pair) -> None:
    async with _arrived(bus_pair, 0, place=1) as there:
        here = _person(bus_pair, 0)
        bus_pair.door.only = 0
        await here.call("POST", "/logout", {})
        with pytest.raises(ConnectionClosed) as ended:
            await there.until(t="never")
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 4401
        await here.http.aclose()


async def test_signals_cross(bus_pair: Pair) -> None:
    """Typing to whoever looks at the room, read markers to one's other devices, what is wide to everybody."""
    room = bus_pair.room.id
    async with (
        _arrived(bus_pair, 0, place=0) as here,
        _arrived(bus_pair, 0, place=1) as there,
        _arrived(bus_pair, 1, place=1) as colleague,
    ):
        for socket in (here, colleague):
            await socket.follow(room)
        await here.say(t="typing", id="typing", room=room)
        typing = await colleague.until(kind="typing")
        assert typing["e"]["person_id"] == bus_pair.room.people[0].id

        ack = await here.send(room, "Guten Morgen", "first-0001")
        assert (await there.until(kind="read"))["e"]["read_seq"] == ack["seq"]

        person = _person(bus_pair, 0)
        bus_pair.door.only = 0
        await person.call("PATCH", f"/messages/{ack['message_id']}", {"text": "Guten Tag"})
        assert (await there.until(kind="message.preview"))["a"] == f"room:{room}", "it only watches the room"
        assert not [frame for frame in here.heard if (frame.get("e") or {}).get("kind") == "typing"]
        await person.http.aclose()


def _person(pair: Pair, number: int) -> Person:
    person = pair.room.people[number]
    return Person(pair.settings.http.origin, person.cookie, person.id)


@asynccontextmanager
async def _arrived(pair: Pair, number: int, *, place: int) -> AsyncIterator[SocketClient]:
    """A socket of one of the people on one of the processes."""
    pair.door.only = place
    person = _person(pair, number)
    async with person.socket() as socket:
        await socket.hello()
        yield socket
    await person.http.aclose()


async def _write(pair: Pair, client_id: str) -> None:
    """A third process, which has no sockets, writes to the room."""
    other = app.compose(pair.settings)
    author = Actor(id=pair.room.people[PEOPLE - 1].id)
    draft = Draft(pair.room.id, client_id, "aus einem anderen Prozess", None, ())
    async with other.running(), asyncio.timeout(WAIT_S):
        while not other.relay.open:  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0.01)
        await post(other.context.port(Sequencer), other.context.clock, other.context.ids, author, draft, [])


async def _until_up(pair: Pair) -> None:
    for process in (0, 1):
        await _until(pair, process, "fachwerk_bus_up", 1)


async def _until(pair: Pair, process: int, metric: str, value: float) -> None:
    """0 means exactly that; anything else, at least that."""
    async with asyncio.timeout(BOUND_S):
        while (found := await pair.metric(process, metric)) < value or (not value and found):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
