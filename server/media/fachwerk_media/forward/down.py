# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A track as one subscriber gets it: which layer, under which numbers, in which form."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from livekit.protocol import models

from fachwerk_media.bwe.allocate import PAUSED
from fachwerk_media.forward.fanout import PLAIN, RED_ONE, RENUMBERED
from fachwerk_media.rtp.continuity import Offsets, Position, follow, position
from fachwerk_media.rtp.packet import HALF_16

if TYPE_CHECKING:
    from fachwerk_media.forward.downlink import Downlink
    from fachwerk_media.forward.fanout import Subscriber
    from fachwerk_media.forward.layer import Layer
    from fachwerk_media.forward.up import UpTrack
    from fachwerk_media.rtp.packet import Packet

SEGMENTS = 8
"""Changes of mapping that retransmission reaches back over."""


class Segment(NamedTuple):
    """From which outgoing number on which layer is sent with which offsets."""

    start: int
    """Outgoing sequence number, 16 bit."""
    layer: Layer
    offsets: Offsets


class DownTrack:
    """One subscription."""

    def __init__(self, up: UpTrack, downlink: Downlink) -> None:
        self.up = up
        self.downlink = downlink
        self.ssrc = secrets.randbelow(0x3FFFFFFF) + 1
        self.rtx_ssrc = self.ssrc | 0x40000000
        self.mid: str | None = None
        """Its section in the subscriber's description."""
        self.payload_type = self.rtx_payload_type = self.red_payload_type = 0
        """As negotiated; 0 is not negotiated."""
        self.negotiated = False
        self.wanted = int(models.VideoQuality.HIGH)
        """Highest layer the client shows."""
        self.disabled = False
        """The client does not show it now."""
        self.width = 0
        """Pixels it is shown at, 0 if unknown."""
        self.allowed = 0
        """Highest layer the downlink has room for, PAUSED for none."""
        self.paused = False
        self.redundancy = 0
        """Earlier payloads in each audio packet, 0 to 2."""
        self.layer: Layer | None = None
        """What is being sent."""
        self.target: Layer | None = None
        """What shall be sent from its next key frame on."""
        self.offsets = Offsets()
        self.rtx_sequence = secrets.randbelow(HALF_16)
        self._last: Position | None = None
        self._segments: list[Segment] = []

    def select(self, now: float) -> None:
        """Decide which layer shall be sent and begin to change to it."""
        target = self._choice(now)
        if target is self.target:
            if target is not None and target is not self.layer and self.up.is_video:
                target.request_key_frame(now)
            return
        if self.target is not None and self in self.target.waiting:
            self.target.waiting.remove(self)
        self.target = target
        if target is None:
            self.drop()
        elif target is not self.layer:
            target.waiting.append(self)
            if self.up.is_video:
                target.request_key_frame(now)

    def bind(self, layer: Layer, first: Packet) -> None:
        """Send this layer from packet `first` on: a key frame's first, or any audio packet."""
        self.drop()
        self.target = layer
        self.offsets = follow(self._last, first, self.up.clock_hz)
        self._remember((first.sequence + self.offsets.sequence) & 0xFFFF, layer)
        self.layer = layer
        layer.subscribers.append(self)
        layer.refan()

    def drop(self) -> None:
        """Stop sending; what follows later goes on with the next number."""
        layer = self.layer
        if layer is None:
            return
        if layer.newest is not None:
            self._last = position(layer.newest, self.offsets)
        layer.subscribers.remove(self)
        self.layer = None
        layer.refan()

    def skip(self, count: int, sequence: int) -> None:
        """The `count` incoming packets before `sequence` were not sent on."""
        if self.layer is not None:
            self.offsets = self.offsets.skip(count)
            self._remember((sequence + self.offsets.sequence) & 0xFFFF, self.layer)

    def locate(self, sequence: int) -> tuple[Layer, Offsets] | None:
        """Where an outgoing sequence number came from, None if that is too long ago."""
        for segment in reversed(self._segments):
            if (sequence - segment.start) & 0xFFFF < HALF_16:
                return segment.layer, segment.offsets
        return None

    def close(self) -> None:
        """The subscription has ended."""
        self.drop()
        if self.target is not None and self in self.target.waiting:
            self.target.waiting.remove(self)
        if self in self.up.downs:
            self.up.downs.remove(self)
        self.target = None
        self.negotiated = False

    def entry(self) -> Subscriber | None:
        """The fan-out's view of this subscription, None while it cannot be sent to."""
        transport = self.downlink.transport
        outbound, path = transport.outbound, transport.path
        if outbound is None or path is None:
            return None
        form, kind = PLAIN, self.payload_type
        if self.redundancy:
            form, kind = RED_ONE + self.redundancy - 1, self.red_payload_type
        elif self.offsets.picture or self.offsets.tl0:
            form = RENUMBERED
        estimator, element = self.downlink.numbering()
        offsets = self.offsets
        return (
            estimator,
            element,
            outbound.context,
            path.burst,
            path.target(),
            self.ssrc,
            offsets.sequence,
            offsets.timestamp,
            kind,
            form,
            offsets.picture,
            offsets.tl0,
        )

    def _choice(self, now: float) -> Layer | None:
        if not self.negotiated or self.disabled or self.up.info.muted or not self.downlink.transport.ready:
            return None
        if not self.up.is_video or not self.downlink.estimating:
            return self.up.best(self.wanted, now)
        if self.allowed == PAUSED:
            return None
        return self.up.best(min(self.wanted, self.allowed), now)

    def _remember(self, start: int, layer: Layer) -> None:
        self._segments = [*self._segments[1 - SEGMENTS :], Segment(start, layer, self.offsets)]
