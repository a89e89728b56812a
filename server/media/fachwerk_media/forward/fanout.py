# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The hot path: one decrypted packet to all its subscribers. More than half of its time is the kernel's send."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pylibsrtp import Error as SrtpError

from fachwerk_media.bwe.estimator import HISTORY, Estimator
from fachwerk_media.rtp.packet import EXTENSION_ONE_WORD, header, header_with_number
from fachwerk_media.rtp.vp8 import renumber

if TYPE_CHECKING:
    from fachwerk_media.rtp.packet import Packet

PLAIN, RENUMBERED, RED_ONE, RED_TWO = range(4)
"""Form of the payload: as it came, with VP8 picture numbers shifted, with one or two earlier audio payloads."""
UDP_IP_BYTES = 28

Subscriber = tuple[
    Estimator | None,  # counts what is sent and numbers it; None without transport-wide feedback
    int,  # element byte of the transport-wide number: id << 4 | 1
    Callable[[bytes], bytes],  # SRTP protect
    Callable[[bytes, Any], object],  # send
    Any,  # address
    int,  # SSRC
    int,  # sequence offset
    int,  # timestamp offset
    int,  # payload type
    int,  # form of the payload
    int,  # PictureID offset
    int,  # TL0PICIDX offset
]
"""All that sending to one subscriber needs, made when something changes. A plain tuple: unpacking it is fastest."""


def fanout(packet: Packet, subscribers: tuple[Subscriber, ...]) -> int:
    """Send a packet to each subscriber and return to how many that failed.

    A failure (kernel buffer full, address gone, packet too long) concerns that subscriber only.
    """
    sequence, timestamp, marker, payload, picture, redundant, now = packet
    mask = HISTORY - 1
    failed = 0
    for estimator, element, protect, send, address, ssrc, seq, ts, kind, form, number, tl0 in subscribers:
        if form == PLAIN:
            body = payload
        elif form == RENUMBERED:
            body = renumber(payload, picture, number, tl0) if picture is not None else payload
        else:
            body = redundant[form - RED_ONE] if redundant is not None else payload
        try:
            if estimator is None:
                datagram = protect(
                    header(0x80, marker | kind, (sequence + seq) & 0xFFFF, (timestamp + ts) & 0xFFFFFFFF, ssrc) + body
                )
            else:
                wide = estimator.number = (estimator.number + 1) & 0xFFFF
                datagram = protect(
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
                estimator.history[wide & mask] = (wide, now, len(datagram) + UDP_IP_BYTES)
            send(datagram, address)
        except (OSError, SrtpError, ValueError):
            failed += 1
    return failed
