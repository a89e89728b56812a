# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Group commit: while one transaction is on its way to the disk, the next batch gathers.

One batch in flight per process: a lone message goes at once, and under load the
price of durability is shared. A failed batch is tried again as a whole; the client ids make that safe.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.db import is_outage, outage
from fachwerk.kernel.errors import NotFound, Unavailable
from fachwerk.kernel.events import Deliver, Numbered
from fachwerk.kernel.log import logger
from fachwerk.kernel.metrics import BATCH_SECONDS, BATCH_SIZE, EVENTS

from .log import Append, MessageLog, Stored
from .rules import SameIdOtherBody

BATCH, BATCH_BYTES = 500, 1 << 18
"""Sends per transaction, and about the size of their events: a reader must be able to take a batch at once."""
GATHER_MAX_S = 0.002
"""After a batch of several sends the next one waits for those who were just answered, at most as long as
that batch took and at most this: else they would form a second train of batches, each half as long."""
WAITING = 10_000
"""Sends that may wait; more are refused until the database catches up."""
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.005, 0.2
GIVE_UP_S = 10.0
"""A batch that fails for so long is refused; the clients send it again."""

log = logger("messages")


class _Waiting(NamedTuple):
    append: Append
    done: asyncio.Future[Stored]


class Sequencer:
    """Takes messages in and hands out their numbers."""

    def __init__(self, message_log: MessageLog, deliver: Deliver, clock: Clock) -> None:
        self._log, self._deliver, self._clock = message_log, deliver, clock
        self._waiting: deque[_Waiting] = deque()
        self._wake, self._wanted = asyncio.Event(), 1

    def post(self, append: Append) -> asyncio.Future[Stored]:
        """Queue a message; the future has its number once it is durable. Raises Unavailable when overrun.

        The future raises NotFound when the sender may not write there any more, SameIdOtherBody when the
        client id belongs to another message.
        """
        if len(self._waiting) >= WAITING:
            raise Unavailable("Too many messages are waiting to be stored.")
        done: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(append, done))
        if len(self._waiting) >= self._wanted:
            self._wake.set()
        return done

    async def run(self) -> None:
        """Commit batches for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = self._gather()
                begun = self._clock.monotonic()
                await self._commit(batch)
                if len(batch) > 1:
                    await self._expect(len(batch), self._clock.monotonic() - begun)

    async def _expect(self, answered: int, took_s: float) -> None:
        """Wait until as many as were just answered wait too, beside those who do already, or long enough."""
        self._wanted = min(len(self._waiting) + answered, BATCH)
        self._wake.clear()
        enough = asyncio.get_running_loop().call_later(min(took_s, GATHER_MAX_S), self._wake.set)
        await self._wake.wait()
        enough.cancel()
        self._wanted = 1

    def _gather(self) -> list[_Waiting]:
        """The next batch. A second send under the same id waits a round, to find the first one stored."""
        batch: list[_Waiting] = []
        keys: set[tuple[str, str]] = set()
        later: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < BATCH and size < BATCH_BYTES:
            item = self._waiting.popleft()
            size += len(item.append.event)
            key = (item.append.sender_id, item.append.client_id)
            (later if key in keys else batch).append(item)
            keys.add(key)
        self._waiting.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        begun, wait_s = self._clock.monotonic(), BACKOFF_MIN_S
        while True:
            try:
                self._tell(batch, await self._log.append([item.append for item in batch]))
            except Exception as error:  # noqa: BLE001 -- whatever is wrong with a batch, the next ones go on
                if not is_outage(error) and not is_lost_race(error):
                    await self._single_out(batch, error)
                    return
                if self._clock.monotonic() - begun > GIVE_UP_S:
                    log.error("a batch was given up", size=len(batch), error=type(error).__name__)
                    self._refuse(batch, outage())
                    return
            else:
                BATCH_SIZE.observe(len(batch))
                BATCH_SECONDS.observe(self._clock.monotonic() - begun)
                return
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, BACKOFF_MAX_S)

    async def _single_out(self, batch: list[_Waiting], error: Exception) -> None:
        """One send that cannot be stored must not take the others with it."""
        if len(batch) > 1:
            for item in batch:
                await self._commit([item])
            return
        log.error("a send failed", exc_info=error)
        self._refuse(batch, error)

    def _tell(self, batch: list[_Waiting], stored: list[Stored | None]) -> None:
        fresh: dict[str, list[Numbered]] = {}
        for item, result in zip(batch, stored, strict=True):
            _settle(item, result)
            if result and result.fresh:
                event = Numbered(result.seq, result.posts, item.append.event)
                fresh.setdefault(f"room:{result.room_id}", []).append(event)
        EVENTS.labels("message.posted").inc(sum(map(len, fresh.values())))
        for audience, events in fresh.items():
            self._deliver(audience, events)

    def _refuse(self, batch: list[_Waiting], error: BaseException) -> None:
        for item in batch:
            if not item.done.done():
                item.done.set_exception(error)


def _settle(item: _Waiting, result: Stored | None) -> None:
    if item.done.done():  # whoever waited has gone
        return
    if result is None:
        item.done.set_exception(NotFound())
    elif result.body_hash != item.append.body_hash:
        item.done.set_exception(SameIdOtherBody())
    else:
        item.done.set_result(result)


def is_lost_race(error: BaseException) -> bool:
    """Whether another process stored the same send at the same moment; trying again finds it."""
    return getattr(error, "sqlstate", None) in {"23505", "40001", "40P01"}
