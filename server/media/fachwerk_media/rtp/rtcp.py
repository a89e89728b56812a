# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""RTCP: reports, retransmission requests, key frame requests.

Source: RFC 3550 section 6.4 (reports), RFC 4585 section 6 (NACK, PLI), RFC 5104 section 4.3.1 (FIR).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SENDER_REPORT = 200
RECEIVER_REPORT = 201
TRANSPORT_FEEDBACK = 205
PAYLOAD_FEEDBACK = 206
NACK = 1
TRANSPORT_WIDE = 15
PLI = 1
FIR = 4
OWN_SSRC = 1
"""Ours in receiver reports and feedback; we send no media under it."""
REPORTS_LIMIT = 31
"""Report blocks in one packet: a 5-bit count."""
_BLOCK = struct.Struct("!IIIIII")
_U16 = struct.Struct("!H")
_U32 = struct.Struct("!I")
_PAIR = struct.Struct("!HH")


class Part(NamedTuple):
    """One packet of a compound packet: its bytes lie between start (its header) and end."""

    kind: int
    form: int
    """Count or feedback message type, 5 bit."""
    start: int
    end: int


def split(data: bytes) -> Iterator[Part]:
    """The packets of a compound packet, up to the first that does not fit."""
    at = 0
    while at + 8 <= len(data):
        first, kind = data[at], data[at + 1]
        end = at + 4 * (_U16.unpack_from(data, at + 2)[0] + 1)
        if end > len(data) or first >> 6 != 2 or end - at < 8:
            return
        yield Part(kind, first & 31, at, end)
        at = end


class SenderReport(NamedTuple):
    """What links a stream's RTP clock with its sender's wall clock."""

    ssrc: int
    ntp: int
    """64-bit NTP time."""
    timestamp: int
    packets: int
    octets: int


def sender_report(data: bytes, part: Part) -> SenderReport | None:
    """The sender's part of a report, None if it is cut short."""
    if part.end - part.start < 28:
        return None
    return SenderReport(*struct.unpack_from("!IQIII", data, part.start + 4))


def write_sender_report(report: SenderReport) -> bytes:
    """A sender report without report blocks."""
    return struct.pack("!BBHIQIII", 0x80, SENDER_REPORT, 6, *report)


class Block(NamedTuple):
    """How one stream arrives. Interarrival jitter is in units of the stream's clock."""

    ssrc: int
    fraction_lost: int
    """1/256 since the last report."""
    lost: int
    """Cumulative, 24 bit signed, clamped."""
    highest: int
    """Extended highest sequence number, 32 bit."""
    jitter: int
    last_sender_report: int
    """Middle 32 bits of its NTP time, 0 if there was none."""
    delay: int
    """Since that report, 1/65536 s."""


def write_receiver_report(blocks: list[Block]) -> bytes:
    """A receiver report with at most REPORTS_LIMIT blocks."""
    body = b"".join(
        _BLOCK.pack(
            b.ssrc, b.fraction_lost << 24 | b.lost & 0xFFFFFF, b.highest, b.jitter, b.last_sender_report, b.delay
        )
        for b in blocks[:REPORTS_LIMIT]
    )
    count = len(body) // _BLOCK.size
    return struct.pack("!BBHI", 0x80 | count, RECEIVER_REPORT, 1 + 6 * count, OWN_SSRC) + body


def requested_key_frames(data: bytes, part: Part) -> Iterable[int]:
    """The streams a PLI or FIR asks to refresh."""
    if part.form == PLI and part.end - part.start >= 12:
        return (_U32.unpack_from(data, part.start + 8)[0],)
    if part.form == FIR:
        return [_U32.unpack_from(data, at)[0] for at in range(part.start + 12, part.end - 7, 8)]
    return ()


def requested_packets(data: bytes, part: Part) -> tuple[int, list[int]]:
    """(stream, sequence numbers) of a NACK."""
    if part.end - part.start < 12:
        return 0, []
    numbers = []
    for at in range(part.start + 12, part.end, 4):
        first, mask = _PAIR.unpack_from(data, at)
        numbers.append(first)
        numbers += [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return _U32.unpack_from(data, part.start + 8)[0], numbers


def write_pli(ssrc: int) -> bytes:
    """Ask the sender of a stream for a key frame."""
    return struct.pack("!BBHII", 0x80 | PLI, PAYLOAD_FEEDBACK, 2, OWN_SSRC, ssrc)


def write_nack(ssrc: int, first: int, count: int) -> bytes:
    """Ask for `count` (1..17) packets from `first` on."""
    mask = (1 << (count - 1)) - 1
    return struct.pack("!BBHIIHH", 0x80 | NACK, TRANSPORT_FEEDBACK, 3, OWN_SSRC, ssrc, first, mask)
