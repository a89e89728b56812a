# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How one incoming stream arrives: order, loss, jitter. Source: RFC 3550 section 6.4.1, appendix A.1, A.3 and A.8."""

from __future__ import annotations

from fachwerk_media.rtp.packet import HALF_16
from fachwerk_media.rtp.rtcp import Block, SenderReport

LATE = -1


class Reception:
    """Statistics of one stream."""

    __slots__ = (
        "_base",
        "_clock_hz",
        "_cycles",
        "_expected_before",
        "_jitter",
        "_received_before",
        "_report",
        "_report_at",
        "_transit",
        "highest",
        "payload_bytes",
        "received",
    )

    def __init__(self, clock_hz: int) -> None:
        self.highest: int | None = None
        """Newest sequence number, 16 bit; None before the first packet."""
        self.received = 0
        self.payload_bytes = 0
        self._clock_hz = clock_hz
        self._base = self._cycles = 0
        self._expected_before = self._received_before = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._report: SenderReport | None = None
        self._report_at = 0.0

    def note(self, sequence: int, timestamp: int, size: int, now: float) -> int:
        """A packet came: how many are missing between it and the newest one so far, or LATE."""
        self.received += 1
        self.payload_bytes += size
        transit = now * self._clock_hz - timestamp
        if self._transit is not None:
            moved = abs(transit - self._transit)
            if moved < self._clock_hz:  # a larger step is a wrap or a new start of the clock
                self._jitter += (moved - self._jitter) / 16
        self._transit = transit
        highest = self.highest
        if highest is None:
            self.highest = self._base = sequence
            return 0
        ahead = (sequence - highest) & 0xFFFF
        if not 0 < ahead < HALF_16:
            return LATE
        if sequence < highest:
            self._cycles += 1
        self.highest = sequence
        return ahead - 1

    def reported(self, report: SenderReport, now: float) -> None:
        """The sender's report came."""
        self._report, self._report_at = report, now

    def block(self, ssrc: int, now: float) -> Block | None:
        """The report block since the last one, None before the first packet."""
        if self.highest is None:
            return None
        extended = self._cycles << 16 | self.highest
        expected = extended - self._base + 1
        expected_now, received_now = expected - self._expected_before, self.received - self._received_before
        self._expected_before, self._received_before = expected, self.received
        lost_now = max(0, expected_now - received_now)
        fraction = min(255, lost_now * 256 // expected_now) if expected_now > 0 else 0
        lost = max(-0x800000, min(0x7FFFFF, expected - self.received))
        last, delay = 0, 0
        if self._report is not None:
            last = self._report.ntp >> 16 & 0xFFFFFFFF
            delay = min(0xFFFFFFFF, int((now - self._report_at) * 65536))
        return Block(ssrc, fraction, lost, extended & 0xFFFFFFFF, int(self._jitter), last, delay)
