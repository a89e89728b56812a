# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One outgoing stream made from several incoming ones: numbers go on without a jump when the source changes.

No outgoing number is ever used for two different packets: with AES-GCM that would give the key away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fachwerk_media.rtp.vp8 import PICTURE_MASK, TL0_MASK

if TYPE_CHECKING:
    from fachwerk_media.rtp.packet import Packet


class Offsets(NamedTuple):
    """What is added to an incoming packet's numbers, each modulo its width."""

    sequence: int = 0
    timestamp: int = 0
    picture: int = 0
    tl0: int = 0

    def skip(self, count: int) -> Offsets:
        """The offsets after `count` incoming packets that are not sent on."""
        return self._replace(sequence=(self.sequence - count) & 0xFFFF)


class Position(NamedTuple):
    """The newest packet that went out."""

    sequence: int
    timestamp: int
    picture: int
    tl0: int
    at: float
    """Its arrival, monotonic seconds."""


def position(newest: Packet, offsets: Offsets) -> Position:
    """Where the outgoing stream stands after the newest incoming packet."""
    picture = newest.picture
    return Position(
        (newest.sequence + offsets.sequence) & 0xFFFF,
        (newest.timestamp + offsets.timestamp) & 0xFFFFFFFF,
        (picture.number + offsets.picture) & PICTURE_MASK if picture else 0,
        (picture.tl0 + offsets.tl0) & TL0_MASK if picture else 0,
        newest.at,
    )


def follow(last: Position | None, first: Packet, clock_hz: int) -> Offsets:
    """The offsets with which `first` follows directly after the last outgoing packet."""
    if last is None:
        return Offsets()
    ticks = max(1, int((first.at - last.at) * clock_hz))
    picture = first.picture
    return Offsets(
        (last.sequence + 1 - first.sequence) & 0xFFFF,
        (last.timestamp + ticks - first.timestamp) & 0xFFFFFFFF,
        (last.picture + 1 - picture.number) & PICTURE_MASK if picture else 0,
        (last.tl0 + 1 - picture.tl0) & TL0_MASK if picture else 0,
    )
