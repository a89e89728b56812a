# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""All that goes down to one subscriber: its tracks, its feedback, and the share of each track in its bandwidth."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fachwerk_media.bwe.allocate import CAMERA, PAUSED, SCREEN, Wanted, allocate
from fachwerk_media.bwe.estimator import Estimator
from fachwerk_media.forward.probe import probe
from fachwerk_media.forward.resend import Resender
from fachwerk_media.rtp import rtcp, twcc

if TYPE_CHECKING:
    from collections.abc import Callable

    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.redundancy import Policy
    from fachwerk_media.metrics import Counters
    from fachwerk_media.transport import Transport

HOLD_S, HOLD_LIMIT_S = 2.0, 30.0
"""After an upgrade that failed no other one for this long, doubling."""
TRIAL_FAILED_S, TRIAL_PASSED_S = 5.0, 8.0
PAUSE_EVIDENCE_S = 1.0
KEY_FRAME_QUIET_S = 0.5
"""The key frame of a new layer fills the queue once: overuse within this time says nothing."""


class Downlink:
    """One subscriber's share of the media."""

    def __init__(
        self,
        transport: Transport,
        counters: Counters,
        now: float,
        on_paused: Callable[[DownTrack], None],
        redundancy: Policy,
    ) -> None:
        """on_paused: a track was paused for want of bandwidth, or goes on."""
        self.transport = transport
        self.estimator = Estimator(now)
        self.element = 0
        """Element byte of the transport-wide number, 0 if the client does not give that feedback."""
        self.tracks: dict[str, DownTrack] = {}
        """By the sid of the published track."""
        self.used = 0.0
        """bit/s allocated, audio included."""
        self._counters = counters
        self._on_paused = on_paused
        self._by_ssrc: dict[int, DownTrack] = {}
        self._resender = Resender(self, counters)
        self._lacking = 0.0
        self._hold_s = HOLD_S
        self._rise_at = 0.0
        self._trial_at: float | None = None
        self._evidence: dict[DownTrack, float] = {}
        """Since when a track would have to be paused."""
        self._redundancy = redundancy
        self._probing: asyncio.Task[None] | None = None

    @property
    def estimating(self) -> bool:
        """Whether layers follow an estimate; without the client's feedback everything wanted is sent."""
        return self.element != 0

    def numbering(self) -> tuple[Estimator | None, int]:
        """What the fan-out needs to number packets."""
        return (self.estimator, self.element) if self.element else (None, 0)

    def add(self, down: DownTrack) -> None:
        """A subscription begins."""
        self.tracks[down.up.sid] = down
        self._by_ssrc[down.ssrc] = down
        down.up.downs.append(down)

    def remove(self, down: DownTrack) -> None:
        """A subscription ends."""
        self.tracks.pop(down.up.sid, None)
        self._by_ssrc.pop(down.ssrc, None)
        self._evidence.pop(down, None)
        down.close()

    def close(self) -> None:
        """The subscriber is gone."""
        for down in list(self.tracks.values()):
            self.remove(down)
        if self._probing is not None:
            self._probing.cancel()

    def refresh(self, now: float) -> None:
        """The transport became ready or its path changed."""
        for down in self.tracks.values():
            down.select(now)
            if down.layer is not None:
                down.layer.refan()

    def on_rtcp(self, packet: bytes, now: float) -> None:
        """Feedback from the subscriber."""
        for part in rtcp.split(packet):
            if part.kind == rtcp.PAYLOAD_FEEDBACK:
                for ssrc in rtcp.requested_key_frames(packet, part):
                    down = self._by_ssrc.get(ssrc)
                    if down is not None and down.layer is not None:
                        down.layer.request_key_frame(now)
            elif part.kind != rtcp.TRANSPORT_FEEDBACK:
                continue
            elif part.form == rtcp.NACK:
                ssrc, numbers = rtcp.requested_packets(packet, part)
                down = self._by_ssrc.get(ssrc)
                if down is not None:
                    self._resender.resend(down, numbers, now)
            elif part.form == rtcp.TRANSPORT_WIDE and self.element:
                self.estimator.feedback(now, *twcc.parse(packet, part.start, part.end))
                if self.estimator.rate < self.used * 0.9:
                    self.allocate(now)

    def tick(self, now: float) -> None:
        """Ten times a second."""
        if not self.element or not self.tracks:
            return
        self.estimator.idle(now, sending=self.used > 0 and self.transport.ready)
        self.allocate(now)
        wanted = self._redundancy.update(self.estimator.loss, self.estimator.rate, now)
        for down in self.tracks.values():
            level = wanted if down.red_payload_type else 0
            if level != down.redundancy:
                down.redundancy = level
                if down.layer is not None:
                    down.layer.refan()

    def allocate(self, now: float) -> None:
        """Give each picture the layer there is room for."""
        audio, wanted = self._wants()
        estimate = self.estimator.rate
        may_rise = now >= self._rise_at or estimate > 1.6 * (self.used + self._lacking)
        result = allocate(estimate - audio, wanted, may_rise=may_rise)
        risen = False
        for want in wanted:
            if any(want.rates):
                risen = self._apply(want.key, result.layers[want.key], now) or risen
        if risen:
            self._trial_at = now
            quiet = now + KEY_FRAME_QUIET_S + self.estimator.rtt_s
            self.estimator.quiet_until = max(self.estimator.quiet_until, quiet)
        elif self._trial_at is not None and now - self._trial_at > TRIAL_PASSED_S:
            self._hold_s, self._trial_at = HOLD_S, None
        self.used, self._lacking = result.used + audio, result.lacking
        if self._lacking and (self._probing is None or self._probing.done()) and self.estimator.may_probe(now):
            self._probing = asyncio.get_running_loop().create_task(self._probe(), name="probe")

    def _wants(self) -> tuple[float, list[Wanted[DownTrack]]]:
        """(bit/s of audio, the pictures)."""
        audio = 0.0
        wanted = []
        for down in self.tracks.values():
            if not down.negotiated or down.disabled:
                continue
            up = down.up
            if not up.is_video:
                audio += down.layer.rate * (1 + down.redundancy) if down.layer is not None else 0.0
                continue
            rates = [layer.rate for layer in up.layers]
            current = down.layer.index if down.layer is not None else PAUSED if down.paused else 0
            rank = SCREEN if up.is_screen else CAMERA
            wanted.append(Wanted(down, rank, down.width or up.info.width, rates, down.wanted, current))
        return audio, wanted

    def _apply(self, down: DownTrack, layer: int, now: float) -> bool:
        """Make a track's share real; whether it rose."""
        if layer == down.allowed and down.paused == (layer == PAUSED):
            self._evidence.pop(down, None)
            return False
        far_too_much = self.estimator.rate < 0.5 * self.used
        if layer == PAUSED and not down.paused and self.estimator.rate > 0.6 * self.used:
            since = self._evidence.setdefault(down, now)
            if now - since < PAUSE_EVIDENCE_S:
                return False
        self._evidence.pop(down, None)
        risen = layer > down.allowed
        if not risen and layer < down.allowed and self._trial_at is not None and now - self._trial_at < TRIAL_FAILED_S:
            self._hold_s = min(2 * self._hold_s, HOLD_LIMIT_S)
            self._rise_at = now + self._hold_s
            self._trial_at = None
        was_paused, down.paused, down.allowed = down.paused, layer == PAUSED, layer
        if was_paused != down.paused:
            self._on_paused(down)
        if down.layer is not None and layer != PAUSED and down.layer.index > layer and far_too_much:
            down.drop()  # do not wait for the key frame
            down.target = None
        down.select(now)
        return risen

    async def _probe(self) -> None:
        estimator = self.estimator
        ceiling = (4.0 if estimator.probes.count < 2 else 2.0) * estimator.rate
        rate = min(max((self.used + self._lacking) * 1.2, estimator.rate * 1.25), ceiling)
        self._counters.probes += 1
        await probe(self, rate)
