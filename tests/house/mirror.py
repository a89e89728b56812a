# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A client that keeps its state by the modules' own reducers, to hold it against a fresh snapshot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_type_hints

import msgspec

from fachwerk.app import MODULES
from fachwerk.kernel.events import Event, kind_of
from fachwerk.kernel.module import Module, Received
from tests.house.client import WAIT_S, Client, SocketClient

EVENTS: dict[str, type[Event]] = {kind_of(event): event for module in MODULES for event in module.events}


def _parts(kind: str, state: dict[str, Any]) -> dict[str, Any]:
    """The state of each module as its snapshot's own type."""
    return {
        module.name: msgspec.convert(state[module.name], get_type_hints(snapshot.load)["return"])
        for module in MODULES
        if (snapshot := module.snapshots.get(kind))
    }


class Mirror:
    """What one person's client shows: their list, and one room if given."""

    def __init__(self, client: Client, socket: SocketClient, room_id: str | None) -> None:
        self._client, self._socket, self._room = client, socket, room_id
        self.events: list[Event] = []
        self.list: dict[str, Any] = {}
        self.room: dict[str, Any] = {}
        self._base = 0

    async def start(self) -> None:
        hello = await self._socket.hello()
        self.list = _parts("user", hello["state"])
        for room in hello["state"]["rooms"]["items"]:
            if room["membership"] == "joined":
                await self._socket.follow(room["id"])
        if self._room:
            state = await self._client.call("GET", f"/rooms/{self._room}/state")
            self.room, self._base = _parts("room", state["state"]), state["seq"]

    async def fresh(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The state as a client that arrives now gets it."""
        async with self._client.socket() as socket:
            fresh_list = _parts("user", (await socket.hello())["state"])
        fresh_room = {}
        if self._room:
            fresh_room = _parts("room", (await self._client.call("GET", f"/rooms/{self._room}/state"))["state"])
        return fresh_list, fresh_room

    async def catch_up(self) -> None:
        """Apply what comes until both states are the same; that they never become so fails the test."""
        wanted = await self.fresh()
        try:
            async with asyncio.timeout(WAIT_S / 4):
                while (self.list, self.room) != wanted:
                    self._apply(await self._socket.hear())
                # what else was already on its way must not change anything any more
                await self._socket.say(t="ping")
                while (frame := await self._socket.hear()).get("t") != "pong":
                    self._apply(frame)
        except TimeoutError:
            pass  # the assertions say what differs
        for module, state in (*wanted[0].items(), *wanted[1].items()):
            assert state in (self.list.get(module), self.room.get(module)), f"{module} differs from a fresh snapshot"
        assert (self.list, self.room) == wanted

    def _apply(self, frame: dict[str, Any]) -> None:
        if "e" not in frame or "a" not in frame or "t" in frame:
            return
        event = msgspec.convert(frame["e"], EVENTS[frame["e"]["kind"]])
        received = Received(frame["a"], frame.get("s", 0), frame.get("n", 0), event, self._client.id)
        self.events.append(event)
        for module in MODULES:
            self._reduce(module, received)

    def _reduce(self, module: Module, received: Received) -> None:
        if snapshot := module.snapshots.get("user"):
            self.list[module.name] = snapshot.apply(self.list[module.name], received)
        snapshot = module.snapshots.get("room")
        mine = received.audience in (f"room:{self._room}", f"user:{self._client.id}")
        old = received.audience.startswith("room:") and 0 < received.seq <= self._base
        if snapshot and self._room and mine and not old:
            self.room[module.name] = snapshot.apply(self.room[module.name], received)


@asynccontextmanager
async def mirrored(client: Client, room_id: str | None) -> AsyncIterator[Mirror]:
    """The events that an action sends must turn the old state into the new one."""
    async with client.socket() as socket:
        mirror = Mirror(client, socket, room_id)
        await mirror.start()
        yield mirror
        await mirror.catch_up()
