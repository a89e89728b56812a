# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One person with a session, over HTTP and over the socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from fachwerk.core.identity import COOKIE

WAIT_S = 10.0
"""How long a test waits for something that must come."""


class SocketClient:
    """A socket that keeps what it heard until somebody asks for it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[dict[str, Any]] = []

    async def say(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def hear(self, within_s: float = WAIT_S) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(within_s):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        return frame

    async def until(self, within_s: float = WAIT_S, **wanted: Any) -> dict[str, Any]:
        """The next frame with these values; `kind` looks into an event. Others are kept in `heard`.

        within_s: longest silence.
        """
        while True:
            frame = await self.hear(within_s)
            event = frame.get("e") or {}
            if all(
                (event.get("kind") if name == "kind" else frame.get(name)) == value for name, value in wanted.items()
            ):
                return frame
            self.heard.append(frame)

    async def hello(self) -> dict[str, Any]:
        await self.say(t="hello")
        return await self.until(t="hello")

    async def follow(self, room_id: str, after: int | None = None) -> dict[str, Any]:
        await self.say(t="sub", a=f"room:{room_id}", **({} if after is None else {"after": after}))
        return await self.until(t="subbed")

    async def send(self, room_id: str, text: str, client_id: str, **more: Any) -> dict[str, Any]:
        """Send a message; returns the ack or the problem."""
        await self.say(t="send", id=client_id, room=room_id, text=text, **more)
        return await self.until(id=client_id)


class Client:
    """A person."""

    def __init__(self, origin: str, cookie: str, person_id: str) -> None:
        self.id, self.origin, self.cookie = person_id, origin, cookie
        self.http = httpx2.AsyncClient(
            base_url=origin, headers={"Cookie": f"{COOKIE}={cookie}", "Origin": origin}, timeout=WAIT_S
        )

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Ask the API; the answer must have this status. Returns its JSON, if it has one."""
        response = await self.http.request(method, f"/api/v1{path}", json=body)
        assert response.status_code == status, (response.status_code, response.text)
        return response.json() if response.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Ask for what must be refused: (status, slug of the problem)."""
        response = await self.http.request(method, f"/api/v1{path}", json=body)
        assert response.headers["content-type"] == "application/problem+json", response.text
        return response.status_code, response.json()["type"].removeprefix("urn:fachwerk:problem:")

    @asynccontextmanager
    async def socket(self, **more: Any) -> AsyncIterator[SocketClient]:
        """A socket, before its hello. more: for the connection."""
        url = self.origin.replace("http", "ws") + "/api/v1/sync"
        headers = {"Cookie": f"{COOKIE}={self.cookie}"}
        origin: Any = self.origin
        # no limit on what is received, as in a browser
        async with connect(
            url, additional_headers=headers, origin=origin, compression=None, max_size=None, **more
        ) as connection:
            yield SocketClient(connection)

    @asynccontextmanager
    async def following(self, *room_ids: str) -> AsyncIterator[SocketClient]:
        """A socket that has said hello and follows these rooms."""
        async with self.socket() as socket:
            await socket.hello()
            for room_id in room_ids:
                await socket.follow(room_id)
            yield socket
