# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The signalling WebSocket: who may come in, the join, then requests in and messages out until one side goes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocketDisconnect

from fachwerk_media.rooms.outbox import Outbox
from fachwerk_media.rooms.participant import Participant
from fachwerk_media.rooms.registry import FullError
from fachwerk_media.sdp import SdpError
from fachwerk_media.signal import join as joining
from fachwerk_media.signal.pace import Pace
from fachwerk_media.signal.requests import handle
from fachwerk_media.tokens import Grants, TokenRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection, Request
    from starlette.websockets import WebSocket

    from fachwerk_media.node import Node

SERVER_VERSION = "1.13.5"
"""The release of LiveKit whose behaviour clients may expect."""
PROTOCOL = 16
PING_INTERVAL_S, PING_TIMEOUT_S = 5, 15
CLOSE_BAD_MESSAGE = 1003
log = structlog.get_logger()


class RefusedError(Exception):
    """Not let in: an HTTP status and a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Signalling:
    """The endpoints under /rtc."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def single(self, socket: WebSocket) -> None:
        """Serve /rtc/v1."""
        await self._serve(socket, single=True)

    async def dual(self, socket: WebSocket) -> None:
        """Serve /rtc."""
        await self._serve(socket, single=False)

    async def validate(self, request: Request) -> Response:
        """/rtc/validate: why a WebSocket was refused; a browser does not tell its page."""
        headers = self.cors(request.headers)
        try:
            self._admit(request)
        except RefusedError as refusal:
            return PlainTextResponse(str(refusal), refusal.status, headers)
        return PlainTextResponse("success", headers=headers)

    def cors(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Response headers that let an allowed web origin read the answer."""
        origin = headers.get("origin", "")
        allowed = origin in self._node.settings.origins
        return {"access-control-allow-origin": origin, "vary": "origin"} if allowed else {"vary": "origin"}

    def _admit(self, connection: HTTPConnection) -> Grants:
        """The grants of somebody who may join. Raises RefusedError."""
        origin = connection.headers.get("origin")
        own = connection.headers.get("host", "")
        if origin is not None and origin not in self._node.settings.origins and urlsplit(origin).netloc != own:
            raise RefusedError(403, "origin not allowed")
        if self._node.draining:
            raise RefusedError(503, "shutting down")
        token = connection.query_params.get("access_token", "")
        if not token:
            token = connection.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            grants = self._node.tokens.read(token)
        except TokenRefusedError as error:
            raise RefusedError(401, f"invalid token: {error}") from error
        if not grants.room_join or not grants.room or not grants.identity:
            raise RefusedError(401, "token does not allow joining a room")
        if self._node.denials.denies(grants):
            raise RefusedError(403, "removed from this room")
        return grants

    async def _serve(self, socket: WebSocket, *, single: bool) -> None:
        try:
            grants = self._admit(socket)
            query = socket.query_params
            wanted = joining.from_join_request(query) if single else joining.from_query(query)
            if not wanted.reconnect:
                self._node.registry.require_place(grants.room, grants.identity)
        except RefusedError as refusal:
            await self._refuse(socket, refusal.status, str(refusal))
            return
        except joining.JoinRefusedError as error:
            await self._refuse(socket, 400, str(error))
            return
        except FullError as error:
            await self._refuse(socket, 503, str(error))
            return
        await socket.accept()
        if wanted.reconnect:
            participant = await self._resume(socket, grants, wanted)
        else:
            participant = self._join(grants, wanted, single=single)
        if participant is not None:
            session = asyncio.get_running_loop().create_task(self._session(socket, participant), name="session")
            self._node.sessions.add(session)
            session.add_done_callback(self._node.sessions.discard)
            await session

    async def _refuse(self, socket: WebSocket, status: int, reason: str) -> None:
        self._node.counters.joins_refused += 1
        log.info("join refused", status=status, reason=reason)
        await socket.send_denial_response(PlainTextResponse(reason, status, self.cors(socket.headers)))

    # ------------------------------------------------------------ joining and resuming

    def _join(self, grants: Grants, wanted: joining.Join, *, single: bool) -> Participant:
        room = self._node.registry.open(grants.room)
        before = room.participants.get(grants.identity)
        if before is not None:
            room.leave(before, models.DisconnectReason.DUPLICATE_IDENTITY)
        participant = Participant(room, grants, self._node, single=single, auto_subscribe=wanted.auto_subscribe)
        others = room.enter(participant)
        response = rtc.JoinResponse(
            room=room.info(),
            participant=participant.info(),
            other_participants=others,
            server_version=SERVER_VERSION,
            subscriber_primary=not single,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            server_info=_server_info(),
        )
        for mime in ("video/VP8", "audio/opus"):
            response.enabled_publish_codecs.add(mime=mime)
        participant.send(join=response)
        for track in wanted.tracks:
            handle(participant, rtc.SignalRequest(add_track=track))
        if wanted.offer is not None:
            self._handle(participant, rtc.SignalRequest(offer=wanted.offer))
        participant.negotiation.begin()
        if participant.auto_subscribe:
            room.subscribe_to_all(participant)
        return participant

    async def _resume(self, socket: WebSocket, grants: Grants, wanted: joining.Join) -> Participant | None:
        """Give a participant its new socket; if it is not here any more, tell the client to join anew."""
        participant = self._node.registry.get(grants.room, grants.identity)
        if participant is None or participant.sid != wanted.participant_sid:
            leave = rtc.LeaveRequest(
                action=rtc.LeaveRequest.Action.RECONNECT, reason=models.DisconnectReason.STATE_MISMATCH
            )
            await socket.send_bytes(rtc.SignalResponse(leave=leave).SerializeToString())
            await socket.close()
            return None
        if participant.grace is not None:
            participant.grace.cancel()
            participant.grace = None
        participant.outbox.end()
        participant.outbox = Outbox(self._node.counters)
        participant.send(reconnect=rtc.ReconnectResponse(server_info=_server_info()))
        participant.room.catch_up(participant)
        participant.negotiation.resume()
        return participant

    # ------------------------------------------------------------ the session

    async def _session(self, socket: WebSocket, participant: Participant) -> None:
        outbox = participant.outbox
        writer = asyncio.get_running_loop().create_task(_write(socket, outbox), name="signal writer")
        reader = asyncio.get_running_loop().create_task(self._read(socket, participant), name="signal reader")
        done, pending = await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        room = participant.room
        if room.participants.get(participant.identity) is participant and participant.outbox is outbox:
            participant.grace = asyncio.get_running_loop().create_task(self._wait(participant), name="grace")
        for task in done:
            await task

    async def _read(self, socket: WebSocket, participant: Participant) -> None:
        pace = Pace(time.monotonic())
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            content = message.get("bytes")
            try:
                request = rtc.SignalRequest.FromString(content) if content else None
            except DecodeError:
                request = None
            if request is None or not self._handle(participant, request):
                await socket.close(CLOSE_BAD_MESSAGE, "not a signal request")
                return
            await asyncio.sleep(pace.wait_s(len(content or b""), time.monotonic()))

    @staticmethod
    def _handle(participant: Participant, request: rtc.SignalRequest) -> bool:
        """Do a request; False if it makes no sense."""
        try:
            handle(participant, request)
        except SdpError as error:
            log.info("description refused", participant=participant.sid, reason=str(error))
            return False
        return True

    async def _wait(self, participant: Participant) -> None:
        """The socket is gone: keep the place for a while."""
        await asyncio.sleep(self._node.settings.resume_s)
        participant.room.leave(participant, models.DisconnectReason.SIGNAL_CLOSE, notify=False)


async def _write(socket: WebSocket, outbox: Outbox) -> None:
    """Send what is queued until the end of the queue or of the socket."""
    try:
        while (message := await outbox.next()) is not None:
            await socket.send_bytes(message)
        await socket.close()
    except WebSocketDisconnect:
        return  # the reader learns it too


def _server_info() -> models.ServerInfo:
    return models.ServerInfo(version=SERVER_VERSION, protocol=PROTOCOL, edition=models.ServerInfo.Edition.Standard)
