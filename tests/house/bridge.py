# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The bridge to other ministries, as far as this server sees it: a token, and the name of an external."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from websockets.asyncio.client import connect

from tests.house.client import WAIT_S, SocketClient


class Bridge:
    """Asks with a token. as_: the external in whose name."""

    def __init__(self, origin: str, token: str, as_: str = "") -> None:
        self.origin, self.token = origin, token
        self.headers = {"Authorization": f"Bearer {token}"} | ({"Fachwerk-As": as_} if as_ else {})

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Ask the API."""
        async with httpx2.AsyncClient(base_url=self.origin, timeout=WAIT_S) as http:
            return await http.request(method, f"/api/v1{path}", json=body, headers=self.headers | headers)

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Ask the API; the answer must have this status. Returns its JSON, if it has one."""
        response = await self.ask(method, path, body)
        assert response.status_code == status, (response.status_code, response.text)
        return response.json() if response.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Ask for what must be refused: (status, slug of the problem)."""
        response = await self.ask(method, path, body)
        assert response.headers["content-type"] == "application/problem+json", response.text
        return response.status_code, response.json()["type"].removeprefix("urn:fachwerk:problem:")

    async def person(self, mxid: str, name: str = "Eva") -> str:
        """An external; returns their id."""
        return str((await self.call("PUT", "/federation/people", {"mxid": mxid, "name": name}))["person_id"])

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[SocketClient]:
        """A socket, before its hello."""
        url = self.origin.replace("http", "ws") + "/api/v1/sync"
        async with connect(url, additional_headers=self.headers, compression=None) as connection:
            yield SocketClient(connection)
