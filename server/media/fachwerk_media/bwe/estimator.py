# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The rate a subscriber's downlink carries, from transport-wide feedback: delay trend, loss, silence and probes.

Measured behaviour and the reasons for the constants: docs/media.md. Rates are bit/s, sizes wire bytes (UDP payload
plus 28), times seconds.
"""

from __future__ import annotations

from collections import deque

from fachwerk_media.bwe.probing import Probe, Probed, Schedule
from fachwerk_media.bwe.trend import BURST_MS, Trend, Usage

RATE_FLOOR, RATE_LIMIT, RATE_START = 60e3, 20e6, 600e3
HISTORY = 2048
"""Sent packets remembered, a power of two; feedback for older ones is ignored."""
BACKOFF_OVERUSE = 0.85
ACKED_WINDOW_MS = 500.0
LOSS_TOLERATED = 0.10
MINIMUM_WINDOW_S = 15.0
"""The smallest one-way delay is remembered for one to two of these."""

Sent = tuple[int, float, int]
"""(transport-wide number, send time, wire bytes)"""


class Estimator:
    """One subscriber's downlink."""

    def __init__(self, now: float) -> None:
        self.number = 0
        """Last transport-wide number given out, 16 bit. The fan-out raises it itself."""
        self.history: list[Sent | None] = [None] * HISTORY
        self.rate = RATE_START
        self.rtt_s = 0.1
        self.acked = 0.0
        """Rate that arrived in the last half second."""
        self.loss = 0.0
        self.queue_ms = 0.0
        """Smoothed queueing delay."""
        self.quiet_until = -9.0
        """Until then overuse is our own doing (probe, key frame) and changes nothing."""
        self.probes = Schedule(now)
        self._trend = Trend()
        self._capacity: float | None = None
        """The link's rate where it has shown it, by overuse or a saturated probe."""
        self._decreased_at = self._loss_cut_at = -9.0
        self._feedback_at = self._loss_window_at = now
        self._lost = self._got = 0
        self._acks: deque[tuple[float, int]] = deque()
        self._acked_bytes = 0
        self._queue_now_ms = 0.0
        self._minima: deque[list[float]] = deque()

    def sending(self, now: float, size: int) -> int:
        """Note a packet of `size` wire bytes and return its number. The fan-out does the same in line."""
        number = self.number = (self.number + 1) & 0xFFFF
        self.history[number & (HISTORY - 1)] = (number, now, size)
        return number

    def feedback(self, now: float, base: int, arrivals: list[int | None]) -> None:
        """Take in one feedback: arrival times (us on the receiver's clock) of the packets from number `base` on."""
        elapsed = min(now - self._feedback_at, 1.0)
        self._feedback_at = now
        newest, acked_bytes, arrival_ms, over = self._match(base, arrivals)
        if newest is None:
            return
        round_trip = now - newest[1]
        self.rtt_s += (0.1 if round_trip > self.rtt_s else 0.5) * (round_trip - self.rtt_s)
        self._count_acked(arrival_ms, acked_bytes)
        probe = self.probes.current
        if probe is not None and probe.complete((base + len(arrivals) - 1) & 0xFFFF):
            self._conclude(now, probe)
        self._follow_loss(now)
        if over:
            self._follow_overuse(now)
        elif self._trend.usage is Usage.NORMAL:
            self._grow(now, elapsed)

    def idle(self, now: float, *, sending: bool) -> None:
        """No feedback although packets go out: halve once a second."""
        if sending and now - self._feedback_at > 1.0 + self.rtt_s:
            self._feedback_at = now - self.rtt_s
            self._set(self.rate / 2)

    def may_probe(self, now: float) -> bool:
        """Whether trying more now would teach us something and harm nobody."""
        return (
            self.probes.due(now)
            and self._trend.usage is not Usage.OVER
            and now - self._decreased_at > 1.0 + self.rtt_s
            and self.queue_ms < 60.0
            and self.loss < 0.15
        )

    def begin_probe(self, now: float, rate: float) -> None:
        """The packets from the next number on are a probe at `rate`; end_probe says where it ends."""
        self.probes.begin(now, rate, (self.number + 1) & 0xFFFF)

    def end_probe(self) -> None:
        """The last number given out was the probe's last."""
        if self.probes.current is not None:
            self.probes.current.last = self.number

    def give_up_probe(self, now: float) -> None:
        """No feedback for the probe came in time."""
        if self.probes.current is not None:
            self.probes.failed(now)

    def _match(self, base: int, arrivals: list[int | None]) -> tuple[Sent | None, int, float, bool]:
        """Pair arrivals with what was sent: (newest of them, bytes, last arrival in ms, overuse seen)."""
        history, mask, trend = self.history, HISTORY - 1, self._trend
        probe = self.probes.current
        group = trend.group
        newest: Sent | None = None
        lost = got = acked_bytes = 0
        arrival_ms, least_delay = 0.0, float("inf")
        over = False
        number = base
        for arrival in arrivals:
            sent = history[number & mask]
            if sent is not None and sent[0] == number:
                if arrival is None:
                    lost += 1
                else:
                    got += 1
                    newest = sent
                    acked_bytes += sent[2]
                    arrival_ms, sent_ms = arrival / 1e3, sent[1] * 1e3
                    if arrival_ms - sent_ms < least_delay:  # noqa: PLR1730 - a call costs more
                        least_delay = arrival_ms - sent_ms
                    if probe is not None:
                        probe.arrived(number, sent[1], arrival_ms, sent[2])
                    if group is not None and group.last <= sent_ms <= group.first + BURST_MS:
                        group.last = sent_ms  # the common case, in line
                        if arrival_ms > group.arrival:  # noqa: PLR1730 - a call costs more
                            group.arrival = arrival_ms
                    else:
                        trend.packet(sent_ms, arrival_ms)
                        group = trend.group
                        over = over or trend.usage is Usage.OVER
            number = (number + 1) & 0xFFFF
        self._lost += lost
        self._got += got
        if newest is not None:
            self._follow_queue(newest[1], least_delay)
        return newest, acked_bytes, arrival_ms, over

    def _follow_queue(self, now: float, delay_ms: float) -> None:
        """Queueing delay: one-way delay less its minimum over the last 15 to 30 s."""
        minima = self._minima
        if not minima or now - minima[-1][0] > MINIMUM_WINDOW_S:
            minima.append([now, delay_ms])
        elif delay_ms < minima[-1][1]:
            minima[-1][1] = delay_ms
        if len(minima) > 2:
            minima.popleft()
        self._queue_now_ms = delay_ms - min(minimum for _, minimum in minima)
        self.queue_ms += 0.1 * (self._queue_now_ms - self.queue_ms)

    def _count_acked(self, arrival_ms: float, size: int) -> None:
        acks = self._acks
        acks.append((arrival_ms, size))
        self._acked_bytes += size
        while len(acks) > 2 and arrival_ms - acks[0][0] > ACKED_WINDOW_MS:
            self._acked_bytes -= acks.popleft()[1]
        span_ms = arrival_ms - acks[0][0]
        if span_ms > 100.0:
            self.acked = (self._acked_bytes - acks[0][1]) * 8e3 / span_ms

    def _follow_loss(self, now: float) -> None:
        """Cut for more than 10 % loss. Few packets say little about a rate of loss, so the window counts packets."""
        packets = self._lost + self._got
        enough = packets >= 60 or (packets >= 20 and self._lost > 0.25 * packets)
        if now - self._loss_window_at <= max(0.25, self.rtt_s) or not enough:
            return
        share = self._lost / packets
        self.loss = share if share > 0.25 else self.loss + 0.5 * (share - self.loss)
        self._lost = self._got = 0
        self._loss_window_at = now
        if self.loss > LOSS_TOLERATED and now - self._loss_cut_at > 0.3 + self.rtt_s:
            self._loss_cut_at = now
            # loss with an empty queue is the link's own: follow it only down to what arrives
            kept = 0.9 * self.acked if self.queue_ms < 30.0 else 0.0
            self._set(max(self.rate * (1 - 0.5 * self.loss), kept))

    def _follow_overuse(self, now: float) -> None:
        """Fall to what arrives, at most once per round trip. While a probe fills the queue its result decides."""
        if self.probes.current is not None or now < self.quiet_until or now - self._decreased_at <= self.rtt_s + 0.1:
            return
        self._decreased_at = now
        # far below the estimate and no standing queue: the link is not known to be full, so step down instead of
        # falling to what happens to be sent
        far_below = self.rate > 1.6 * self.acked and self._queue_now_ms < 40.0 and self.loss < LOSS_TOLERATED
        if self.acked and not far_below:
            self._learn_capacity(self.acked)
        target = max(BACKOFF_OVERUSE * self.acked, 0.7 * self.rate if far_below else 0.0)
        if target < self.rate:
            self._set(target)

    def _grow(self, now: float, elapsed: float) -> None:
        """Grow by guessing only while the link's rate is unknown; near the known rate only a probe moves it."""
        recently = now - self._decreased_at <= self.rtt_s + 0.3
        if recently or self.loss >= LOSS_TOLERATED or self.rate >= 1.5 * self.acked + 1e4:
            return
        if self._capacity is None:
            self.rate *= 1.08**elapsed
        elif self.rate < 0.85 * self._capacity:
            self.rate *= 1.15**elapsed
        elif self.rate < 1.05 * self._capacity:
            self.rate += max(1e3, 9600.0 / (self.rtt_s + 0.1)) * elapsed
        self.rate = min(self.rate, RATE_LIMIT)

    def _learn_capacity(self, rate: float) -> None:
        known = self._capacity
        self._capacity = rate if known is None or abs(rate - known) > 0.3 * known else known + 0.2 * (rate - known)

    def _set(self, rate: float) -> None:
        self.rate = min(RATE_LIMIT, max(RATE_FLOOR, rate))

    def _conclude(self, now: float, probe: Probe) -> None:
        """What a probe says about the link."""
        self._trend.usage = Usage.NORMAL
        result: Probed | None = probe.result()
        if result is None:
            self.probes.failed(now)
            return
        self.quiet_until = now + 0.2 + self.rtt_s
        if result.saturated:
            self._capacity = result.rate
        if result.rate > self.rate * 1.05:
            self.rate = min(result.rate, RATE_LIMIT)
            self.probes.succeeded(now)
            if not result.saturated:
                self._capacity = None
        else:
            if result.saturated:
                self._set(max(result.rate, 0.9 * self.acked))
            self.probes.failed(now)
        if result.received < 0.7 * result.sent:
            self._decreased_at = max(self._decreased_at, now - 0.5)  # let the queue drain that the probe has built
