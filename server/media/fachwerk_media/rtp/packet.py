# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""RTP headers: reading what a publisher sent, writing what a subscriber gets.

Source: RFC 3550 section 5.1 (header), RFC 8285 (header extensions), RFC 4588 (retransmission payload).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fachwerk_media.rtp.vp8 import Picture

HEADER_BYTES = 12
HALF_16 = 0x8000
_FIXED = struct.Struct("!BBHII")
_ONE_BYTE_PROFILE = 0xBEDE
_TWO_BYTE_PROFILE = 0x1000

header = _FIXED.pack
"""(0x80, marker | payload type, sequence, timestamp, ssrc) -> 12 bytes."""
header_with_number = struct.Struct("!BBHIIIBHx").pack
"""Like header (first byte 0x90), then 0xBEDE0001, the element byte (id << 4 | 1) and a transport-wide number."""
EXTENSION_ONE_WORD = 0xBEDE0001


class Packet(NamedTuple):
    """One media packet, decrypted, without header: what the fan-out sends and the cache keeps."""

    sequence: int
    """16 bit, the publisher's number."""
    timestamp: int
    """32 bit, the publisher's clock."""
    marker: int
    """0 or 0x80, ready to be or-ed with a payload type."""
    payload: bytes
    picture: Picture | None
    """Video only: where the VP8 picture numbers are."""
    redundant: tuple[bytes, bytes] | None
    """Audio only: payload with one and with two earlier ones in front (RFC 2198)."""
    at: float
    """Arrival, monotonic seconds."""


class Received(NamedTuple):
    """The parts of a publisher's RTP packet."""

    marker: int
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    extensions: dict[int, bytes]
    start: int
    """First payload byte."""
    end: int
    """One after the last payload byte, padding taken off; start == end is a packet of padding only."""


def parse(packet: bytes) -> Received | None:
    """The packet's parts, None if it is not well formed."""
    size = len(packet)
    if size < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(packet)
    start = HEADER_BYTES + 4 * (first & 0x0F)
    extensions: dict[int, bytes] = {}
    if first & 0x10:
        if start + 4 > size:
            return None
        profile = packet[start] << 8 | packet[start + 1]
        body = start + 4
        start = body + 4 * (packet[start + 2] << 8 | packet[start + 3])
        if start > size:
            return None
        if profile == _ONE_BYTE_PROFILE:
            extensions = _one_byte_elements(packet, body, start)
        elif profile & 0xFFF0 == _TWO_BYTE_PROFILE:
            extensions = _two_byte_elements(packet, body, start)
    end = size - packet[-1] if first & 0x20 else size
    if start > end:
        return None
    return Received(second & 0x80, second & 0x7F, sequence, timestamp, ssrc, extensions, start, end)


def _one_byte_elements(packet: bytes, at: int, end: int) -> dict[int, bytes]:
    """RFC 8285 section 4.2: id 0 is a padding byte, id 15 ends the list."""
    elements = {}
    while at < end:
        element = packet[at]
        if not element:
            at += 1
            continue
        stop = at + (element & 15) + 2
        if element >> 4 == 15 or stop > end:
            break
        elements[element >> 4] = packet[at + 1 : stop]
        at = stop
    return elements


def _two_byte_elements(packet: bytes, at: int, end: int) -> dict[int, bytes]:
    """RFC 8285 section 4.3."""
    elements = {}
    while at + 1 < end:
        element = packet[at]
        if not element:
            at += 1
            continue
        stop = at + 2 + packet[at + 1]
        if stop > end:
            break
        elements[element] = packet[at + 2 : stop]
        at = stop
    return elements


def is_newer(sequence: int, than: int) -> bool:
    """Whether a 16-bit number lies in the half circle after another one (RFC 1982)."""
    return 0 < (sequence - than) & 0xFFFF < HALF_16
