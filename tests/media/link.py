# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A simulated link: rate, delay, loss, a shaper's bucket and a queue. No network and no wall clock."""

import random
from typing import NamedTuple

from fachwerk_media.bwe.estimator import Estimator

STEP_S = 0.005
FEEDBACK_S = 0.05
PACKET_BYTES = 900
LAYERS = (264e3, 400e3, 540e3, 905e3, 2400e3)
"""What the sender can send, bit/s."""


class Link(NamedTuple):
    """One link."""

    rtt_s: float = 0.03
    loss: float = 0.0
    bucket_bytes: float = 4000
    queue_s: float = 0.3
    noise_s: float = 0.001


class Step(NamedTuple):
    """What was seen while the link had one rate."""

    link_bps: float
    layer_share: float
    """Mean layer by the best affordable one, second half."""
    reached_s: float | None
    """Until the best affordable layer was first sent."""


class Run(NamedTuple):
    """What was seen in all."""

    steps: list[Step]
    switches: int
    lost: float
    queue_p95_s: float


class _Path:
    """The packets on their way."""

    def __init__(self, link: Link, seed: int) -> None:
        self.link = link
        self.arrivals: dict[int, float | None] = {}
        self.waits: list[float] = []
        self.sent = self.lost = 0
        self._choose = random.Random(seed)
        self._free_at = 0.0
        self._tokens = link.bucket_bytes

    def fill(self, rate: float) -> None:
        self._tokens = min(self.link.bucket_bytes, self._tokens + rate / 8 * STEP_S)

    def send(self, number: int, now: float, rate: float) -> None:
        self.sent += 1
        self.arrivals[number] = None
        wait = max(self._free_at - now, 0.0)
        if self._choose.random() < self.link.loss or wait > self.link.queue_s:
            self.lost += 1
            return
        leaves = now + wait
        if self._tokens >= PACKET_BYTES and not wait:
            self._tokens -= PACKET_BYTES
        else:
            leaves += PACKET_BYTES * 8 / rate
            self._free_at = leaves
        self.waits.append(leaves - now)
        self.arrivals[number] = leaves + self.link.rtt_s / 2 + self._choose.uniform(0, self.link.noise_s)

    def vary(self) -> float:
        return 1 + 0.15 * self._choose.uniform(-1, 1)

    def seen(self, base: int, now: float) -> list[int | None]:
        """Feedback that has come back by now, from number `base` on."""
        back = self.link.rtt_s / 2
        known = [n for n, at in self.arrivals.items() if at is not None and at + back <= now]
        if not known:
            return []
        count = max((n - base) & 0xFFFF for n in known) + 1
        found = [self.arrivals.pop((base + n) & 0xFFFF, None) for n in range(count)]
        return [None if at is None or at + back > now else int(at * 1e6) // 250 * 250 for at in found]


class _Sender:
    """Sends the highest layer the estimate allows, and probes like the real one."""

    def __init__(self) -> None:
        self.estimator = Estimator(0.0)
        self.layer = 0
        self.switches = 0
        self._trial_at: float | None = None
        self._hold_s, self._rise_at = 2.0, 0.0
        self._probe: tuple[float, float] | None = None

    def rate(self, now: float) -> float:
        if self._probe is None:
            return LAYERS[self.layer]
        rate, until = self._probe
        if now < until:
            return max(rate, LAYERS[self.layer])
        current = self.estimator.probes.current
        if current is not None and current.last is None:
            self.estimator.end_probe()
        if now > until + 0.5 + 2 * self.estimator.rtt_s:
            self.estimator.give_up_probe(now)
            self._probe = None
        return LAYERS[self.layer]

    def adapt(self, now: float) -> None:
        before = self.layer
        while self.layer and LAYERS[self.layer] > self.estimator.rate:
            self.layer -= 1
        if self.layer < before and self._trial_at is not None and now - self._trial_at < 5:
            self._hold_s = min(30.0, 2 * self._hold_s)
            self._rise_at, self._trial_at = now + self._hold_s, None
        may_rise = self.layer == before and now >= self._rise_at and self.layer + 1 < len(LAYERS)
        if may_rise and LAYERS[self.layer + 1] * 1.1 <= self.estimator.rate:
            self.layer += 1
            self._trial_at = now
        if self._trial_at is not None and now - self._trial_at > 8:
            self._hold_s, self._trial_at = 2.0, None
        self.switches += self.layer != before
        if self.layer + 1 < len(LAYERS) and self._probe is None and self.estimator.may_probe(now):
            estimate = self.estimator.rate
            rate = min(max(LAYERS[self.layer + 1] * 1.2, estimate * 1.25), estimate * 2)
            self.estimator.begin_probe(now, rate)
            self._probe = (rate, now + max(0.12, min(0.4, 128e3 / rate)))


def simulate(rates: list[tuple[float, float]], link: Link, seed: int = 1) -> Run:
    """Send over a link whose rate changes: (bit/s, seconds)."""
    path, sender = _Path(link, seed), _Sender()
    now, credit, base, feedback_at = 0.0, 0.0, 1, FEEDBACK_S
    steps = []
    for rate, seconds in rates:
        began, sent = now, []
        best = max((layer for layer in LAYERS if layer <= rate * 0.95), default=LAYERS[0])
        reached = None
        while now < began + seconds:
            now += STEP_S
            credit += sender.rate(now) * path.vary() * STEP_S / 8
            path.fill(rate)
            while credit >= PACKET_BYTES:
                credit -= PACKET_BYTES
                path.send(sender.estimator.sending(now, PACKET_BYTES), now, rate)
            if now >= feedback_at:
                feedback_at += FEEDBACK_S
                arrivals = path.seen(base, now)
                if arrivals:
                    sender.estimator.feedback(now, base, arrivals)
                    base = (base + len(arrivals)) & 0xFFFF
                sender.adapt(now)
            sent.append(LAYERS[sender.layer])
            if reached is None and LAYERS[sender.layer] >= best:
                reached = now - began
        half = sent[len(sent) // 2 :]
        steps.append(Step(rate, sum(half) / len(half) / best, reached))
    path.waits.sort()
    return Run(steps, sender.switches, path.lost / path.sent, path.waits[int(len(path.waits) * 0.95)])
