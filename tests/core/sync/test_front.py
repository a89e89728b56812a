# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The socket's beginning and end, where somebody else is faster."""

import asyncio
import dataclasses
import socket
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from starlette.requests import HTTPConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fachwerk.core.rooms.sync import RoomList, joined_audiences
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Snapshot
from fachwerk.kernel.policy import Actor, Facts
from tests.house import Client, House

pytestmark = pytest.mark.anyio


async def test_who_is_removed_while_saying_hello_hears_nothing_of_the_room(
    house: House, ada: Client, bea: Client
) -> None:
    reads = 0

    async def watch(work: Work, actor: Actor) -> Mapping[str, Facts]:
        nonlocal reads
        places = await joined_audiences(work, actor)
        reads += 1
        if reads == 1:
            await bea.call("DELETE", f"/rooms/{house.room}/members/{ada.id}", status=204)
        return places

    _replace_watch(house, watch)
    async with ada.socket() as socket:
        hello = await socket.hello()
        assert hello["state"]["rooms"]["items"] == []
        await socket.say(t="sub", id="mine?", a=f"room:{house.room}")
        assert (await socket.until(id="mine?"))["problem"]["status"] == 404
        await bea.call("POST", f"/rooms/{house.room}/messages", {"client_id": "client-0001", "text": "x"}, status=201)
        await socket.say(t="ping")
        await socket.until(t="pong")
        assert not [frame for frame in socket.heard if frame.get("a") == f"room:{house.room}"]
    assert reads == 2


async def test_what_happens_while_the_state_is_read_is_told_after_it(house: House, ada: Client) -> None:
    rooms = next(module for module in house.context.modules if module.name == "rooms")
    load = rooms.snapshots["user"].load
    made: list[str] = []

    async def slow(work: Work, actor: Actor, person_id: str) -> RoomList:
        before: RoomList = await load(work, actor, person_id)
        made.append((await ada.call("POST", "/rooms", {"name": "Eben erst"}, status=201))["id"])
        await ada.call("POST", f"/rooms/{house.room}/leave", status=204)
        await asyncio.sleep(0.05)  # all of it has come to the socket by now
        return before

    snapshots = {**rooms.snapshots, "user": Snapshot(load=slow, apply=rooms.snapshots["user"].apply)}
    _replace_rooms(house, snapshots=snapshots)
    async with ada.socket() as socket:
        hello = await socket.hello()
        assert socket.heard == []
        assert [room["id"] for room in hello["state"]["rooms"]["items"]] == [house.room]
        assert (await socket.until(kind="room.opened"))["e"]["room"]["id"] == made[0]
        await socket.until(t="closed", a=f"room:{house.room}")


async def test_a_role_that_changes_while_saying_hello_is_the_new_one(house: House, ada: Client, olga: Client) -> None:
    async def watch(work: Work, actor: Actor) -> Mapping[str, Facts]:
        places = await joined_audiences(work, actor)
        if actor.id == ada.id:
            await olga.call("PUT", f"/rooms/{house.room}/members/{ada.id}", {"role": "reader"}, status=204)
        return places

    _replace_watch(house, watch)
    async with ada.following(house.room) as socket:
        answer = await socket.send(house.room, "noch erlaubt?", "client-0001")
    assert answer["problem"]["status"] == 403


async def test_the_first_message_needs_no_query(house: House, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ada.following(house.room) as socket:
        monkeypatch.setattr(house.context.database, "read", None)
        assert (await socket.send(house.room, "sofort", "client-0001"))["t"] == "ack"
        monkeypatch.undo()


async def test_text_that_no_database_keeps_is_refused_for_good(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        refused = await socket.send(house.room, "a\0b", "client-0001")
        assert refused["problem"]["errors"][0]["pointer"] == "/text"
        assert not refused["retry"]
        assert (await socket.send(house.room, r"a\u0000b", "client-0001"))["t"] == "ack"


async def test_a_socket_that_says_nothing_is_closed(house: House, ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ada.following() as greets:
        monkeypatch.setattr("fachwerk.core.sync.front.HELLO_WITHIN_S", 0.05)
        async with ada.socket() as silent:
            with pytest.raises(ConnectionClosed) as closed:
                await silent.until(t="never")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4408
        await greets.say(t="ping")
        await greets.until(t="pong")


async def test_a_client_that_goes_while_we_look_who_it_is_is_no_error(
    house: House, ada: Client, caplog: pytest.LogCaptureFixture
) -> None:
    looked, lost, authenticate = asyncio.Event(), asyncio.Event(), house.context.authenticate

    async def slow(connection: HTTPConnection) -> Actor | None:
        transport = connection.scope["extensions"]["fachwerk.transport"]
        connection_lost = transport.connection_lost

        def gone(error: Exception | None) -> None:
            connection_lost(error)
            lost.set()

        transport.connection_lost = gone
        looked.set()
        await lost.wait()
        return await authenticate(connection)

    house.context.authenticate = slow
    opening = asyncio.ensure_future(ada.socket().__aenter__())
    await looked.wait()
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    house.context.authenticate = authenticate
    async with ada.following(house.room) as socket:  # and everything goes on
        await socket.say(t="ping")
        await socket.until(t="pong")
    assert house.house.hub.sockets_of(ada.id) <= 1
    assert "Exception in ASGI application" not in caplog.text


def _replace_watch(house: House, watch: Callable[..., Any]) -> None:
    _replace_rooms(house, watch=watch)


def _replace_rooms(house: House, **parts: Any) -> None:
    house.context.modules = tuple(
        dataclasses.replace(module, **parts) if module.name == "rooms" else module for module in house.context.modules
    )


async def test_who_arrives_while_the_database_is_away_is_turned_away_and_comes_again(
    house: House, ada: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    known = house.context.authenticate

    async def away(_: HTTPConnection) -> Actor | None:
        raise TimeoutError

    monkeypatch.setattr(house.context, "authenticate", away)
    with pytest.raises(InvalidStatus):
        async with ada.socket():
            pass
    assert not [record for record in caplog.records if record.exc_info], "nothing that nobody expected"
    monkeypatch.setattr(house.context, "authenticate", known)
    async with ada.socket() as socket:
        assert (await socket.hello())["t"] == "hello"


async def test_a_long_answer_to_hello_reaches_a_client_that_reads_slowly(house: House, ada: Client) -> None:
    """Somebody in thousands of rooms, on a bad line: their state is more than may wait for one socket otherwise."""
    rooms = next(module for module in house.context.modules if module.name == "rooms")
    load = rooms.snapshots["user"].load

    async def long(work: Work, actor: Actor, person_id: str) -> RoomList:
        state: RoomList = await load(work, actor, person_id)
        many = [msgspec.structs.replace(state.items[0], topic="Thema " * 100_000) for _ in range(30)]
        return RoomList(items=many)

    _replace_rooms(
        house, snapshots={**rooms.snapshots, "user": Snapshot(load=long, apply=rooms.snapshots["user"].apply)}
    )
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", int(house.origin.rpartition(":")[2])))
    async with ada.socket(sock=slow, max_queue=1) as reader:
        await reader.say(t="hello")
        await asyncio.sleep(0.5)
        assert len((await reader.until(t="hello"))["state"]["rooms"]["items"]) == 30
