# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A client that floods its signalling is read more slowly."""

from fachwerk_media.signal.pace import BURST, PER_SECOND, UNIT_BYTES, Pace


def test_a_burst_is_free_and_a_flood_waits() -> None:
    pace = Pace(0.0)
    assert [pace.wait_s(0, 0.0) for _ in range(int(BURST))] == [0.0] * int(BURST)
    assert pace.wait_s(0, 0.0) == 1 / PER_SECOND
    assert pace.wait_s(0, 10.0) == 0.0


def test_long_requests_cost_more() -> None:
    pace = Pace(0.0)
    count = 0
    while pace.wait_s(64 * UNIT_BYTES, 0.0) == 0.0:
        count += 1
    assert count == int(BURST) // 65
