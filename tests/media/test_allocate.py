# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which layers fit into a budget."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.bwe.allocate import CAMERA, PAUSED, SCREEN, Wanted, allocate

RATES = st.lists(st.one_of(st.just(0.0), st.floats(5e4, 2e6)), min_size=1, max_size=3).map(sorted)
WANTED = st.lists(
    st.tuples(st.sampled_from((SCREEN, CAMERA)), st.integers(100, 1300), RATES, st.integers(0, 2), st.integers(-1, 2)),
    max_size=9,
)
Drawn = list[tuple[int, int, list[float], int, int]]


def make(drawn: Drawn) -> list[Wanted[int]]:
    return [Wanted(key, *values) for key, values in enumerate(drawn)]


@given(WANTED, st.floats(0, 6e6))
def test_the_budget_is_kept_and_everybody_gets_an_answer(drawn: Drawn, budget: float) -> None:
    wanted = make(drawn)
    result = allocate(budget, wanted, may_rise=True)
    assert result.used <= budget + 1
    assert set(result.layers) == {want.key for want in wanted}
    spent = sum(want.rates[result.layers[want.key]] for want in wanted if result.layers[want.key] != PAUSED)
    assert abs(spent - result.used) < 1
    if not result.lacking:
        assert all(result.layers[want.key] != PAUSED for want in wanted if any(want.rates))


@given(WANTED, st.floats(0, 6e6))
def test_nobody_rises_while_that_is_not_allowed(drawn: Drawn, budget: float) -> None:
    wanted = make(drawn)
    result = allocate(budget, wanted, may_rise=False)
    assert all(result.layers[want.key] <= want.current for want in wanted)


def test_the_screen_comes_before_faces_and_faces_are_paused_last() -> None:
    screen = Wanted("screen", SCREEN, 1920, [800e3], 0, 0)
    large = Wanted("large", CAMERA, 640, [150e3, 500e3], 1, 0)
    small = Wanted("small", CAMERA, 160, [150e3, 500e3], 1, 0)
    ample = allocate(3e6, [small, large, screen], may_rise=True)
    assert ample.layers == {"screen": 0, "large": 1, "small": 1}
    middling = allocate(1.5e6, [small, large, screen], may_rise=True)
    assert middling.layers == {"screen": 0, "large": 1, "small": 0}
    narrow = allocate(1e6, [small, large, screen], may_rise=True)
    assert narrow.layers == {"screen": 0, "large": 0, "small": PAUSED}
    assert narrow.lacking == 150e3


def test_a_rise_needs_ten_percent_to_spare() -> None:
    want = [Wanted("x", CAMERA, 640, [100e3, 500e3], 1, 0)]
    assert allocate(505e3, want, may_rise=True).layers["x"] == 0
    assert allocate(545e3, want, may_rise=True).layers["x"] == 1
    assert allocate(505e3, [want[0]._replace(current=1)], may_rise=True).layers["x"] == 1
