# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages on their way to one client's signalling socket. Bounded: a client that does not read is cut off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from livekit.protocol import rtc

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters

MESSAGES_LIMIT = 1000


class Outbox:
    """One socket's queue. A resumed session gets a new one."""

    def __init__(self, counters: Counters) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(MESSAGES_LIMIT + 1)
        self._counters = counters
        self._ended = False

    def put(self, **message: Any) -> None:
        """Queue one SignalResponse, given as its one field. Beyond MESSAGES_LIMIT the socket is closed instead."""
        self.put_bytes(rtc.SignalResponse(**message).SerializeToString())

    def put_bytes(self, message: bytes) -> None:
        """Queue a message that is serialized already."""
        if self._ended:
            return
        if self._queue.qsize() >= MESSAGES_LIMIT:
            self._counters.signals_dropped += 1
            self.end()
            return
        self._queue.put_nowait(message)

    def end(self) -> None:
        """Nothing comes after what is queued: the socket is closed then."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    async def next(self) -> bytes | None:
        """The next message, None at the end."""
        return await self._queue.get()
