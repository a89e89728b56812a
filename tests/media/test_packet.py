# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""RTP headers from outside: anything may come, nothing may break."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp.packet import header, is_newer, parse

U16 = st.integers(0, 0xFFFF)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    received = parse(data)
    if received is not None:
        assert 12 <= received.start <= received.end <= len(data)


@given(st.binary(min_size=4, max_size=60), U16, st.integers(0, 0x7F), st.booleans())
def test_any_extension_is_read_or_left_out(extension: bytes, sequence: int, kind: int, one_byte: bool) -> None:
    words = len(extension) // 4
    profile = b"\xbe\xde" if one_byte else b"\x10\x00"
    body = profile + words.to_bytes(2, "big") + extension[: words * 4]
    received = parse(header(0x90, kind, sequence, 7, 9) + body + b"payload")
    assert received is not None
    assert (received.sequence, received.payload_type, received.ssrc) == (sequence, kind, 9)
    assert received.end - received.start == len(b"payload")


@given(st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=5))
def test_one_byte_elements_are_found(elements: dict[int, bytes]) -> None:
    content = b"".join(bytes((number << 4 | len(value) - 1,)) + value for number, value in elements.items())
    content += bytes(-len(content) % 4)
    packet = header(0x90, 96, 1, 2, 3) + b"\xbe\xde" + (len(content) // 4).to_bytes(2, "big") + content + b"x"
    received = parse(packet)
    assert received is not None
    assert received.extensions == elements


def test_padding_is_taken_off() -> None:
    received = parse(header(0xA0, 96, 1, 2, 3) + b"data" + b"\x00\x00\x03")
    assert received is not None
    assert received.end - received.start == 4


def test_more_padding_than_packet_is_refused() -> None:
    assert parse(header(0xA0, 96, 1, 2, 3) + b"data\xff") is None


@given(U16, st.integers(1, 0x7FFF))
def test_newer_is_ahead_by_less_than_half_the_circle(sequence: int, ahead: int) -> None:
    later = (sequence + ahead) & 0xFFFF
    assert is_newer(later, sequence)
    assert not is_newer(sequence, later)
    assert not is_newer(sequence, sequence)
