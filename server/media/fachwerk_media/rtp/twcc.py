# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Transport-wide congestion control feedback, both directions.

As receiver we tell a publisher when each of its packets arrived; as sender we read the same from a subscriber.
Source: draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.
"""

from __future__ import annotations

import struct

from fachwerk_media.rtp.rtcp import OWN_SSRC, TRANSPORT_FEEDBACK, TRANSPORT_WIDE

TICK_US = 250
REFERENCE_US = 64_000
PACKETS_LIMIT = 4096
"""Packets one feedback may speak of; more is not worth reading."""
SPAN_LIMIT = 2000
"""Numbers one of our feedbacks covers; after a longer hole it starts at the first packet that came."""
HEADER_BYTES = 20
_U16 = struct.Struct("!H")


def parse(data: bytes, start: int, end: int) -> tuple[int, list[int | None]]:
    """Read one feedback packet.

    data[start:end]: the RTCP packet with its header. Returns the first number (16 bit) and for it and the following
    ones the arrival time in us on the receiver's clock, None for lost. A packet that is cut short gives what it has.
    """
    if end - start < HEADER_BYTES:
        return 0, []
    base, count, word = struct.unpack_from("!HHI", data, start + 12)
    if count > PACKETS_LIMIT:
        return base, []
    symbols, at = _symbols(data, start + HEADER_BYTES, end, count)
    time_us = (word >> 8) * REFERENCE_US
    arrivals: list[int | None] = []
    for symbol in symbols:
        if symbol == 0:
            arrivals.append(None)
            continue
        if symbol == 1:
            if at >= end:
                break
            time_us += data[at] * TICK_US
            at += 1
        else:
            if at + 2 > end:
                break
            delta = _U16.unpack_from(data, at)[0]
            time_us += (delta - 0x10000 if delta & 0x8000 else delta) * TICK_US
            at += 2
        arrivals.append(time_us)
    return base, arrivals


def _symbols(data: bytes, at: int, end: int, count: int) -> tuple[list[int], int]:
    """Packet status symbols (0 lost, 1 small delta, 2 large delta) and where the deltas begin."""
    symbols: list[int] = []
    while len(symbols) < count and at + 2 <= end:
        chunk = _U16.unpack_from(data, at)[0]
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13 & 3] * min(chunk & 0x1FFF, count - len(symbols))
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in (12, 10, 8, 6, 4, 2, 0)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return symbols[:count], at


def write(ssrc: int, feedback_number: int, base: int, arrivals: list[int | None]) -> bytes:
    """One feedback packet.

    ssrc: must be one of the sender's, else Chromium ignores the packet without a word.
    feedback_number: 8 bit, counts our feedbacks. base: number of arrivals[0], 16 bit.
    arrivals: us, at least one of them not None; deltas beyond +-8 s are clamped.
    """
    first = next(arrival for arrival in arrivals if arrival is not None)
    reference = first // REFERENCE_US
    previous = reference * REFERENCE_US
    symbols: list[int] = []
    deltas = bytearray()
    for arrival in arrivals:
        if arrival is None:
            symbols.append(0)
            continue
        ticks = (arrival - previous) // TICK_US
        if 0 <= ticks <= 0xFF:
            symbols.append(1)
            deltas.append(ticks)
        else:
            ticks = max(-0x8000, min(0x7FFF, ticks))
            symbols.append(2)
            deltas += struct.pack("!h", ticks)
        previous += ticks * TICK_US
    chunks = bytearray()
    for at in range(0, len(symbols), 7):
        chunk = 0xC000
        for place, symbol in enumerate(symbols[at : at + 7]):
            chunk |= symbol << (12 - 2 * place)
        chunks += _U16.pack(chunk)
    word = (reference & 0xFFFFFF) << 8 | feedback_number
    body = struct.pack("!IIHHI", OWN_SSRC, ssrc, base, len(arrivals), word) + chunks + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    first_byte = 0x80 | (0x20 if padding else 0) | TRANSPORT_WIDE
    return struct.pack("!BBH", first_byte, TRANSPORT_FEEDBACK, len(body) // 4) + body


class Recorder:
    """Notes when a publisher's packets arrive and gives them back as feedback, every 50 ms or so."""

    def __init__(self) -> None:
        self._arrivals: dict[int, int] = {}
        """Unwrapped number -> us."""
        self._highest: int | None = None
        self._next = 0
        self._feedbacks = 0
        self.ssrc = 0
        """A stream of this sender; the last one seen."""

    def note(self, number: int, arrival_us: int) -> None:
        """A packet with this 16-bit number arrived. A burst beyond PACKETS_LIMIT in one interval is not noted."""
        highest = self._highest
        if highest is None:
            highest = self._highest = self._next = number
        unwrapped = highest + ((number - highest + 0x8000) & 0xFFFF) - 0x8000
        if unwrapped > highest:
            self._highest = unwrapped
        if len(self._arrivals) < PACKETS_LIMIT:
            self._arrivals[unwrapped] = arrival_us

    def flush(self) -> bytes | None:
        """The feedback since the last one, None if nothing arrived."""
        if not self._arrivals:
            return None
        arrivals, self._arrivals = self._arrivals, {}
        low, high = min(self._next, *arrivals), max(arrivals)
        if high - low > SPAN_LIMIT:
            low = max(min(arrivals), high - SPAN_LIMIT)
        self._next = high + 1
        feedback = write(self.ssrc, self._feedbacks, low & 0xFFFF, [arrivals.get(n) for n in range(low, high + 1)])
        self._feedbacks = (self._feedbacks + 1) & 0xFF
        return feedback
