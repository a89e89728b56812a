# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Packets again for those who lost them, on the retransmission stream. Source: RFC 4588.

A subscriber without a retransmission stream gets none: sending under the old number with another transport-wide
number would use an AES-GCM number twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fachwerk_media.forward.layer import CACHE
from fachwerk_media.rtp.packet import EXTENSION_ONE_WORD, header, header_with_number
from fachwerk_media.rtp.vp8 import renumber

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.downlink import Downlink
    from fachwerk_media.metrics import Counters
    from fachwerk_media.rtp.continuity import Offsets
    from fachwerk_media.rtp.packet import Packet

REMEMBERED = 4096
"""(stream, number) pairs asked for lately."""
OVERHEAD_BYTES = 64
"""RTP, SRTP, UDP and IP around a payload, for the estimator."""


def body(packet: Packet, offsets: Offsets) -> bytes:
    """The payload as the subscriber got it, after its original number (RFC 4588 section 4)."""
    payload = packet.payload
    if packet.picture is not None and (offsets.picture or offsets.tl0):
        payload = renumber(payload, packet.picture, offsets.picture, offsets.tl0)
    return ((packet.sequence + offsets.sequence) & 0xFFFF).to_bytes(2, "big") + payload


def send(
    downlink: Downlink,
    down: DownTrack,
    marker: int,
    timestamp: int,
    content: bytes,
    now: float,
    *,
    padding: bool = False,
) -> int:
    """Send one packet on the retransmission stream, counted by the estimator; returns its wire bytes.

    padding: the content is RTP padding, its last byte the length of it (RFC 3550 section 5.1).
    """
    flags = 0x20 if padding else 0
    down.rtx_sequence = (down.rtx_sequence + 1) & 0xFFFF
    kind = marker | down.rtx_payload_type
    size = len(content) + OVERHEAD_BYTES
    if downlink.element:
        number = downlink.estimator.sending(now, size)
        head = header_with_number(
            0x90 | flags,
            kind,
            down.rtx_sequence,
            timestamp,
            down.rtx_ssrc,
            EXTENSION_ONE_WORD,
            downlink.element,
            number,
        )
    else:
        head = header(0x80 | flags, kind, down.rtx_sequence, timestamp, down.rtx_ssrc)
    downlink.transport.send_rtp(head + content)
    return size


class Resender:
    """Answers the NACKs of one subscriber."""

    def __init__(self, downlink: Downlink, counters: Counters) -> None:
        self._downlink = downlink
        self._counters = counters
        self._sent_at: dict[tuple[int, int], float] = {}

    def resend(self, down: DownTrack, numbers: list[int], now: float) -> None:
        """Send what is still in the cache; the same packet not twice within a round trip."""
        if not down.rtx_payload_type or not self._downlink.transport.ready:
            return
        pause_s = max(0.02, 0.8 * self._downlink.estimator.rtt_s)
        for number in numbers:
            key = (down.ssrc, number)
            if now - self._sent_at.get(key, float("-inf")) < pause_s:
                continue
            source = down.locate(number)
            if source is None:
                continue
            layer, offsets = source
            wanted = (number - offsets.sequence) & 0xFFFF
            packet = layer.cache[wanted & (CACHE - 1)] if layer.cache else None
            if packet is None or packet.sequence != wanted:
                continue
            if len(self._sent_at) >= REMEMBERED:
                self._sent_at.clear()
            self._sent_at[key] = now
            self._counters.retransmitted += 1
            timestamp = (packet.timestamp + offsets.timestamp) & 0xFFFFFFFF
            send(self._downlink, down, packet.marker, timestamp, body(packet, offsets), now)
