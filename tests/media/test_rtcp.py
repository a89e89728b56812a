# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""RTCP from outside and ours."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.rtp import rtcp

U32 = st.integers(0, 0xFFFFFFFF)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_harm(data: bytes) -> None:
    for part in rtcp.split(data):
        assert part.end <= len(data)
        rtcp.sender_report(data, part)
        list(rtcp.requested_key_frames(data, part))
        rtcp.requested_packets(data, part)


@given(U32, U32, st.integers(0, 1 << 63))
def test_a_sender_report_comes_back(ssrc: int, timestamp: int, ntp: int) -> None:
    report = rtcp.SenderReport(ssrc, ntp, timestamp, 3, 4)
    data = rtcp.write_sender_report(report)
    (part,) = rtcp.split(data)
    assert part.kind == rtcp.SENDER_REPORT
    assert rtcp.sender_report(data, part) == report


@given(st.integers(0, 0xFFFF), st.integers(1, 17))
def test_a_nack_names_every_missing_packet(first: int, count: int) -> None:
    data = rtcp.write_nack(9, first, count)
    (part,) = rtcp.split(data)
    assert rtcp.requested_packets(data, part) == (9, [(first + n) & 0xFFFF for n in range(count)])


def test_pli_and_fir_ask_for_key_frames() -> None:
    pli = rtcp.write_pli(7)
    fir = struct.pack("!BBHIIIIII", 0x84, 206, 6, 1, 0, 7, 1 << 24, 8, 1 << 24)
    data = pli + fir
    found = [list(rtcp.requested_key_frames(data, part)) for part in rtcp.split(data)]
    assert found == [[7], [7, 8]]


def test_a_report_has_at_most_31_blocks() -> None:
    blocks = [rtcp.Block(ssrc, 1, -5, 2, 3, 4, 5) for ssrc in range(40)]
    data = rtcp.write_receiver_report(blocks)
    (part,) = rtcp.split(data)
    assert part.form == 31
    assert part.end == len(data) == 8 + 31 * 24
