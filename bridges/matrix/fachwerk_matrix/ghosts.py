# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The homeserver's client API, and our users there: matrix-nio's client, acting by the application service's token."""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from http import HTTPStatus
from typing import IO, Any, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from nio import ErrorResponse, Response
from nio.client.async_client import AsyncClient, AsyncClientConfig

from .errors import Later, Refused
from .ids import BOT, DEVICE, bot_of
from .metrics import HOMESERVER_UP

ROOM_VERSION = "12"
REQUEST_S = 30.0
PAGE = 100
"""Events of one page of a room's history."""
CHUNK_BYTES = 256 * 1024
TRANSIENT = {"M_LIMIT_EXCEEDED", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"}
"""Refusals that are not about what was asked."""

R = TypeVar("R", bound=Response)


class GhostClient(AsyncClient):
    """One of our users. All requests of nio pass `send`, so there they learn in whose name they are."""

    def __init__(self, address: str, mxid: str, token: str, session: aiohttp.ClientSession) -> None:
        # nio tries again for ever unless it is told how often; trying again is the business of our queues
        config = AsyncClientConfig(max_timeouts=1, max_limit_exceeded=0, request_timeout=int(REQUEST_S))
        super().__init__(address, mxid, config=config)
        self.user_id, self.access_token, self.client_session = mxid, token, session
        self.known = False
        """Whether the user and its device exist; before that no request may name them."""

    async def send(self, method: str, path: str, *rest: Any, **more: Any) -> aiohttp.ClientResponse:
        """Add the user and the device."""
        if self.known:
            path += ("&" if "?" in path else "?") + urlencode({"user_id": self.user_id, "device_id": DEVICE})
        response: aiohttp.ClientResponse = await super().send(method, path, *rest, **more)
        return response


class Page(msgspec.Struct):
    """Part of a room's history, newest first. Each event as it is; `end` leads to older ones."""

    chunk: list[msgspec.Raw]
    end: str | None = None


class Homeserver:
    """The ministry's Matrix server. Every method raises Later while it is away and Refused when it says no."""

    def __init__(self, address: str, server_name: str, token: str) -> None:
        self._address, self.server_name, self._token = address, server_name, token
        self._session: aiohttp.ClientSession | None = None
        self._clients: dict[str, GhostClient] = {}

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session:
            await self._session.close()

    def client(self, mxid: str) -> GhostClient:
        """The client of one of our users."""
        if mxid not in self._clients:
            if self._session is None:
                self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50))
            self._clients[mxid] = GhostClient(self._address, mxid, self._token, self._session)
        return self._clients[mxid]

    @property
    def bot(self) -> GhostClient:
        """The bridge's own user."""
        return self.client(bot_of(self.server_name))

    async def appear(self, mxid: str, name: str = "") -> GhostClient:
        """Make one of our users exist, with its device, and give it a name unless that is empty."""
        client = self.client(mxid)
        if not client.known:
            localpart = mxid[1:].partition(":")[0]
            if localpart != BOT:
                body = {"type": "m.login.application_service", "username": localpart, "inhibit_login": True}
                await self._json(client, "POST", "/_matrix/client/v3/register", body, fine={"M_USER_IN_USE"})
            identifier = {"type": "m.id.user", "user": mxid}
            body = {"type": "m.login.application_service", "identifier": identifier, "device_id": DEVICE}
            await self._json(client, "POST", "/_matrix/client/v3/login", body)
            client.known = True
        if name:
            await asked(client.set_displayname(name))
        return client

    async def profile_name(self, mxid: str) -> str:
        """How somebody, of whatever server, calls themselves; empty if that server does not say."""
        try:
            return (await asked(self.bot.get_displayname(mxid))).displayname or ""
        except Refused:
            return ""

    async def ping(self) -> None:
        """Have the homeserver try us at once, instead of after its own growing pauses."""
        path = f"/_matrix/client/v1/appservice/{BOT}/ping"
        await self._json(self.client(""), "POST", path, {})

    async def create_room(self, alias: str, name: str, topic: str, state: Sequence[Mapping[str, Any]]) -> str:
        """Make a room of the bot's, or find the one that an interrupted attempt has made. Returns its id."""
        localpart = alias[1:].partition(":")[0]
        levels = {"invite": 50, "kick": 100, "ban": 100, "redact": 100, "state_default": 100, "events_default": 0}
        body = {
            "room_version": ROOM_VERSION,
            "preset": "private_chat",
            "visibility": "private",
            "room_alias_name": localpart,
            "name": name,
            "topic": topic,
            "initial_state": list(state),
            "power_level_content_override": levels,
        }
        try:
            made = await self._json(self.bot, "POST", "/_matrix/client/v3/createRoom", body)
        except Refused as refusal:
            if refusal.code != "M_ROOM_IN_USE":
                raise
            made = await self._json(self.bot, "GET", f"/_matrix/client/v3/directory/room/{quote(alias)}")
        room: str = made["room_id"]
        return room

    async def joined(self, mx_room: str) -> dict[str, str]:
        """Who is in a room: name by id."""
        path = f"/_matrix/client/v3/rooms/{quote(mx_room)}/joined_members"
        answer = await self._json(self.bot, "GET", path)
        return {mxid: one.get("display_name") or "" for mxid, one in answer["joined"].items()}

    async def state(self, mx_room: str, kind: str, key: str = "") -> dict[str, Any] | None:
        """Content of a state event, None if there is none."""
        path = f"/_matrix/client/v3/rooms/{quote(mx_room)}/state/{kind}/{quote(key)}"
        try:
            return await self._json(self.bot, "GET", path)
        except Refused as refusal:
            if refusal.code == "M_NOT_FOUND":
                return None
            raise

    async def put_state(self, mx_room: str, kind: str, content: dict[str, Any], key: str = "") -> None:
        """Set state, as the bot, unless it says so already."""
        if await self.state(mx_room, kind, key) != content:
            await asked(self.bot.room_put_state(mx_room, kind, content, key))

    async def history(self, mx_room: str, since: str | None) -> Page:
        """A page of the room's history, newest first. since: `end` of the page before."""
        query = {"dir": "b", "limit": str(PAGE)} | ({"from": since} if since else {})
        path = f"/_matrix/client/v3/rooms/{quote(mx_room)}/messages?{urlencode(query)}"
        return msgspec.json.decode(await self._bytes(self.bot, "GET", path), type=Page)

    async def upload(self, mxid: str, file: IO[bytes], size: int, name: str, media_type: str) -> str:
        """Put a file into the media repository; returns its mxc address. file: stands at its beginning."""
        answer = self.client(mxid).upload(file, content_type=media_type, filename=name, filesize=size)
        response, _ = await _patiently(answer)
        return str(checked(response).content_uri)

    async def media(self, server: str, media_id: str) -> AsyncIterator[bytes]:
        """Bytes from the media repository, by authenticated download."""
        path = f"/_matrix/client/v1/media/download/{quote(server, safe=':')}/{quote(media_id)}"
        headers = {"Authorization": f"Bearer {self._token}"}
        response = await _patiently(self.bot.send("GET", path, None, headers, timeout=REQUEST_S * 10))
        async with response:
            if response.status != HTTPStatus.OK:
                raise _failure(response.status, await response.read())
            try:
                async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                    yield chunk
            except aiohttp.ClientError as error:
                raise Later(f"homeserver: {type(error).__name__}") from error

    async def _json(
        self, client: GhostClient, method: str, path: str, body: Any = None, *, fine: Sequence[str] | set[str] = ()
    ) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = msgspec.json.decode(await self._bytes(client, method, path, body))
        except Refused as refusal:
            if refusal.code in fine:
                return {}
            raise
        return answer

    async def _bytes(self, client: GhostClient, method: str, path: str, body: Any = None) -> bytes:
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        response = await _patiently(client.send(method, path, data, headers, timeout=REQUEST_S))
        async with response:
            try:
                content: bytes = await response.read()
            except aiohttp.ClientError as error:
                raise Later(f"homeserver: {type(error).__name__}") from error
        if response.status != HTTPStatus.OK:
            raise _failure(response.status, content)
        return content


async def asked(request: Awaitable[R | ErrorResponse]) -> R:
    """The answer to a request of nio's. Raises Later and Refused."""
    return checked(await _patiently(request))


def checked(response: R | ErrorResponse) -> R:
    """The answer itself. Raises Later and Refused for nio's picture of a refusal."""
    if not isinstance(response, ErrorResponse):
        return response
    transport = response.transport_response
    status = int(getattr(transport, "status", 0))
    if not status or status >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status_code in TRANSIENT:
        raise Later(f"homeserver answers {response.status_code or status}")
    raise Refused(str(response.status_code or status), status, str(response.message))


T = TypeVar("T")


async def _patiently(request: Awaitable[T]) -> T:
    try:
        answer = await request
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        HOMESERVER_UP.set(0)
        raise Later(f"homeserver: {type(error).__name__}") from error
    HOMESERVER_UP.set(1)
    return answer


class _Error(msgspec.Struct):
    errcode: str = ""
    error: str = ""


def _failure(status: int, content: bytes) -> Exception:
    try:
        said = msgspec.json.decode(content, type=_Error)
    except msgspec.MsgspecError:
        said = _Error()
    code = said.errcode
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code in TRANSIENT or not code:
        return Later(f"homeserver answers {code or status}")
    return Refused(code, status, said.error)
