# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One encoding of a published track (a simulcast layer, or the whole of a track) and who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fachwerk_media.forward.fanout import way_out
from fachwerk_media.rtp import rtcp
from fachwerk_media.rtp.packet import is_newer
from fachwerk_media.rtp.reception import Reception

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.fanout import Subscriber
    from fachwerk_media.forward.up import UpTrack
    from fachwerk_media.rtp.packet import Packet

CACHE = 1024
"""Packets kept for retransmission, a power of two; at most the SRTP replay window."""
ALIVE_S = 1.0
"""A layer without packets for this long is not offered while another one is alive."""
RATE_MEMORY_S = 1.5
KEY_FRAME_INTERVAL_S = 0.2
"""Between two requests for a key frame of one layer."""
NACK_GAP_LIMIT = 16
"""A longer gap is repaired by a key frame."""
NACK_TRIES = 4
MISSING_LIMIT = 256


class Layer:
    """One encoding."""

    __slots__ = (
        "_asked_at",
        "_measured",
        "cache",
        "fan",
        "floor",
        "index",
        "last_at",
        "missing",
        "newest",
        "rate",
        "reception",
        "redundancy",
        "rid",
        "skipped",
        "ssrc",
        "subscribers",
        "track",
        "waiting",
    )

    def __init__(self, track: UpTrack, index: int, rid: str | None = None, ssrc: int = 0) -> None:
        """index: 0 is the smallest picture. ssrc: 0 if it is learnt from the first packet."""
        self.track = track
        self.index = index
        self.rid = rid
        self.ssrc = ssrc
        self.subscribers: list[DownTrack] = []
        self.waiting: list[DownTrack] = []
        """They get it from its next key frame on; audio from its next packet on."""
        self.fan: tuple[Subscriber, ...] = ()
        self.redundancy = 0
        """Earlier audio payloads some subscriber wants, 0 to 2."""
        self.last_at = 0.0
        self.rate = 0.0
        """Measured bit/s on the wire."""
        self._asked_at = 0.0
        self.forget()

    def forget(self) -> None:
        """Start anew: the publisher sends this layer as another stream."""
        self.reception = Reception(self.track.clock_hz)
        self.cache: list[Packet | None] = [None] * CACHE if self.track.is_video else []
        self.newest: Packet | None = None
        self.floor: int | None = None
        """Oldest number the current mapping of all subscribers holds for; older packets come only on request."""
        self.missing: dict[int, int] = {}
        """Numbers asked for -> tries."""
        self.skipped = 0
        """Packets not forwarded since the last one that was (silence)."""
        self._measured = (0, 0)

    def refan(self) -> None:
        """Make the fan-out anew: somebody came, went, or is reached another way."""
        entries = [entry for down in self.subscribers if (entry := down.entry()) is not None]
        self.fan = tuple(sorted(entries, key=way_out))
        self.redundancy = max((down.redundancy for down in self.subscribers), default=0)

    def skip(self, count: int, sequence: int) -> None:
        """Packets up to (not including) `sequence` were not sent on: close the hole in everybody's numbers."""
        for down in self.subscribers:
            down.skip(count, sequence)
        self.floor = sequence
        self.refan()

    def admit(self, packet: Packet) -> None:
        """A packet to begin with: those who wait get it and what follows."""
        waiting, self.waiting = self.waiting, []
        for down in waiting:
            down.bind(self, packet)
        self.floor = packet.sequence

    def is_before_floor(self, sequence: int) -> bool:
        """Whether a late packet is older than the current mapping."""
        return self.floor is not None and is_newer(self.floor, sequence)

    def measure(self, elapsed: float, now: float) -> None:
        """Update the rate: rises fast, falls slowly."""
        before = self._measured
        self._measured = (self.reception.payload_bytes, self.reception.received)
        if not self.ssrc or now - self.last_at > RATE_MEMORY_S:
            self.rate = 0.0
            return
        size = self._measured[0] - before[0] + 64 * (self._measured[1] - before[1])
        rate = size * 8 / elapsed
        if self.rate:
            rate = self.rate + (0.5 if rate > self.rate else 0.15) * (rate - self.rate)
        self.rate = rate

    def request_key_frame(self, now: float) -> None:
        """Ask the publisher, not too often."""
        if self.ssrc and now - self._asked_at > KEY_FRAME_INTERVAL_S:
            self._asked_at = now
            self.track.counters.key_frame_requests += 1
            self.track.send_rtcp(rtcp.write_pli(self.ssrc))

    def gap(self, sequence: int, count: int) -> None:
        """`count` packets before `sequence` are missing: ask for them."""
        if count > NACK_GAP_LIMIT or len(self.missing) > MISSING_LIMIT:
            self.missing.clear()
            return
        first = (sequence - count) & 0xFFFF
        for offset in range(count):
            self.missing[(first + offset) & 0xFFFF] = 1
        self.track.send_rtcp(rtcp.write_nack(self.ssrc, first, count))

    def ask_again(self) -> None:
        """Repeat the requests that were not answered; called every 100 ms."""
        for sequence, tries in list(self.missing.items()):
            if tries >= NACK_TRIES:
                del self.missing[sequence]
                continue
            self.missing[sequence] = tries + 1
            if tries > 1 or len(self.missing) < NACK_GAP_LIMIT:
                self.track.send_rtcp(rtcp.write_nack(self.ssrc, sequence, 1))
