# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A hub with a log in memory and sockets that remember what they were sent."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, cast

from bench.chat.wire import frames
from fachwerk.core.sync import Hub, Pong, Socket
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.context import Context
from fachwerk.kernel.events import Change, Event, Numbered, encode
from fachwerk.kernel.policy import Actor, Facts
from fachwerk.kernel.ws import Transport

MEMBER = Facts(role="member")


class Ticked(Event, tag="ticked", frozen=True):
    opens: str = ""
    closes: str = ""


class MemoryLog:
    """`EventLog` without a database. latency_s: of each read; what it returns is what was there in the middle of it."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self.events: dict[str, list[Numbered]] = {}
        self.reads = 0
        self.asked_ms: list[int] = []
        self.away = False

    def commit(self, audience: str, event: Event | None = None, *, counts: bool = True) -> Numbered:
        stored = self.events.setdefault(audience, [])
        posts = (stored[-1].posts if stored else 0) + counts
        stored.append(Numbered(len(stored) + 1, posts, encode(event or Ticked())))
        return stored[-1]

    async def after(self, audience: str, seq: int, limit: int) -> list[Numbered]:
        await self._half()
        found = self.events.get(audience, [])[seq : seq + limit]
        await self._half()
        return found

    async def standings(self, audiences: Sequence[str]) -> list[Change]:
        await self._half()
        found = [self._standing(name) for name in audiences if name in self.events]
        await self._half()
        return found

    async def changed_since(self, ms: int) -> list[Change]:
        self.asked_ms.append(ms)
        await self._half()
        found = [self._standing(name) for name in self.events]
        await self._half()
        return found

    def _standing(self, audience: str) -> Change:
        last = self.events[audience][-1]
        return Change(audience, last.seq, last.posts)

    async def _half(self) -> None:
        self.reads += 1
        await asyncio.sleep(self.latency_s / 2)
        if self.away:
            raise ConnectionError("away")


class FakeTransport:
    """Where a socket's frames end up, in order."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.closed_with = 0

    def write(self, written: bytes) -> None:
        found, rest = frames(written)
        assert not rest, "half a frame"
        self.heard += [json.loads(payload) for _, payload in found]

    write_whole = write

    def end(self, code: int, _reason: str) -> None:
        self.closed_with = code


class Listener(Socket):
    """A socket of one person. seqs: of the durable events of an audience that it heard, in order."""

    def __init__(self, hub: Hub, person: str) -> None:
        self.transport = FakeTransport()
        nowhere = cast("Context", None)
        super().__init__(cast("Transport", self.transport), Actor(id=person, session_id=f"session-{person}"), nowhere)
        self.greet(Pong())  # any answer will do
        self.transport.heard.clear()
        hub.attach(self)

    @property
    def heard(self) -> list[dict[str, Any]]:
        return self.transport.heard

    def seqs(self, audience: str) -> list[int]:
        return [frame["s"] for frame in self.heard if frame["a"] == audience and "t" not in frame and "s" in frame]

    def bumps(self, audience: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["a"] == audience and frame.get("t") == "bump"]


def stage(latency_s: float = 0.0) -> tuple[MemoryLog, Hub]:
    log = MemoryLog(latency_s)
    return log, Hub(log, SystemClock())
