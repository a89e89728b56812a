# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""VP8 in RTP: which packet starts a key frame, and rewriting picture numbers when a receiver changes layers.

A receiver sees one stream although its packets come from several encoders in turn. PictureID and TL0PICIDX must go on
without a jump, else Chromium's frame buffer waits for pictures that never come. Source: RFC 7741 section 4.2.
"""

from __future__ import annotations

from typing import NamedTuple

_DESCRIPTOR_BYTES = 6
"""Longest part of the descriptor that is read, plus one byte of the frame."""
PICTURE_MASK = 0x7FFF
TL0_MASK = 0xFF


class Picture(NamedTuple):
    """The numbers of a payload descriptor with a 15-bit PictureID, the form browsers send."""

    number: int
    """PictureID, 15 bit."""
    tl0: int
    """TL0PICIDX, 8 bit; 0 where there is none."""
    has_tl0: bool
    key: bool
    """First packet of a key frame."""


def parse(payload: bytes) -> Picture | None:
    """The picture numbers, None if there is no 15-bit PictureID."""
    if len(payload) < _DESCRIPTOR_BYTES:
        return None
    first, extended = payload[0], payload[1]
    if not first & 0x80 or not extended & 0x80 or not payload[2] & 0x80:
        return None
    at = 4
    tl0 = 0
    if extended & 0x40:
        tl0 = payload[4]
        at = 5
    if extended & 0x30:
        at += 1
    # S = 1 and partition 0: the frame begins here, and its first bit says whether it is a key frame (P = 0)
    key = first & 0x1F == 0x10 and at < len(payload) and not payload[at] & 1
    return Picture((payload[2] & 0x7F) << 8 | payload[3], tl0, bool(extended & 0x40), key)


def renumber(payload: bytes, picture: Picture, number_offset: int, tl0_offset: int) -> bytes:
    """The payload with offsets added to its picture numbers, modulo their width."""
    number = (picture.number + number_offset) & PICTURE_MASK | 0x8000
    if picture.has_tl0:
        tl0 = (picture.tl0 + tl0_offset) & TL0_MASK
        return payload[:2] + bytes((number >> 8, number & 0xFF, tl0)) + payload[5:]
    return payload[:2] + bytes((number >> 8, number & 0xFF)) + payload[4:]
