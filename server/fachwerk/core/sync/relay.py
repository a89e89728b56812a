# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What this process commits and signals, for its own sockets and for those of the other processes.

On the bus an event and a signal look as on a socket: `{"a", "s", "n", "e"}` and `{"a", "e"}`, with
`"w": true` for a signal that is wide. An event too large for a message goes as a hint, `{"a", "s"}`,
and is read from the database; `{"a": ""}` says that something was lost on the way out. A message is a
JSON array of these.

Nothing waits for the bus and nothing fails because of it. What does not get through is found by the
reconciliation, and whoever lost something asks the others for one as soon as it is heard again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import msgspec

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.events import Event, Numbered, frame_text, signal_text
from fachwerk.kernel.log import logger
from fachwerk.kernel.metrics import BUS_DROPPED, BUS_RECEIVED, BUS_SENT, BUS_UP

from .bus import Bus
from .hub import Control, Hub
from .socket import Socket

MESSAGE_MAX_BYTES = 8 << 10
"""About this much goes into one message; a single event beyond it goes as a hint, a single signal whole."""
QUEUE_MAX_BYTES = 8 << 20
"""Waiting for the bus; what comes then is dropped."""
PUBLISH_S = 5.0
"""A message that the bus has not taken after this is lost."""
LAST_WORDS_S = 1.0
"""How long the end of a process waits for the bus to take what was committed last."""
COMPLAIN_EVERY_S = 10.0
"""At most one log line about messages that cannot be read in this time."""
LOST = b'{"a":""}'

Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
log = logger("bus")


class _Told(msgspec.Struct):
    """One item of a message. a: the audience. s, n, e: as on a socket. w: whether a signal is wide."""

    a: str
    s: Count = 0
    n: Count = 0
    e: msgspec.Raw = msgspec.Raw()
    w: bool = False


class Relay:
    """Between the hub of this process and the bus."""

    def __init__(self, hub: Hub, bus: Bus, clock: Clock) -> None:
        self._hub, self._bus, self._clock = hub, bus, clock
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = self._lost = False
        self._complained_at = float("-inf")
        self._decoder = msgspec.json.Decoder(list[_Told])

    # ---- out

    def deliver(self, audience: str, events: list[Numbered]) -> None:
        """Pass on what this process has just committed; see `kernel.events.Deliver`."""
        self._hub.deliver(audience, events)
        if self._bus.alone:
            return
        for event in events:
            told = frame_text(audience, event)
            if len(told) > MESSAGE_MAX_BYTES:
                told = b'{"a":"%b","s":%d}' % (audience.encode(), event.seq)
            self._put(told)

    def signal(self, audience: str, event: Event, *, wide: bool = False, but: Socket | None = None) -> None:
        """Pass on a signal, see `kernel.events.Signal`. but: not to this socket, which is one of ours."""
        self._hub.show(audience, event, wide=wide, but=but)
        if not self._bus.alone:
            told = signal_text(audience, event)
            self._put(told[:-1] + b',"w":true}' if wide else told)

    def _put(self, told: bytes) -> None:
        if self._queued_bytes + len(told) > QUEUE_MAX_BYTES:
            self._drop("full", 1)
            return
        self._queue.append(told)
        self._queued_bytes += len(told)
        self._idle.clear()
        self._wake.set()

    def _take(self) -> list[bytes]:
        """What goes into the next message."""
        taken: list[bytes] = []
        size = 0
        while self._queue and (not taken or size + len(self._queue[0]) <= MESSAGE_MAX_BYTES):
            taken.append(self._queue.popleft())
            size += len(taken[-1])
        self._queued_bytes -= size
        return taken

    async def _send(self) -> None:
        """Send what waits, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue or (self._lost and self._open):
                taken = self._take()
                payload = b"[%b]" % b",".join([LOST, *taken] if self._lost else taken)
                self._lost = False
                try:
                    async with asyncio.timeout(PUBLISH_S):
                        await self._bus.publish(payload)
                except (ConnectionError, TimeoutError):
                    self._drop("away", len(taken))
                    if not self._queue:
                        break  # until there is more to say, or the bus is back
                else:
                    BUS_SENT.inc(len(taken))
            self._idle.set()

    def _drop(self, reason: str, count: int) -> None:
        BUS_DROPPED.labels(reason).inc(count)
        self._lost = True

    # ---- in

    def _hear(self, payload: bytes) -> None:
        try:
            payload.decode()  # what msgspec only skips it does not look at, and browsers do
            heard = self._decoder.decode(payload)
            for told in heard:
                if bytes(told.e):
                    msgspec.json.decode(told.e, type=Control)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            BUS_DROPPED.labels("malformed").inc()
            if self._clock.monotonic() - self._complained_at > COMPLAIN_EVERY_S:
                self._complained_at = self._clock.monotonic()
                log.warning("a message on the bus cannot be read", error=type(error).__name__)
            return
        BUS_RECEIVED.inc(len(heard))
        for told in heard:
            self._pass_on(told, bytes(told.e))

    def _pass_on(self, told: _Told, body: bytes) -> None:
        if not told.a:
            self._hub.look()
        elif not body:
            self._hub.expect(told.a, told.s)
        elif told.s:
            self._hub.deliver(told.a, [Numbered(told.s, told.n, body)])
        else:
            self._hub.show(told.a, msgspec.Raw(body), wide=told.w)

    # ---- for ever

    @property
    def open(self) -> bool:
        """Whether the other processes are heard."""
        return self._open

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Be joined to the others meanwhile; at the end, let the bus take what waits."""
        tasks = [asyncio.create_task(self._bus.run(self._hear, self._turned)), asyncio.create_task(self._send())]
        try:
            yield
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._idle.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.result()  # ended by itself: by a bug

    def _turned(self, open_: bool) -> None:  # noqa: FBT001 -- the bus says only this one thing
        """The bus came or went: whatever was missed meanwhile is in the database."""
        self._open = open_
        BUS_UP.set(open_)
        self._hub.look()
        self._wake.set()
