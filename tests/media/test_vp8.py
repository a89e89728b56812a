# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading and rewriting VP8 payload descriptors."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp.vp8 import parse, renumber

KEY_FRAME = bytes((0x90, 0xE0, 0x81, 0x02, 0x07, 0x20)) + b"\x10\x02\x00\x9d\x01\x2a"
"""S, X; I, L, T; PictureID 258; TL0PICIDX 7; TID; a key frame's first bytes."""
INTER_FRAME = bytes((0x90, 0xE0, 0x81, 0x02, 0x07, 0x20)) + b"\x11\x02\x00"
CONTINUATION = bytes((0x80, 0xE0, 0x81, 0x02, 0x07, 0x20)) + b"\x10\x02\x00"


@given(st.binary(max_size=40))
def test_any_bytes_are_a_picture_or_none(payload: bytes) -> None:
    picture = parse(payload)
    if picture is not None:
        assert 0 <= picture.number < 1 << 15
        assert 0 <= picture.tl0 < 256


def test_a_key_frame_begins_with_its_first_packet() -> None:
    pictures = [parse(payload) for payload in (KEY_FRAME, INTER_FRAME, CONTINUATION)]
    assert [picture is not None and picture.key for picture in pictures] == [True, False, False]


@given(st.integers(0, 0x7FFF), st.integers(0, 0xFF))
def test_numbers_are_shifted_and_nothing_else(number: int, tl0: int) -> None:
    picture = parse(KEY_FRAME)
    assert picture is not None
    shifted = renumber(KEY_FRAME, picture, number, tl0)
    again = parse(shifted)
    assert again is not None
    assert again.number == (258 + number) % (1 << 15)
    assert again.tl0 == (7 + tl0) % 256
    assert again.key
    assert shifted[:2] + shifted[5:] == KEY_FRAME[:2] + KEY_FRAME[5:]


@given(st.integers(0, 0x7FFF))
def test_a_descriptor_without_tl0_keeps_its_length(number: int) -> None:
    payload = bytes((0x90, 0x80, 0x81, 0x02)) + b"\x10\x02\x00"
    picture = parse(payload)
    assert picture is not None
    shifted = renumber(payload, picture, number, 99)
    assert len(shifted) == len(payload)
    assert shifted[4:] == payload[4:]
