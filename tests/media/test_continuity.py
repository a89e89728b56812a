# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One outgoing stream from several incoming ones: no jump, and no number used twice."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp.continuity import Offsets, Position, follow, position
from fachwerk_media.rtp.packet import Packet
from fachwerk_media.rtp.vp8 import Picture

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


def packet(sequence: int, timestamp: int, number: int, tl0: int, at: float) -> Packet:
    return Packet(sequence, timestamp, 0, b"", Picture(number, tl0, has_tl0=True, key=True), None, at)


SOURCES = st.lists(
    st.tuples(U16, U32, st.integers(0, 0x7FFF), st.integers(0, 255), st.integers(1, 40)), min_size=1, max_size=8
)


@given(SOURCES)
def test_numbers_go_on_across_any_change_of_source(sources: list[tuple[int, int, int, int, int]]) -> None:
    last: Position | None = None
    now = 0.0
    sent = []
    for sequence, timestamp, number, tl0, count in sources:
        offsets = Offsets()
        newest = None
        for n in range(count):
            now += 1 / 30
            newest = packet(
                (sequence + n) & 0xFFFF, (timestamp + 3000 * n) & 0xFFFFFFFF, (number + n) & 0x7FFF, tl0, now
            )
            if n == 0:
                offsets = follow(last, newest, 90_000)
            sent.append(position(newest, offsets))
        assert newest is not None
        last = position(newest, offsets)
    for before, after in itertools.pairwise(sent):
        assert (after.sequence - before.sequence) & 0xFFFF == 1
        assert (after.picture - before.picture) & 0x7FFF == 1
        assert 2900 < (after.timestamp - before.timestamp) & 0xFFFFFFFF < 3100
        assert (after.tl0 - before.tl0) & 0xFF in {0, 1}


@given(U16, st.integers(1, 100))
def test_packets_that_are_not_sent_leave_no_hole(sequence: int, count: int) -> None:
    offsets = Offsets(sequence=5)
    before = position(packet(sequence, 0, 0, 0, 0.0), offsets)
    after = position(packet((sequence + count + 1) & 0xFFFF, 0, 0, 0, 0.0), offsets.skip(count))
    assert (after.sequence - before.sequence) & 0xFFFF == 1
