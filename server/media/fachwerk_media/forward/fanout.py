# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The hot path: one decrypted packet to all its subscribers. More than half of its time is the kernel's send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fachwerk_media.bwe.estimator import HISTORY, Estimator
from fachwerk_media.net.burst import SLOT_BYTES, SLOTS, Burst, headers, memory, slots, vectors
from fachwerk_media.rtp.packet import EXTENSION_ONE_WORD, header, header_with_number
from fachwerk_media.rtp.vp8 import renumber
from fachwerk_media.srtp import PLAIN_LIMIT_BYTES, TRAILER_BYTES, length, protect

if TYPE_CHECKING:
    from fachwerk_media.rtp.packet import Packet

PLAIN, RENUMBERED, RED_ONE, RED_TWO = range(4)
"""Form of the payload: as it came, with VP8 picture numbers shifted, with one or two earlier audio payloads."""
UDP_IP_BYTES = 28
assert PLAIN_LIMIT_BYTES + TRAILER_BYTES <= SLOT_BYTES

Subscriber = tuple[
    Estimator | None,  # counts what is sent and numbers it; None without transport-wide feedback
    int,  # element byte of the transport-wide number: id << 4 | 1
    Any,  # SRTP context
    Burst | None,  # the way out
    Any,  # Path.target()
    int,  # SSRC
    int,  # sequence offset
    int,  # timestamp offset
    int,  # payload type
    int,  # form of the payload
    int,  # PictureID offset
    int,  # TL0PICIDX offset
]
"""All that sending to one subscriber needs, made when something changes. A plain tuple: unpacking it is fastest."""


def way_out(subscriber: Subscriber) -> int:
    """Those with the same one stand together: a system call is for one socket."""
    return id(subscriber[3])


def fanout(packet: Packet, subscribers: tuple[Subscriber, ...]) -> int:
    """Send a packet to each subscriber and return to how many that failed.

    A failure (kernel buffer full, address gone, packet too long) concerns that subscriber only.
    """
    sequence, timestamp, marker, payload, _, _, now = packet
    mask = HISTORY - 1
    failed = used = wide = 0
    way: Burst | None = None
    for estimator, element, context, burst, target, ssrc, seq, ts, kind, form, number, tl0 in subscribers:
        body = payload if form == PLAIN else _body(packet, form, number, tl0)
        if estimator is None:
            plain = header(0x80, marker | kind, (sequence + seq) & 0xFFFF, (timestamp + ts) & 0xFFFFFFFF, ssrc) + body
        else:
            wide = estimator.number = (estimator.number + 1) & 0xFFFF
            plain = (
                header_with_number(
                    0x90,
                    marker | kind,
                    (sequence + seq) & 0xFFFF,
                    (timestamp + ts) & 0xFFFFFFFF,
                    ssrc,
                    EXTENSION_ONE_WORD,
                    element,
                    wide,
                )
                + body
            )
        size = len(plain)
        if size > PLAIN_LIMIT_BYTES:
            failed += 1
            continue
        if burst is not way or used == SLOTS:
            if way is not None:
                failed += way.send(used)
            way, used = burst, 0
        start = used * SLOT_BYTES
        memory[start : start + size] = plain
        length[0] = size
        if protect(context, slots[used], length):
            failed += 1
            continue
        size = length[0]
        if estimator is not None:
            estimator.history[wide & mask] = (wide, now, size + UDP_IP_BYTES)
        if burst is not None:
            headers[used].msg_name = target
            vectors[used].iov_len = size
            used += 1
            continue
        try:
            target(bytes(memory[start : start + size]))
        except OSError:
            failed += 1
    if way is not None:
        failed += way.send(used)
    return failed


def _body(packet: Packet, form: int, number: int, tl0: int) -> bytes:
    """The payload in another form than it came in; as it came if this packet has no such."""
    if form == RENUMBERED:
        return renumber(packet.payload, packet.picture, number, tl0) if packet.picture is not None else packet.payload
    return packet.redundant[form - RED_ONE] if packet.redundant is not None else packet.payload
