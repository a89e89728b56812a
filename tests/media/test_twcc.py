# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Transport-wide feedback: what we write is what we read, and hostile bytes do no harm."""

import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp.twcc import PACKETS_LIMIT, Recorder, parse, write

Arrivals = list[int | None]
STEPS = st.sampled_from((0, 250, 1000, 5000, 70_000, -750, None))


@st.composite
def arrivals(draw: st.DrawFn) -> Arrivals:
    time_us = 16 * 64_000
    result: Arrivals = []
    for step in draw(st.lists(STEPS, min_size=1, max_size=80)):
        time_us += step or 0
        result.append(None if step is None else time_us)
    return [*result, time_us]


def encode_mixed(base: int, arrived: Arrivals, seed: int) -> bytes:
    """Another encoder: run-length, one-bit and two-bit chunks as it comes."""
    choose = random.Random(seed)
    previous = 16 * 64_000
    symbols, deltas = [], b""
    for arrival in arrived:
        if arrival is None:
            symbols.append(0)
            continue
        ticks = (arrival - previous) // 250
        previous += ticks * 250
        small = 0 <= ticks <= 255
        symbols.append(1 if small else 2)
        deltas += bytes((ticks,)) if small else struct.pack("!h", ticks)
    chunks, at = b"", 0
    while at < len(symbols):
        run = 1
        while at + run < len(symbols) and symbols[at + run] == symbols[at]:
            run += 1
        if run > 6 or (at + run == len(symbols) and choose.random() < 0.5):
            chunks += struct.pack("!H", symbols[at] << 13 | run)
            at += run
        elif 2 not in symbols[at : at + 14] and choose.random() < 0.5:
            word = 0x8000
            for place, symbol in enumerate(symbols[at : at + 14]):
                word |= symbol << 13 - place
            chunks += struct.pack("!H", word)
            at += 14
        else:
            word = 0xC000
            for place, symbol in enumerate(symbols[at : at + 7]):
                word |= symbol << 12 - 2 * place
            chunks += struct.pack("!H", word)
            at += 7
    return struct.pack("!BBHIIHHI", 0x8F, 205, 0, 1, 2, base, len(arrived), 16 << 8) + chunks + deltas


@given(st.integers(0, 0xFFFF), arrivals(), st.integers(0, 99))
def test_every_kind_of_chunk_is_read(base: int, arrived: Arrivals, seed: int) -> None:
    data = encode_mixed(base, arrived, seed)
    assert parse(data, 0, len(data)) == (base, arrived)


@given(st.integers(0, 0xFFFF), arrivals())
def test_what_we_write_is_what_they_read(base: int, arrived: Arrivals) -> None:
    data = write(5, 3, base, arrived)
    assert len(data) == 4 * (int.from_bytes(data[2:4], "big") + 1)
    found_base, found = parse(data, 0, len(data))
    assert found_base == base
    assert found == arrived


@given(arrivals(), st.lists(st.tuples(st.integers(12, 400), st.integers(0, 255)), max_size=6), st.integers(20, 400))
def test_damaged_feedback_is_read_without_harm(arrived: Arrivals, damage: list[tuple[int, int]], size: int) -> None:
    data = bytearray(write(5, 3, 7, arrived))
    for place, value in damage:
        if place < len(data):
            data[place] = value
    cut = bytes(data[:size])
    _, found = parse(cut, 0, len(cut))
    assert len(found) <= PACKETS_LIMIT


def test_the_recorder_tells_losses_and_goes_on_where_it_stopped() -> None:
    recorder = Recorder()
    recorder.ssrc = 77
    assert recorder.flush() is None
    for number, at in ((65535, 1_000_000), (1, 1_002_000)):
        recorder.note(number, at)
    first = recorder.flush()
    recorder.note(3, 1_010_000)
    second = recorder.flush()
    assert first is not None
    assert second is not None
    assert int.from_bytes(first[8:12], "big") == 77
    assert parse(first, 0, len(first)) == (65535, [1_000_000, None, 1_002_000])
    assert parse(second, 0, len(second)) == (2, [None, 1_010_000])
    assert (first[19], second[19]) == (0, 1)


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 10_000_000)), min_size=1, max_size=50))
def test_any_numbers_make_one_readable_feedback(notes: list[tuple[int, int]]) -> None:
    recorder = Recorder()
    for number, at in notes:
        recorder.note(number, at)
    feedback = recorder.flush()
    assert feedback is not None
    _, found = parse(feedback, 0, len(feedback))
    assert any(arrival is not None for arrival in found)
