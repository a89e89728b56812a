# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The downlink estimator against simulated links: finds the rate, follows it down and up, keeps the queue short."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.bwe.estimator import RATE_FLOOR, RATE_LIMIT, Estimator
from tests.media.link import Link, simulate

RATES = [(600e3, 30.0), (2.6e6, 30.0), (300e3, 30.0), (1.1e6, 30.0)]


@pytest.mark.parametrize("rtt_s", [0.03, 0.1, 0.2])
@pytest.mark.parametrize("loss", [0.0, 0.02, 0.05])
def test_the_best_layer_is_found_and_kept(rtt_s: float, loss: float) -> None:
    run = simulate(RATES, Link(rtt_s, loss))
    for step in run.steps:
        assert 0.9 < step.layer_share < 1.1, step
        assert step.reached_s is not None, step
        assert step.reached_s < 10, step
    assert run.switches < 25
    assert run.lost < loss + 0.02
    assert run.queue_p95_s < 0.1


def test_silence_halves_the_rate_each_second_and_stops_at_the_floor() -> None:
    estimator = Estimator(0.0)
    before = estimator.rate
    estimator.idle(0.5, sending=True)
    assert estimator.rate == before
    estimator.idle(1.2, sending=True)
    assert estimator.rate == before / 2
    for second in range(2, 20):
        estimator.idle(second * 1.2, sending=True)
    assert estimator.rate == RATE_FLOOR


def test_nothing_sent_is_no_silence() -> None:
    estimator = Estimator(0.0)
    before = estimator.rate
    estimator.idle(60.0, sending=False)
    assert estimator.rate == before


@given(
    st.lists(
        st.tuples(st.integers(0, 0xFFFF), st.lists(st.one_of(st.none(), st.integers(0, 1 << 40)), max_size=30)),
        max_size=20,
    )
)
def test_any_feedback_leaves_a_sane_rate(feedbacks: list[tuple[int, list[int | None]]]) -> None:
    estimator = Estimator(0.0)
    for n in range(200):
        estimator.sending(n * 0.01, 1000)
    for n, (base, arrivals) in enumerate(feedbacks):
        estimator.feedback(2.0 + n * 0.05, base, arrivals)
        assert RATE_FLOOR <= estimator.rate <= RATE_LIMIT
