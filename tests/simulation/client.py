# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A client that survives its server: keeps what is not acknowledged, and comes back from where it was."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from fachwerk.core.identity import COOKIE
from tests.simulation.crowd import Person, Room

PAUSE_S = 0.05
"""Before another attempt."""
ANSWER_S = 30.0
"""An open connection that says nothing for so long, though it should, fails the test."""


class Client:
    """One person in one room.

    acked: number of each acknowledged client id. heard: (number, client id) of the messages of the
    room, each once and in order or the client fails. cuts: connections lost. retries: commands that
    were to be sent again. sent_s, heard_s: when each message was first sent, and came.
    """

    def __init__(self, origin: str, person: Person, room: Room) -> None:
        self.person, self.room = person, room
        self._origin = origin
        self._connection: ClientConnection | None = None
        self._pending: dict[str, tuple[str, asyncio.Future[None]]] = {}
        self.acked: dict[str, int] = {}
        self.heard: list[tuple[int, str]] = []
        self.last = room.seq
        self.cuts = self.retries = 0
        self.sent_s: dict[str, float] = {}
        self.heard_s: dict[str, float] = {}
        self.changed = asyncio.Event()

    @asynccontextmanager
    async def present(self) -> AsyncIterator["Client"]:
        """Stay connected as well as possible. What goes wrong meanwhile is raised at the end."""
        staying = asyncio.create_task(self._stay())
        try:
            await self._until_connected(staying)
            yield self
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
        if not staying.cancelled():
            staying.result()

    async def send(self, client_id: str, text: str) -> None:
        """Send until it is acknowledged."""
        frame = json.dumps({"t": "send", "id": client_id, "room": self.room.id, "text": text})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending[client_id] = (frame, done)
        self.sent_s[client_id] = time.monotonic()
        await self._say(frame)
        await done

    async def send_all(self, messages: Iterable[tuple[str, str]], *, window: int) -> None:
        """Send (client id, text) in this order, at most `window` at a time without an acknowledgement."""
        places = asyncio.Semaphore(window)

        async def one(client_id: str, text: str) -> None:
            try:
                await self.send(client_id, text)
            finally:
                places.release()

        async with asyncio.TaskGroup() as group:
            for client_id, text in messages:
                await places.acquire()
                group.create_task(one(client_id, text))

    async def until_heard(self, seq: int) -> None:
        """Wait until this number has come."""
        while self.last < seq:
            self.changed.clear()
            await self.changed.wait()

    async def _until_connected(self, staying: "asyncio.Task[None]") -> None:
        while self._connection is None:
            assert not staying.done(), staying
            self.changed.clear()
            await self.changed.wait()

    async def _stay(self) -> None:
        headers = {"Cookie": f"{COOKIE}={self.person.cookie}"}
        url = self._origin.replace("http", "ws") + "/api/v1/sync"
        while True:
            try:
                async with connect(
                    url,
                    additional_headers=headers,
                    origin=self._origin,  # type: ignore[arg-type]
                    compression=None,
                    max_size=None,
                    open_timeout=ANSWER_S,
                ) as connection:
                    await self._talk(connection)
            except (OSError, ConnectionClosed, InvalidHandshake):
                self.cuts += 1
            finally:
                self._connection = None
            await asyncio.sleep(PAUSE_S)

    async def _talk(self, connection: ClientConnection) -> None:
        await self._ask(connection, {"t": "hello", "id": "hello"}, "hello")
        subscribe = {"t": "sub", "id": "sub", "a": f"room:{self.room.id}", "after": self.last}
        subscribed = await self._ask(connection, subscribe, "subbed")
        assert not subscribed["gap"]
        assert subscribed["seq"] == self.last, "what was missed comes before the answer"
        self._connection = connection
        self.changed.set()
        for frame, _ in list(self._pending.values()):
            await connection.send(frame)
        async for text in connection:
            self._hear(json.loads(text))

    async def _ask(self, connection: ClientConnection, frame: dict[str, Any], kind: str) -> dict[str, Any]:
        """Ask again as long as it is refused only for now."""
        await connection.send(json.dumps(frame))
        async with asyncio.timeout(ANSWER_S):
            while True:
                heard: dict[str, Any] = json.loads(await connection.recv())
                if heard.get("t") == kind:
                    return heard
                if heard.get("t") == "problem" and heard.get("id") == frame["id"]:
                    assert heard["retry"], heard
                    self.retries += 1
                    await asyncio.sleep(PAUSE_S)
                    await connection.send(json.dumps(frame))
                else:
                    self._hear(heard)

    def _hear(self, frame: dict[str, Any]) -> None:
        if "t" not in frame and frame["a"] == f"room:{self.room.id}" and "s" in frame:
            assert frame["s"] == self.last + 1, f"{frame['s']} after {self.last}"
            self.last = frame["s"]
            client_id = frame["e"]["message"]["client_id"]
            self.heard.append((self.last, client_id))
            self.heard_s[client_id] = time.monotonic()
        elif frame.get("t") == "ack":
            self._acknowledged(frame["id"], frame["seq"])
        elif frame.get("t") == "problem":
            assert frame["retry"], frame
            self.retries += 1
            asyncio.get_running_loop().call_later(PAUSE_S, self._again, frame["id"])
        self.changed.set()

    def _acknowledged(self, client_id: str, seq: int) -> None:
        assert self.acked.setdefault(client_id, seq) == seq, "one message, two numbers"
        _, done = self._pending.pop(client_id, ("", None))
        if done:
            done.set_result(None)

    def _again(self, client_id: str) -> None:
        if client_id in self._pending:
            self._saying = asyncio.ensure_future(self._say(self._pending[client_id][0]))

    async def _say(self, frame: str) -> None:
        if self._connection:
            try:
                await self._connection.send(frame)
            except ConnectionClosed:
                return  # it is sent again on the next connection
