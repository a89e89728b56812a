# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Probes: short bursts above the estimate that show whether the link carries more. When one is due, and its result."""

from __future__ import annotations

from typing import NamedTuple

BACKOFF_LIMIT_S = 4.0
"""Longer pauses made recovery slow."""
PACKETS_LEAST = 8
SATURATED = 0.9
"""Received less than this share of what was sent: the link is full."""


class Probed(NamedTuple):
    """What a probe measured, bit/s."""

    rate: float
    sent: float
    received: float
    saturated: bool


class Probe:
    """One burst: its packets' numbers and what came of them."""

    def __init__(self, first: int, rate: float) -> None:
        self.first = first
        self.last: int | None = None
        """Unknown while it is being sent."""
        self.rate = rate
        self._arrived: list[tuple[int, float, float, int]] = []

    def arrived(self, number: int, sent: float, arrival_ms: float, size: int) -> None:
        """A packet of this time came; whether it belongs to the burst is decided at the end."""
        self._arrived.append((number, sent, arrival_ms, size))

    def complete(self, newest: int) -> bool:
        """Whether feedback up to number `newest` covers the burst."""
        return self.last is not None and (newest - self.last) & 0xFFFF < 0x8000

    def result(self) -> Probed | None:
        """The rate the link carried, None if too little came back to tell."""
        if self.last is None:
            return None
        count = ((self.last - self.first) & 0xFFFF) + 1
        packets = [p for p in self._arrived if (p[0] - self.first) & 0xFFFF < count]
        if len(packets) < max(PACKETS_LEAST, count / 2):
            return None
        # the first packets ride on tokens a shaper has saved up: measure the last two thirds only
        packets = packets[len(packets) // 3 :]
        size = sum(p[3] for p in packets)
        sending_s = packets[-1][1] - packets[0][1]
        receiving_s = (max(p[2] for p in packets) - min(p[2] for p in packets)) / 1e3
        if sending_s <= 0 or receiving_s <= 0:
            return None
        sent = (size - packets[-1][3]) * 8 / sending_s
        received = (size - packets[0][3]) * 8 / receiving_s
        saturated = received < SATURATED * sent
        return Probed(0.95 * received if saturated else min(sent, received), sent, received, saturated)


class Schedule:
    """When the next probe is due: doubling pauses after failures."""

    def __init__(self, now: float) -> None:
        self.current: Probe | None = None
        self.count = 0
        self._next_at = now + 0.3
        self._backoff_s = 1.0

    def due(self, now: float) -> bool:
        """Whether one may begin."""
        return self.current is None and now >= self._next_at

    def begin(self, now: float, rate: float, first: int) -> None:
        """A probe at `rate` begins with packet number `first`."""
        self.current = Probe(first, rate)
        self.count += 1
        self._next_at = now

    def succeeded(self, now: float) -> None:
        """It showed more than was known: the next one may come soon."""
        self.current = None
        self._backoff_s = 1.0
        self._next_at = now + 0.2

    def failed(self, now: float) -> None:
        """It showed nothing new."""
        self.current = None
        self._backoff_s = min(2 * self._backoff_s, BACKOFF_LIMIT_S)
        self._next_at = now + self._backoff_s
