# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fachwerk, as its API offers it: the calls of the bridge, some of them in the name of an external."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import IO, Any, TypeVar

import httpx2
import msgspec

from .errors import Later, Refused
from .wire import Events, FederatedRoom, Member, Members, Message, Peers, Rooms

API = "/api/v1"
EVENTS_PAGE = 500
MESSAGES_PAGE = 200
TIMEOUT_S = 30.0
RETRY_STATUS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS, 423}
UPLOAD_CHUNK_BYTES = 1024 * 1024

T = TypeVar("T")


class _Id(msgspec.Struct):
    person_id: str = ""
    room_id: str = ""
    id: str = ""


class _Problem(msgspec.Struct):
    type: str = ""


class Fachwerk:
    """The ministry's own installation. Every method raises Later while it is away and Refused when it says no."""

    def __init__(self, address: str, token: str) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        limits = httpx2.Limits(max_connections=50, max_keepalive_connections=50)
        self._http = httpx2.AsyncClient(base_url=address, headers=self._headers, timeout=TIMEOUT_S, limits=limits)
        self.socket_url = address.replace("http", "ws", 1) + API + "/sync"

    @property
    def headers(self) -> Mapping[str, str]:
        """What shows who we are, on the socket too."""
        return self._headers

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def peers(self) -> set[str]:
        """Server names of the ministries that people may open rooms to."""
        return {one.server for one in _read(await self._call("GET", "/federation/peers"), Peers).items}

    async def rooms(self) -> list[FederatedRoom]:
        """Rooms that are open to others, or were."""
        return _read(await self._call("GET", "/federation/rooms"), Rooms).items

    async def events(self, room_id: str, after: int) -> Events:
        """The room's stream after a number: every event, oldest first."""
        query = f"?after={after}&limit={EVENTS_PAGE}"
        return _read(await self._call("GET", f"/federation/rooms/{room_id}/events{query}"), Events)

    async def members(self, room_id: str) -> list[Member]:
        """Who is in a room now."""
        return _read(await self._call("GET", f"/federation/rooms/{room_id}/members"), Members).items

    async def put_person(self, mxid: str, name: str) -> str:
        """Make an external known, or give them a new name; returns their person id."""
        return _read(await self._call("PUT", "/federation/people", {"mxid": mxid, "name": name}), _Id).person_id

    async def put_member(self, room_id: str, person_id: str) -> None:
        """An external comes into a room."""
        await self._call("PUT", f"/federation/rooms/{room_id}/members/{person_id}")

    async def remove_member(self, room_id: str, person_id: str) -> None:
        """An external leaves a room."""
        await self._call("DELETE", f"/federation/rooms/{room_id}/members/{person_id}")

    async def found_portal(self, body: Mapping[str, Any]) -> str:
        """A peer opens a room to us; returns the id of ours."""
        return _read(await self._call("POST", "/federation/rooms", body), _Id).room_id

    async def put_key(self, room_id: str, mx_room: str) -> None:
        """Remember the Matrix room of a room."""
        await self._call("PUT", f"/federation/rooms/{room_id}/key", {"key": mx_room})

    async def put_status(self, room_id: str, server: str, **status: Any) -> None:
        """How a room stands with a peer: state, reason, reachable, delivered_seq; what is not said stays."""
        await self._call("PUT", f"/federation/rooms/{room_id}/peers/{server}/status", status)

    async def post(
        self, person_id: str, room_id: str, *, client_id: str, text: str, root_id: str | None, file_ids: list[str]
    ) -> Message:
        """Post as an external. The same client id again gives the same message."""
        body = {"client_id": client_id, "text": text, "root_id": root_id, "file_ids": file_ids}
        return _read(await self._call("POST", f"/rooms/{room_id}/messages", body, person_id), Message)

    async def posted(self, person_id: str, room_id: str, client_id: str) -> Message | None:
        """The message under a client id, if it is among the last of the room."""
        page = await self._call("GET", f"/rooms/{room_id}/messages?limit={MESSAGES_PAGE}", None, person_id)
        found = msgspec.json.decode(page)["items"]
        return next((msgspec.convert(one, Message) for one in found if one.get("client_id") == client_id), None)

    async def edit(self, person_id: str, message_id: str, text: str) -> None:
        """Change the text of an external's message."""
        await self._call("PATCH", f"/messages/{message_id}", {"text": text}, person_id)

    async def remove(self, person_id: str, message_id: str) -> None:
        """Delete an external's message."""
        await self._call("DELETE", f"/messages/{message_id}", None, person_id)

    async def react(self, person_id: str, message_id: str, emoji: str, *, gives: bool) -> None:
        """Give or take back an external's reaction."""
        path = f"/messages/{message_id}/reactions/{_quoted(emoji)}"
        await self._call("PUT" if gives else "DELETE", path, None, person_id)

    @asynccontextmanager
    async def file(self, room_id: str, file_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Bytes of a file that a message of an open room shows."""
        path = f"{API}/federation/rooms/{room_id}/files/{file_id}"
        try:
            async with self._http.stream("GET", path) as response:
                if response.status_code != HTTPStatus.OK:
                    await response.aread()
                    raise _failure(response)
                yield response.aiter_bytes(UPLOAD_CHUNK_BYTES)
        except httpx2.TransportError as error:
            raise Later(f"Fachwerk: {type(error).__name__}") from error

    async def upload(self, person_id: str, room_id: str, name: str, file: IO[bytes], size: int, sha256: str) -> str:
        """Bring a file of an external into a room (tus 1.0.0); returns its id."""
        words = {"filename": name, "room": room_id}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in words.items())
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": metadata}
        opened = await self._request("POST", f"{API}/uploads", person_id, headers=headers)
        location = opened.headers["location"]
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(size),
        }
        await self._request("PATCH", location, person_id, headers=headers, content=_chunks(file))
        done = await self._request("POST", f"{location}/finish", person_id, json={"sha256": sha256})
        return _read(done.content, _Id).id

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None, as_: str = "") -> bytes:
        response = await self._request(method, API + path, as_, json=body)
        return response.content

    async def _request(self, method: str, path: str, as_: str, **more: Any) -> httpx2.Response:
        headers = more.pop("headers", {}) | ({"Fachwerk-As": as_} if as_ else {})
        try:
            response = await self._http.request(method, path, headers=headers, **more)
        except httpx2.TransportError as error:
            raise Later(f"Fachwerk: {type(error).__name__}") from error
        if not response.is_success:
            raise _failure(response)
        return response


def _failure(response: httpx2.Response) -> Exception:
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in RETRY_STATUS:
        return Later(f"Fachwerk answers {status}")
    try:
        code = msgspec.json.decode(response.content, type=_Problem).type.rpartition(":")[2]
    except msgspec.MsgspecError:
        code = ""
    return Refused(code or str(status), status)


def _read(content: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(content, type=kind)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, UPLOAD_CHUNK_BYTES):
        yield chunk
