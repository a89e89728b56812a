# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The WebSocket endpoint: sign-in, then one command after the other.

A command that cannot be read or done is answered by a problem and the socket stays usable; only a
frame beyond the limit or a broken protocol ends it.
"""

import asyncio
from typing import Any, NamedTuple, Union

import msgspec
import structlog
from prometheus_client import Counter
from starlette.websockets import WebSocket

from fachwerk.kernel.context import Context
from fachwerk.kernel.db import is_outage, outage
from fachwerk.kernel.errors import BadRequest, Conflict, Forbidden, Internal, Problem, TooMany, Unavailable
from fachwerk.kernel.fields import decode
from fachwerk.kernel.http import require_origin
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.limits import RateLimit
from fachwerk.kernel.log import logger
from fachwerk.kernel.metrics import COMMANDS
from fachwerk.kernel.operation import Command, Handler
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Frame
from fachwerk.kernel.ws import EXTENSION

from .commands import SayHello
from .events import Answer, Refused
from .hub import Hub
from .settings import SyncSettings
from .socket import Later, Socket

HELLO_WITHIN_S = 15.0
"""A socket that says nothing after the handshake is closed after this."""
UNANSWERED = 64
"""Commands of one socket whose answers are still due; then it is not read until one is out."""

log = logger("sync")


class _Lenient(msgspec.Struct):
    """What can be read of a command that does not fit, to answer it by its id."""

    id: str = ""


class _Handler(NamedTuple):
    """name: of the command. done: counts those that worked."""

    name: str
    run: Handler
    done: Counter


def _handler(command: Command) -> _Handler:
    name = str(command.frame.__struct_config__.tag)
    return _Handler(name, command.handler, COMMANDS.labels(name, "ok"))


class Front:
    """The endpoint for one installation; an ASGI application for WebSocketRoute."""

    def __init__(self, context: Context, hub: Hub, settings: SyncSettings) -> None:
        self._context, self._hub, self._settings = context, hub, settings
        commands: list[Command] = [c for module in context.modules for c in module.commands]
        self._handlers = {c.frame: _handler(c) for c in commands}
        self._frames: Any = Union[tuple(self._handlers)]  # noqa: UP007 -- made at run time
        self._limit = RateLimit(context.clock, per_s=settings.commands_per_s, burst=settings.commands_burst)

    async def __call__(self, websocket: WebSocket) -> None:
        """Serve one socket to its end."""
        actor = await self._admit(websocket)
        if actor is None:
            return
        shut = self._context.policy.shut_labels(actor)
        socket = Socket(websocket.scope["extensions"].pop(EXTENSION), actor, self._context, shut)
        structlog.contextvars.bind_contextvars(socket_id=new_id())
        self._hub.attach(socket)
        silence = asyncio.get_running_loop().call_later(HELLO_WITHIN_S, socket.close, 4408, "no hello")
        try:
            await self._serve(websocket, socket, silence)
        finally:
            silence.cancel()
            self._hub.detach(socket)

    async def _admit(self, websocket: WebSocket) -> Actor | None:
        """Who this is; None once it has been turned away."""
        try:
            require_origin(self._context, websocket)
            actor = await self._context.authenticate(websocket)
        except Exception as error:
            if is_outage(error):
                log.error("database away", error=type(error).__name__)
            elif not isinstance(error, Forbidden):
                raise
            await websocket.close()  # before the handshake: answered by 403, and who should be here tries again
            return None
        await websocket.accept()
        if actor is None:
            await websocket.close(4401, "not signed in")
            return None
        if self._hub.sockets_of(actor.id) >= self._settings.sockets_per_person:
            await websocket.close(4429, "too many sockets")
            return None
        return actor

    async def _serve(self, websocket: WebSocket, socket: Socket, silence: asyncio.TimerHandle) -> None:
        """One command after the other. silence: ends the socket unless the first one is a hello."""
        unanswered: set[asyncio.Future[Any]] = set()
        while (message := await websocket.receive())["type"] != "websocket.disconnect":
            text = message.get("text")
            frame_id, name = "", "unknown"
            try:
                frame = self._read(text)
                frame_id, (name, handler, done) = frame.id, self._handlers[type(frame)]
                greets = isinstance(frame, SayHello)
                if not greets and not silence.cancelled():
                    raise Conflict("Say hello first.")
                self._limit.take(socket.actor.id, socket.actor.cost)
                answer = await handler(socket, frame)
                if greets:
                    silence.cancel()
            except Exception as error:  # noqa: BLE001 -- whatever happens to one command, the socket goes on
                frame_id = frame_id or _id_of(text)
                self._refuse(socket, frame_id, name, error)
                continue
            done.inc()
            if isinstance(answer, Answer):
                (socket.greet if greets else socket.answer)(answer)
            elif answer is not None:
                self._await(socket, frame_id, name, answer, unanswered)
                if len(unanswered) >= UNANSWERED:
                    await asyncio.wait(unanswered, return_when=asyncio.FIRST_COMPLETED)

    def _read(self, text: str | None) -> Frame:
        if text is None:
            raise BadRequest("Only text frames are understood.")
        frame: Frame = decode(self._frames, text)
        return frame

    def _await(
        self, socket: Socket, frame_id: str, name: str, later: Later[Any], unanswered: set[asyncio.Future[Any]]
    ) -> None:
        def answer(result: asyncio.Future[Any]) -> None:
            unanswered.discard(result)
            if result.cancelled():
                self._refuse(socket, frame_id, name, Unavailable())
            elif error := result.exception():
                self._refuse(socket, frame_id, name, error)
            else:
                socket.answer(later.answer(result.result()))

        unanswered.add(later.result)
        later.result.add_done_callback(answer)

    def _refuse(self, socket: Socket, frame_id: str, name: str, error: BaseException) -> None:
        request_id = new_id()
        if isinstance(error, Problem):
            problem = error
        elif is_outage(error):
            problem = outage()
        else:
            log.error("command failed", command=name, request_id=request_id, exc_info=error)
            problem = Internal()
        COMMANDS.labels(name, problem.slug).inc()
        retry = isinstance(problem, (TooMany, Unavailable, Internal))
        socket.answer(Refused(id=frame_id, problem=problem.document(request_id), retry=retry))


def _id_of(text: str | None) -> str:
    try:
        return msgspec.json.decode(text or "", type=_Lenient).id[:64]
    except (msgspec.MsgspecError, RecursionError):
        return ""
