# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Redundant audio as RFC 2198 lays it out, read back by an independent reading of it."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.forward.redundancy import Policy
from fachwerk_media.rtp.red import PAYLOAD_LIMIT_BYTES, encode

Blocks = list[tuple[int, bytes]]


def decode(payload: bytes, timestamp: int) -> Blocks:
    """(timestamp, block) in order, the new one last."""
    blocks, at = [], 0
    while payload[at] & 0x80:
        word = int.from_bytes(payload[at + 1 : at + 4], "big")
        blocks.append((word >> 10, word & 0x3FF))
        at += 4
    at += 1
    decoded = []
    for age, length in blocks:
        decoded.append(((timestamp - age) & 0xFFFFFFFF, payload[at : at + length]))
        at += length
    return [*decoded, (timestamp, payload[at:])]


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=3), st.integers(0, 0xFFFFFFFF))
def test_what_is_packed_comes_out(blocks: list[bytes], timestamp: int) -> None:
    *earlier, new = blocks
    past = [((timestamp - 960 * (len(earlier) - n)) & 0xFFFFFFFF, block) for n, block in enumerate(earlier)]
    assert decode(encode(past, timestamp, new, 111), timestamp) == [*past, (timestamp, new)]


@given(st.lists(st.binary(max_size=1300), max_size=2), st.binary(max_size=1000), st.integers(-20000, 20000))
def test_what_does_not_fit_is_left_out(earlier: list[bytes], new: bytes, age: int) -> None:
    past = [((5 - age) & 0xFFFFFFFF, block) for block in earlier]
    packed = encode(past, 5, new, 111)
    assert len(packed) <= max(PAYLOAD_LIMIT_BYTES, len(new) + 1)
    assert decode(packed, 5)[-1] == (5, new)


def test_redundancy_follows_the_loss_and_ends_after_ten_calm_seconds() -> None:
    policy = Policy()
    assert policy.update(0.0, 1e6, 0.0) == 0
    assert policy.update(0.03, 1e6, 1.0) == 1
    assert policy.update(0.08, 1e6, 2.0) == 2
    assert policy.update(0.03, 1e6, 3.0) == 2
    assert policy.update(0.001, 1e6, 4.0) == 2
    assert policy.update(0.001, 1e6, 13.9) == 2
    assert policy.update(0.001, 1e6, 14.0) == 0


def test_a_narrow_link_gets_none() -> None:
    policy = Policy()
    assert policy.update(0.1, 1e6, 0.0) == 2
    assert policy.update(0.1, 200e3, 1.0) == 0
