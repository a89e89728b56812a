# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A room that two ministries share, as people see it on either side."""

import asyncio
import hashlib
import time
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.federation.ministry import Ministry
from tests.house.client import Client

WAIT_S = 60.0
"""How long something may take to cross on a busy machine."""

T = TypeVar("T")


async def until(ask: Callable[[], Awaitable[T | None]], wait_s: float = WAIT_S) -> T:
    """Ask until there is an answer. Fails when it takes too long."""
    end = time.monotonic() + wait_s
    while not (answer := await ask()):
        assert time.monotonic() < end, f"still not so after {wait_s} s"
        await asyncio.sleep(0.05)
    return answer


async def becomes(ask: Callable[[], Awaitable[T]], wanted: T) -> None:
    """Ask until the answer is this one; fails with the last one."""
    last: list[T] = []

    async def is_so() -> bool:
        last[:] = [await ask()]
        return last == [wanted]

    try:
        await until(is_so)
    except AssertionError as error:
        raise AssertionError(f"{last} instead of {wanted}") from error


@dataclass(slots=True)
class Side:
    """The room in one ministry, seen by one of its people."""

    ministry: Ministry
    client: Client
    room: str

    async def say(self, text: str, *, root: str | None = None, file_ids: list[str] | None = None) -> dict[str, Any]:
        """Post a message."""
        body = {"client_id": uuid.uuid4().hex, "text": text, "root_id": root, "file_ids": file_ids or []}
        message: dict[str, Any] = await self.client.call("POST", f"/rooms/{self.room}/messages", body, status=201)
        return message

    async def messages(self) -> list[dict[str, Any]]:
        """The latest, oldest first; reactions of each under `reactions`."""
        found: list[dict[str, Any]] = []
        before = ""
        while True:
            page = await self.client.call("GET", f"/rooms/{self.room}/messages?limit=200{before}")
            for message in page["items"]:
                message["reactions"] = page["extra"].get("reactions", {}).get(message["id"], [])
            found = page["items"] + found
            if not page.get("more"):
                return found
            before = f"&before={page['items'][0]['seq']}"

    async def texts(self) -> list[str]:
        """What is written, oldest first."""
        return [message.get("text", "") for message in await self.messages()]

    async def hears(self, text: str) -> dict[str, Any]:
        """The message with this text, once it is here."""

        async def look() -> dict[str, Any] | None:
            return next((one for one in await self.messages() if one.get("text") == text), None)

        return await until(look)

    async def state(self) -> dict[str, Any]:
        """The room's state by module."""
        state: dict[str, Any] = (await self.client.call("GET", f"/rooms/{self.room}/state"))["state"]
        return state

    async def members(self) -> dict[str, str]:
        """Who is in the room: name by person id."""
        ids = [one["person_id"] for one in (await self.state())["rooms"]["members"] if one["membership"] == "joined"]
        people = await self.client.call("GET", "/people/by-id?" + "&".join(f"id={one}" for one in ids))
        return {person["id"]: person["name"] for person in people["items"]}

    async def peer(self) -> dict[str, Any]:
        """How the room stands with the other ministry."""
        peer: dict[str, Any] = (await self.state())["federation"]["peers"][0]
        return peer

    async def delivered(self, seq: int) -> bool:
        """Whether people here read that a message has arrived there."""
        peer = await self.peer()
        return bool(peer["opened_seq"] < seq <= peer["delivered_seq"])

    async def upload(self, name: str, content: bytes) -> str:
        """Put a file into the room; returns its id."""
        words = {"filename": name, "room": self.room}
        metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in words.items())
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        opened = await self.client.http.post("/api/v1/uploads", headers=headers)
        assert opened.status_code == 201, opened.text
        path = opened.headers["location"]
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        sent = await self.client.http.patch(path, headers=headers, content=content)
        assert sent.status_code == 204, sent.text
        digest = hashlib.sha256(content).hexdigest()
        done = await self.client.http.post(f"{path}/finish", json={"sha256": digest})
        assert done.status_code == 201, done.text
        return str(done.json()["id"])

    async def download(self, file_id: str) -> bytes:
        """A file's bytes."""
        answer = await self.client.http.get(f"/api/v1/files/{file_id}/content")
        assert answer.status_code == 200, answer.text
        return bytes(answer.content)


@dataclass(slots=True)
class Talk:
    """north: where the room is at home."""

    north: Side
    south: Side


async def new_room(ministry: Ministry, owner: str, name: str) -> Side:
    """A room of one ministry alone."""
    client = ministry.client(owner)
    room = await client.call("POST", "/rooms", {"name": name}, status=201)
    return Side(ministry, client, room["id"])


async def share(side: Side, other: Ministry, contact: str) -> None:
    """Have its owner open a room to another ministry."""
    await side.client.call("PUT", f"/rooms/{side.room}/peers/{other.server_name}", {"contact": contact}, status=204)


async def arrived(client: Client, name: str) -> str:
    """The id of the room with this name, once it is in somebody's list."""

    async def look() -> str | None:
        rooms = await client.call("GET", "/rooms")
        return next((room["id"] for room in rooms["items"] if room["name"] == name), None)

    return await until(look)


@asynccontextmanager
async def open_room(
    north: Ministry, south: Ministry, owner: str = "nora", contact: str = "sara", address: str = ""
) -> AsyncIterator[Talk]:
    """A room of somebody in the north, open to the south, and there. address: of the contact, for their mail's."""
    name = f"Lage {uuid.uuid4().hex[:6]}"
    home = await new_room(north, owner, name)
    await share(home, south, address or south.mail(contact))
    there = south.client(contact)
    away = Side(south, there, await arrived(there, name))

    async def is_open() -> bool:
        return bool((await home.peer())["state"] == "open")

    await until(is_open)
    yield Talk(home, away)
