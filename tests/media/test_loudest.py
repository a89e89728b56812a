# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which microphones are forwarded."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.forward.loudest import Loudest


def test_two_speakers_among_fifty_are_heard_and_never_more_than_three() -> None:
    loudest = Loudest(3)
    for track in range(50):
        loudest.heard(track, 127, 0.0)
    heard = set[int]()
    for n in range(1, 200):
        for track in range(50):
            level = 20 + track if track < 2 else 127
            (heard.add if loudest.heard(track, level, n * 0.02) else heard.discard)(track)
        assert loudest.active <= 3
    assert heard == {0, 1}


def test_nobody_is_cut_off_in_a_pause_of_breath() -> None:
    loudest = Loudest(1)
    loudest.heard("quiet", 127, 0.0)
    assert loudest.heard("speaker", 20, 0.0)
    assert loudest.heard("speaker", 127, 0.4)
    assert not loudest.heard("speaker", 127, 0.9)


def test_a_louder_newcomer_takes_over_at_the_third_packet() -> None:
    loudest = Loudest(1)
    loudest.heard("newcomer", 127, 0.0)
    assert loudest.heard("speaker", 40, 0.0)
    heard = [loudest.heard("newcomer", 20, 0.02 * n) for n in range(1, 5)]
    assert heard == [False, False, True, True]
    assert not loudest.heard("speaker", 40, 0.1)


def test_below_the_limit_everybody_is_heard() -> None:
    loudest = Loudest(3)
    assert all(loudest.heard(track, 127, 0.0) for track in range(3))


def test_one_who_left_frees_a_place() -> None:
    loudest = Loudest(1)
    loudest.heard("b", 127, 0.0)
    assert loudest.heard("a", 20, 0.0)
    loudest.gone("a")
    assert loudest.heard("b", 30, 0.1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 127)), max_size=300), st.integers(1, 5))
def test_never_more_than_the_limit_hold_a_place(packets: list[tuple[int, int]], limit: int) -> None:
    loudest = Loudest(limit)
    for n, (track, level) in enumerate(packets):
        loudest.heard(track, level, n * 0.005)
        assert loudest.active <= limit
