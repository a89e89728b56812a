# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A burst on top of the media that shows whether the link carries more.

Copies of recent packets on the retransmission stream, so that they are of use where something was lost; zeros if
there are none. Sized 16 kB or 120 to 400 ms.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from fachwerk_media.bwe.estimator import HISTORY
from fachwerk_media.forward import resend
from fachwerk_media.forward.layer import CACHE

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.downlink import Downlink

STEP_S = 0.008
SHORTEST_S, LONGEST_S = 0.12, 0.4
SIZE_BITS = 128e3
PACKETS_PER_STEP = 40
PACKETS_REPEATED = 200
"""How far back copies are taken from."""
PAYLOAD_LEAST_BYTES = 200
PADDING = bytes(254) + b"\xff"
"""RTP padding only: its last byte is its length."""
ANSWER_S = 0.5


def _carrier(downlink: Downlink) -> DownTrack | None:
    """A video track with a retransmission stream, one being sent if possible."""
    usable = [d for d in downlink.tracks.values() if d.negotiated and d.rtx_payload_type and d.up.is_video]
    return next((d for d in usable if d.layer is not None), usable[0] if usable else None)


async def probe(downlink: Downlink, rate: float) -> None:
    """Send so much that media and probe together make `rate` bit/s, and wait for the feedback."""
    down = _carrier(downlink)
    if down is None:
        return
    estimator = downlink.estimator
    began = time.monotonic()
    first = estimator.number + 1
    estimator.begin_probe(began, rate)
    lasts_s = max(SHORTEST_S, min(LONGEST_S, SIZE_BITS / rate))
    back = 0
    while (elapsed := time.monotonic() - began) <= lasts_s:
        need = rate * (elapsed + STEP_S) / 8 - _sent_since(downlink, first)
        for _ in range(PACKETS_PER_STEP):
            if need <= 0:
                break
            need -= _one(downlink, down, back)
            back += 1
        await asyncio.sleep(STEP_S)
    estimator.end_probe()
    await asyncio.sleep(ANSWER_S + 2 * estimator.rtt_s)
    estimator.give_up_probe(time.monotonic())


def _sent_since(downlink: Downlink, first: int) -> int:
    """Wire bytes of everything sent from number `first` on."""
    history = downlink.estimator.history
    count = (downlink.estimator.number + 1 - first) & 0xFFFF
    numbers = ((first + offset) & 0xFFFF for offset in range(min(count, HISTORY)))
    return sum(sent[2] for n in numbers if (sent := history[n & (HISTORY - 1)]) is not None and sent[0] == n)


def _one(downlink: Downlink, down: DownTrack, back: int) -> int:
    """Send the packet `back` places before the newest one, or padding; returns its wire bytes."""
    now = time.monotonic()
    layer = down.layer
    newest = layer.newest if layer is not None else None
    if layer is not None and newest is not None and back < PACKETS_REPEATED:
        number = (newest.sequence - back) & 0xFFFF
        packet = layer.cache[number & (CACHE - 1)]
        source = down.locate((number + down.offsets.sequence) & 0xFFFF)
        known = packet is not None and packet.sequence == number and source == (layer, down.offsets)
        if packet is not None and known and len(packet.payload) > PAYLOAD_LEAST_BYTES:
            timestamp = (packet.timestamp + down.offsets.timestamp) & 0xFFFFFFFF
            return resend.send(downlink, down, packet.marker, timestamp, resend.body(packet, down.offsets), now)
    timestamp = (newest.timestamp + down.offsets.timestamp) & 0xFFFFFFFF if newest is not None else 0
    return resend.send(downlink, down, 0, timestamp, PADDING, now, padding=True)
