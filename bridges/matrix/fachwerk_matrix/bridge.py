# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The process: what wakes what, and what operators may ask."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import structlog
import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from .appservice import AppService
from .backfill import Backfill
from .collect import Collector
from .connector import Fachwerk
from .errors import Later, Refused
from .from_matrix import FromMatrix
from .ghosts import Homeserver
from .ids import bot_of
from .intake import Intake
from .lanes import Lanes
from .media import Media
from .metrics import FACHWERK_UP, FAILURES, SET_ASIDE, WAITING_IN, WAITING_OUT
from .people import People
from .portals import Portals
from .receipts import Receipts
from .settings import Settings, secret
from .store import Incoming, Outgoing, Room, Store
from .take import Take
from .to_matrix import ToMatrix
from .wire import FederatedRoom, Numbered

REFRESH_S = 60.0
"""How often the list of rooms is read in any case."""
WALK_S = 300.0
"""How often every room's history is looked through for what was never pushed."""
RECONNECT_S = 1.0
WINDOW_CHECK_S = 1.0
COUNT_S = 1.0
REFRESHING = ("federation.", "member.", "room.")
"""Kinds of events after which the list of rooms may say something else."""
FRAME_MAX_BYTES = 16 * 1024 * 1024
AWAY = (Later, SQLAlchemyError, OSError)
"""What a part of the ministry raises while it is away: Fachwerk, the homeserver, our database."""

log = structlog.get_logger(part="bridge")


class Bridge:
    """One ministry's bridge."""

    def __init__(self, settings: Settings) -> None:
        self._settings, own = settings, settings.server_name
        self._store = Store(settings.database_url)
        self._fachwerk = Fachwerk(settings.fachwerk_url, secret(settings.token_file))
        self._homeserver = Homeserver(settings.homeserver_url, own, secret(settings.as_token_file))
        self._inbound = Lanes("from_matrix", self._take)
        self._outbound = Lanes("to_matrix", self._send)
        self._acknowledging = Lanes("acknowledge", self._acknowledge)
        self._reporting = Lanes("report", self._report_status)
        people = People(self._store, self._fachwerk, self._homeserver)
        media = Media(self._fachwerk, self._homeserver, settings.file_max_bytes)
        self._intake = Intake(self._store, own, self._inbound.wake)
        self._backfill = Backfill(self._store, self._homeserver, self._intake)
        self._portals = Portals(self._store, self._fachwerk, self._homeserver, people)
        self._receipts = Receipts(self._store, self._fachwerk, self._homeserver)
        self._collector = Collector(self._store, self._fachwerk, people)
        self._to_matrix = ToMatrix(self._store, self._homeserver, people, media, self._collector, settings.window)
        take = Take(self._store, self._fachwerk, people, media, self._portals, self._receipts, self._look_again)
        self._from_matrix = FromMatrix(self._store, own, take, self._backfill)
        self._rooms: dict[str, FederatedRoom] = {}
        self._at_start: set[str] | None = None
        self._unsettled: set[str] = set()
        self._followed: set[str] = set()
        self._uncounted: set[str] = set()
        self._socket: ClientConnection | None = None
        self._refresh = asyncio.Event()
        self._look_at = 0.0

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. A part that ends by itself ends everything: half a bridge helps nobody."""
        await self._store.open()
        service = AppService(secret(self._settings.hs_token_file), self._intake, self.report)
        config = uvicorn.Config(
            service.app(),
            host=self._settings.host,
            port=self._settings.port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        tasks = [asyncio.create_task(part) for part in (self._start(), self._listen(), self._tend())]
        for task in tasks:
            task.add_done_callback(lambda _: setattr(server, "should_exit", True))
        try:
            await server.serve()
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            for lanes in (self._inbound, self._outbound, self._acknowledging, self._reporting):
                await lanes.close()
            await self._fachwerk.close()
            await self._homeserver.close()
            await self._store.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def report(self) -> tuple[bool, dict[str, str]]:
        """Whether events can be stored, and how the other parts stand."""
        try:
            await self._count()
        except (SQLAlchemyError, OSError):
            return False, {"database": "away"}
        return True, {"database": "ok", "fachwerk": "ok" if self._socket else "away"}

    # ---------------------------------------------------------------- what starts, and what comes again

    async def _start(self) -> None:
        """Say that we are here, and catch up with what came while we were not."""
        await self._again(self._arrive)
        async with self._store.read() as db:
            rooms = list(await db.exec(select(Room.mx_room)))
            waiting = list(await db.exec(select(Incoming.mx_room).where(Incoming.state == "new").distinct()))
        for mx_room in {*rooms, *waiting}:
            self._inbound.wake(mx_room)
        while True:
            await self._again(self._look_through)
            await asyncio.sleep(WALK_S)

    async def _arrive(self) -> None:
        await self._homeserver.appear(bot_of(self._settings.server_name), "Fachwerk")
        await self._homeserver.ping()

    async def _look_through(self) -> None:
        """All histories, in case something was never pushed."""
        async with self._store.read() as db:
            rooms = list(await db.exec(select(Room)))
        for room in rooms:
            if room.room_id in self._rooms:
                await self._walk(room.mx_room)

    async def _walk(self, mx_room: str) -> None:
        if await self._backfill.walk(mx_room, "routine"):
            self._inbound.wake(mx_room)

    async def _again(self, part: Callable[[], Awaitable[None]]) -> None:
        """Until it has worked once."""
        while True:
            try:
                await part()
            except (*AWAY, Refused) as reason:
                FAILURES.labels(part.__name__).inc()
                log.info("waits", step=part.__name__, reason=str(reason) or type(reason).__name__)
                await asyncio.sleep(RECONNECT_S)
            else:
                return

    async def _tend(self) -> None:
        """Read the list of rooms when something has changed in it, and now and then; count then."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    await self._refresh.wait()
            self._refresh.clear()
            try:
                if await self._read_rooms():
                    await self._count()
                await self._follow()
            except (*AWAY, Refused, WebSocketException) as reason:
                log.info("waits", step="rooms", reason=str(reason) or type(reason).__name__)
                await asyncio.sleep(RECONNECT_S)
                self._refresh.set()

    async def _read_rooms(self) -> bool:
        """Returns whether it was time to look after all of them."""
        before = self._rooms
        # rooms that Fachwerk knows already when we start, and we don't, were lost by us
        self._rooms = {one.room_id: one for one in await self._fachwerk.rooms()}
        if self._at_start is None:
            self._at_start = {room_id for room_id, info in self._rooms.items() if info.open_servers}
        for room_id, info in self._rooms.items():
            if before.get(room_id) != info or any(peer.state == "opening" for peer in info.peers):
                self._unsettled.add(room_id)
        # all of them now and then, in case that something was not heard
        due = time.monotonic() >= self._look_at
        if due:
            self._look_at = time.monotonic() + REFRESH_S
        for room_id in self._rooms if due else self._unsettled & self._rooms.keys():
            self._outbound.wake(room_id)
        return due

    # ---------------------------------------------------------------- the lanes

    async def _take(self, mx_room: str) -> float | None:
        again = await self._from_matrix.step(mx_room)
        room_id = await self._store.room_id_of(mx_room)
        if room_id is not None:
            self._acknowledging.wake(room_id)
            if room_id not in self._rooms:
                self._refresh.set()
            elif room_id in self._unsettled:
                self._outbound.wake(room_id)
        return again

    async def _send(self, room_id: str) -> float | None:
        room = await self._store.room(room_id) or await self._recover(room_id)
        info = self._rooms.get(room_id)  # last: what is read of it now is what is unsettled now
        if info is None:
            return None
        if room_id in self._unsettled or room is None:
            room = await self._settle(info, room)
        if room is None or not info.open_servers or not self._anybody(info):
            return None
        waiting = await self._to_matrix.run(room)
        self._reporting.wake(room_id)
        return WINDOW_CHECK_S if waiting else None

    async def _settle(self, info: FederatedRoom, room: Room | None) -> Room | None:
        """Make the Matrix room what it should be. What did not work is due again."""
        settled = None
        self._unsettled.discard(info.room_id)
        try:
            settled = await self._portals.settle(info, room)
        finally:
            # none: Fachwerk tells of a peer's room a moment before its Matrix room is noted here
            if settled is None:
                self._unsettled.add(info.room_id)
        return settled

    def _look_again(self, room_id: str) -> None:
        """The others have more of a room, or other people are in it: more may be sent, and is to be told."""
        for lanes in (self._outbound, self._reporting):
            lanes.wake(room_id)

    async def _acknowledge(self, room_id: str) -> float | None:
        return await self._receipts.acknowledge(room_id)

    async def _report_status(self, room_id: str) -> float | None:
        info = self._rooms.get(room_id)
        return await self._receipts.report(info) if info else None

    def _anybody(self, info: FederatedRoom) -> bool:
        """Whether somebody elsewhere takes part; until then nothing is sent, so that nobody misses the beginning."""
        return info.origin is not None or any(peer.state == "open" for peer in info.peers)

    async def _recover(self, room_id: str) -> Room | None:
        """Our database is new, and the room may not be."""
        info = self._rooms.get(room_id)
        if info is None or info.key is None or room_id not in (self._at_start or ()):
            return None
        room = Room(room_id=room_id, mx_room=info.key, origin=info.origin, read_seq=info.opened_seq)
        await self._backfill.recover(room)
        self._inbound.wake(room.mx_room)
        return room

    # ---------------------------------------------------------------- Fachwerk's socket

    async def _listen(self) -> None:
        """Hear that something has happened; what it was is read from the streams."""
        while True:
            try:
                async with connect(
                    self._fachwerk.socket_url,
                    additional_headers=self._fachwerk.headers,
                    compression=None,
                    max_size=FRAME_MAX_BYTES,
                ) as socket:
                    await self._hear(socket)
            except (OSError, WebSocketException, TimeoutError) as error:
                log.info("Fachwerk is away", reason=type(error).__name__)
            finally:
                self._socket = None
                FACHWERK_UP.set(0)
            await asyncio.sleep(RECONNECT_S)

    async def _hear(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"t": "hello"}))
        async for text in socket:
            frame = json.loads(text)
            audience = str(frame.get("a", ""))
            if frame.get("t") == "hello":
                self._socket = socket
                self._followed.clear()
                FACHWERK_UP.set(1)
                for room_id in self._rooms:
                    self._receipts.forget(room_id)
                self._outbound.wake_all()
                self._refresh.set()
            elif audience.startswith("room:"):
                self._happened(audience.removeprefix("room:"), frame)
            elif audience:
                self._refresh.set()

    def _happened(self, room_id: str, frame: dict[str, Any]) -> None:
        # what happened between reading the list of rooms and hearing of this one is told by the list alone
        if frame.get("t") == "subbed" or self._is_news(room_id, frame.get("e", {})):
            self._refresh.set()
        if "s" not in frame and frame.get("t") != "subbed":
            return  # a signal: somebody types
        if "e" in frame and "t" not in frame:
            try:
                one = msgspec.convert({"seq": frame["s"], "event": frame["e"]}, Numbered)
            except msgspec.ValidationError:
                log.warning("an event of Fachwerk is not understood")
            else:
                self._collector.hear(room_id, one)
                if self._collector.passes(one):
                    self._count_later(room_id)
                    return
        self._outbound.wake(room_id)

    def _count_later(self, room_id: str) -> None:
        """What externals did is only counted: all of a moment at once."""
        if room_id not in self._uncounted:
            self._uncounted.add(room_id)
            asyncio.get_running_loop().call_later(COUNT_S, self._count_now, room_id)

    def _count_now(self, room_id: str) -> None:
        self._uncounted.discard(room_id)
        self._outbound.wake(room_id)

    def _is_news(self, room_id: str, event: dict[str, Any]) -> bool:
        """Whether the list of rooms says something else after this. How far a peer is does not stand there."""
        kind, room = str(event.get("kind", "")), self._rooms.get(room_id)
        if kind == "federation.status" and room is not None:
            return all((peer.server, peer.state) != (event.get("server"), event.get("state")) for peer in room.peers)
        return kind.startswith(REFRESHING)

    async def _follow(self) -> None:
        """Hear every event of all rooms, not only that there was one. What came before is read when that begins."""
        socket = self._socket
        if socket is None:
            return
        for room_id in self._rooms.keys() - self._followed:
            if self._socket is not socket:
                return  # the next one's hello begins again
            self._followed.add(room_id)
            await socket.send(json.dumps({"t": "sub", "a": f"room:{room_id}"}))

    # ---------------------------------------------------------------- what operators ask

    async def _count(self) -> None:
        async with self._store.read() as db:
            for gauge, query in (
                (WAITING_OUT, select(func.count()).where(col(Outgoing.done_ms).is_(None))),
                (WAITING_IN, select(func.count()).where(Incoming.state == "new")),
                (SET_ASIDE, select(func.count()).where(Incoming.state == "aside")),
            ):
                gauge.set((await db.exec(query)).one())
