# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Statistics of one incoming stream."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp.reception import LATE, Reception
from fachwerk_media.rtp.rtcp import SenderReport


@given(st.integers(0, 0xFFFF), st.integers(1, 3000))
def test_a_stream_without_loss_reports_none(first: int, count: int) -> None:
    reception = Reception(90_000)
    gaps = [reception.note((first + n) & 0xFFFF, n * 3000, 100, n / 30) for n in range(count)]
    block = reception.block(1, 0.0)
    assert gaps == [0] * count
    assert block is not None
    assert (block.fraction_lost, block.lost, block.jitter) == (0, 0, 0)
    assert block.highest & 0xFFFF == (first + count - 1) & 0xFFFF
    assert block.highest >> 16 == (first + count - 1) >> 16


def test_gaps_and_late_packets_are_told() -> None:
    reception = Reception(48_000)
    assert [reception.note(n, 0, 1, 0.0) for n in (65534, 1, 0, 1, 2)] == [0, 2, LATE, LATE, 0]
    block = reception.block(1, 0.0)
    assert block is not None
    assert block.lost == 0


def test_loss_is_counted_since_the_last_report() -> None:
    reception = Reception(48_000)
    for n in range(0, 100, 2):
        reception.note(n, n, 1, 0.0)
    first, second = reception.block(1, 0.0), reception.block(1, 0.0)
    assert first is not None
    assert second is not None
    assert (first.fraction_lost, first.lost) == (49 * 256 // 99, 49)
    assert (second.fraction_lost, second.lost) == (0, 49)


def test_a_report_tells_how_old_the_senders_is() -> None:
    reception = Reception(48_000)
    reception.note(1, 1, 1, 0.0)
    reception.reported(SenderReport(1, 0x0123456789ABCDEF, 0, 0, 0), 10.0)
    block = reception.block(1, 10.5)
    assert block is not None
    assert block.last_sender_report == 0x456789AB
    assert block.delay == 32768
