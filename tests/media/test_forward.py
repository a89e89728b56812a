# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""From one publisher to its subscribers: numbers, layers, repair, and nobody harmed by somebody else."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk_media.forward.ingress import OPUS
from fachwerk_media.forward.layer import KEY_FRAME_INTERVAL_S, NACK_TRIES
from fachwerk_media.forward.loudest import Loudest
from fachwerk_media.rtp import rtcp, twcc
from fachwerk_media.rtp.packet import HEADER_BYTES
from fachwerk_media.rtp.vp8 import parse as parse_vp8
from fachwerk_media.srtp import PLAIN_LIMIT_BYTES
from tests.media.stage import RED, RTX, VP8, Publisher, Subscriber, vp8
from tests.media.test_red import decode


def send_frames(publisher: Publisher, first: int, count: int, *, key: bool = True, now: float = 0.0) -> None:
    """`count` frames of one packet each in the only layer, the first a key frame if asked for."""
    for n in range(first, first + count):
        payload = vp8(n, n, key=key and n == first, content=bytes((n & 0xFF,)) * 300)
        publisher.send(now, sequence=n & 0xFFFF, timestamp=n * 3000, payload=payload, marker=0x80)


def test_a_subscriber_gets_the_stream_from_a_key_frame_on() -> None:
    publisher = Publisher()
    track = publisher.track(video=True)
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(track)
    send_frames(publisher, 10, 3, key=False)
    assert subscriber.media() == []
    down.select(0.0)
    send_frames(publisher, 13, 3)
    sent = subscriber.media()
    assert [packet.sequence for packet in sent] == [13, 14, 15]
    assert {(packet.ssrc, packet.payload_type, packet.marker) for packet in sent} == {(down.ssrc, VP8, True)}


def test_a_key_frame_is_asked_for_but_not_too_often() -> None:
    publisher = Publisher()
    track = publisher.track(video=True)
    send_frames(publisher, 0, 1, key=False, now=1.0)
    for n in range(5):
        Subscriber(publisher.counters).subscribe(track, 1.0 + n / 100)
    assert publisher.rtcp == [rtcp.write_pli(1)]
    Subscriber(publisher.counters).subscribe(track, 1.1 + KEY_FRAME_INTERVAL_S)
    assert publisher.rtcp == [rtcp.write_pli(1)] * 2


def test_one_broken_subscriber_harms_nobody() -> None:
    publisher = Publisher()
    track = publisher.track(video=True)
    first, broken, last = (Subscriber(publisher.counters) for _ in range(3))
    for subscriber in (first, broken, last):
        subscriber.subscribe(track)
    broken.broken = True
    send_frames(publisher, 0, 5)
    assert len(first.media()) == len(last.media()) == 5
    assert (publisher.counters.sent, publisher.counters.dropped) == (10, 5)


def test_a_packet_too_long_to_encrypt_is_dropped() -> None:
    publisher = Publisher()
    track = publisher.track(video=True)
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(track)
    longest, start = PLAIN_LIMIT_BYTES - HEADER_BYTES, len(vp8(0, 0, content=b""))
    for n, size in enumerate((50, longest + 1, longest, 50)):
        publisher.send(0.0, sequence=n, timestamp=n * 3000, payload=vp8(n, n, key=n == 0, content=bytes(size - start)))
    assert [len(packet.payload) for packet in subscriber.media()][1:] == [longest, 50]
    assert publisher.counters.dropped == 1
    # sent again a packet is two bytes longer: too long now, and that is no reason to end the session
    numbers = [packet.sequence for packet in subscriber.media()]
    subscriber.downlink.on_rtcp(rtcp.write_nack(down.ssrc, numbers[1], 2), 1.0)
    assert len([packet for packet in subscriber.media() if packet.payload_type == RTX]) == 1


def test_missing_packets_are_asked_for_and_asked_for_again_but_not_for_ever() -> None:
    publisher = Publisher()
    track = publisher.track(video=True)
    send_frames(publisher, 0, 2)
    send_frames(publisher, 4, 1, key=False)
    assert publisher.rtcp[-1] == rtcp.write_nack(1, 2, 2)
    send_frames(publisher, 2, 1, key=False)
    layer = track.layers[0]
    for _ in range(2 * NACK_TRIES):
        layer.ask_again()
    repeated = [packet for packet in publisher.rtcp if packet == rtcp.write_nack(1, 3, 1)]
    assert len(repeated) == NACK_TRIES - 1
    assert layer.missing == {}


def test_a_long_gap_is_not_asked_for_packet_by_packet() -> None:
    publisher = Publisher()
    publisher.track(video=True)
    send_frames(publisher, 0, 1)
    send_frames(publisher, 100, 1, key=False)
    assert publisher.rtcp == []


def test_a_retransmission_fills_the_gap() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    subscriber.subscribe(publisher.track(video=True))
    send_frames(publisher, 0, 2)
    send_frames(publisher, 3, 1, key=False)
    lost = vp8(2, 2, content=b"\x02" * 300)
    publisher.send(0.1, ssrc=2, kind=RTX, sequence=900, timestamp=6000, payload=b"\x00\x02" + lost)
    sent = subscriber.media()
    assert [packet.sequence for packet in sent] == [0, 1, 3, 2]
    assert sent[-1].payload == lost


def test_a_subscriber_that_lost_packets_gets_them_on_the_retransmission_stream() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(publisher.track(video=True))
    send_frames(publisher, 0, 20)
    original = {packet.sequence: packet.payload for packet in subscriber.media()}
    nack = rtcp.write_nack(down.ssrc, 5, 3)
    subscriber.downlink.on_rtcp(nack, 1.0)
    subscriber.downlink.on_rtcp(nack, 1.001)
    again = [packet for packet in subscriber.media() if packet.payload_type == RTX]
    assert [int.from_bytes(packet.payload[:2], "big") for packet in again] == [5, 6, 7]
    assert [packet.payload[2:] for packet in again] == [original[n] for n in (5, 6, 7)]
    assert {packet.ssrc for packet in again} == {down.rtx_ssrc}
    assert (again[-1].sequence - again[0].sequence) & 0xFFFF == 2


def test_without_a_retransmission_stream_nothing_is_sent_again() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(publisher.track(video=True))
    down.rtx_payload_type = 0
    send_frames(publisher, 0, 5)
    subscriber.downlink.on_rtcp(rtcp.write_nack(down.ssrc, 2, 1), 1.0)
    assert len(subscriber.media()) == 5


def test_feedback_names_a_stream_of_the_sender_and_counts_every_packet() -> None:
    publisher = Publisher()
    publisher.track(video=True)
    send_frames(publisher, 0, 5, now=2.0)
    publisher.ingress.send_feedback()
    (feedback,) = publisher.rtcp
    assert int.from_bytes(feedback[8:12], "big") == 1
    base, arrivals = twcc.parse(feedback, 0, len(feedback))
    assert (base, len(arrivals)) == (1, 5)


def test_the_publishers_clock_reaches_subscribers_in_their_own_numbers() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(publisher.track(video=True))
    send_frames(publisher, 0, 2)
    down.offsets = down.offsets._replace(timestamp=1000)
    publisher.ingress.on_rtcp(rtcp.write_sender_report(rtcp.SenderReport(1, 77, 5000, 1, 2)), 1.0)
    (report,) = subscriber.reports()
    (part,) = rtcp.split(report)
    assert rtcp.sender_report(report, part) == rtcp.SenderReport(down.ssrc, 77, 6000, 1, 2)


def test_padding_of_a_probe_reaches_nobody_and_leaves_no_hole() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    subscriber.subscribe(publisher.track(video=True))
    send_frames(publisher, 0, 2)
    publisher.send(0.0, sequence=2, timestamp=6000, padding=200)
    publisher.send(0.0, sequence=3, timestamp=6000, padding=200)
    send_frames(publisher, 4, 2, key=False)
    assert [packet.sequence for packet in subscriber.media()] == [0, 1, 2, 3]


def test_a_stream_of_an_unknown_section_or_layer_goes_nowhere() -> None:
    publisher = Publisher()
    publisher.track(video=True, rids=("q", "h"))
    publisher.send(0.0, mid="9", payload=vp8(0, 0, key=True))
    publisher.send(0.0, rid="x", payload=vp8(0, 0, key=True))
    publisher.send(0.0, payload=vp8(0, 0, key=True))
    assert publisher.ingress._streams == {}


def test_streams_of_one_publisher_are_bounded() -> None:
    publisher = Publisher()
    publisher.track(video=True)
    for ssrc in range(1, 500):
        publisher.send(0.0, ssrc=ssrc, kind=RTX, payload=b"\x00\x01")
    assert len(publisher.ingress._streams) == 64


@given(st.binary(max_size=120), st.floats(0, 100))
def test_any_bytes_from_a_publisher_do_no_harm(data: bytes, now: float) -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    subscriber.subscribe(publisher.track(video=True))
    subscriber.subscribe(publisher.track(video=False))
    send_frames(publisher, 0, 1)
    publisher.ingress.on_rtp(data, now)
    publisher.ingress.on_rtp(b"\x90\x60" + data, now)
    publisher.ingress.on_rtcp(data, now)
    subscriber.downlink.element = 0x31
    subscriber.downlink.on_rtcp(data, now)
    assert len(subscriber.media()) >= 1


# ---------------------------------------------------------------- layers


class Camera:
    """A simulcast camera with two layers that answers key frame requests."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.track = publisher.track(video=True, rids=("q", "h"))
        self.numbers = [[50000, 1000, 0, 0], [65500, 900_000, 500, 9]]
        """Next sequence number, timestamp, PictureID and TL0PICIDX of each layer."""
        self._asked = 0

    def frame(self, layer: int, now: float, *, packets: int = 1, lost: frozenset[int] = frozenset()) -> None:
        """One frame; packets whose place is in `lost` do not arrive."""
        numbers = self.numbers[layer]
        key = any(packet == rtcp.write_pli(layer + 1) for packet in self.publisher.rtcp[self._asked :]) or not now
        if key:
            self._asked = len(self.publisher.rtcp)
        for place in range(packets):
            payload = vp8(numbers[2], numbers[3], key=key and not place, content=bytes((layer, place)) * 50)
            if place:
                payload = b"\x80" + payload[1:]
            if place not in lost:
                self.publisher.send(
                    now,
                    rid="qh"[layer],
                    ssrc=layer + 1,
                    sequence=numbers[0],
                    timestamp=numbers[1],
                    payload=payload,
                    marker=0x80 if place == packets - 1 else 0,
                )
            numbers[0] = (numbers[0] + 1) & 0xFFFF
        numbers[1] = (numbers[1] + 3000) & 0xFFFFFFFF
        numbers[2] = (numbers[2] + 1) & 0x7FFF
        numbers[3] = (numbers[3] + 1) & 0xFF


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), min_size=2, max_size=12))
def test_numbers_go_on_whatever_layer_is_asked_for(changes: list[tuple[int, int]]) -> None:
    """0 and 1 ask for a layer, 2 hides the picture; then so many frames go by."""
    publisher = Publisher()
    camera = Camera(publisher)
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(camera.track)
    now = 0.0
    for wanted, count in changes:
        down.disabled = wanted == 2
        down.wanted = wanted if wanted < 2 else down.wanted
        down.select(now)
        for _ in range(count):
            for layer in (0, 1):
                camera.frame(layer, now, packets=2)
            now += 0.25  # longer than the least time between key frame requests
            down.select(now)
    sent = subscriber.media()
    pictures = [picture for packet in sent if (picture := parse_vp8(packet.payload)) is not None]
    assert len(pictures) == len(sent)
    for before, after, old, new in zip(sent, sent[1:], pictures, pictures[1:], strict=False):
        assert (after.sequence - before.sequence) & 0xFFFF == 1
        assert (new.number - old.number) & 0x7FFF in {0, 1}
        assert (new.tl0 - old.tl0) & 0xFF in {0, 1}
        assert after.timestamp == before.timestamp or is_later(after.timestamp, before.timestamp)
        changed_layer = after.payload[-2] != before.payload[-2]
        assert not changed_layer or new.key


def is_later(timestamp: int, than: int) -> bool:
    return 0 < (timestamp - than) & 0xFFFFFFFF < 1 << 31


@given(st.integers(0, 1 << 30))
def test_no_number_is_used_for_two_packets_under_loss_reordering_and_changes(seed: int) -> None:
    """With AES-GCM that would give the key away; the number and everything that is encrypted is looked at."""
    choose = random.Random(seed)
    publisher = Publisher()
    camera = Camera(publisher)
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(camera.track)
    late: list[tuple[int, int, int, int, int]] = []
    for step in range(120):
        now = step * 0.04
        layer = choose.randrange(2)
        numbers = camera.numbers[layer]
        lost = choose.choice((None, None, 0, 1))
        if lost == 0 and choose.random() < 0.7:
            late.append((layer, numbers[0], numbers[1], numbers[2], numbers[3]))
        camera.frame(layer, now, packets=2, lost=frozenset(() if lost is None else (lost,)))
        if late and choose.random() < 0.3:
            of, sequence, timestamp, number, tl0 = late.pop(choose.randrange(len(late)))
            publisher.send(
                now,
                rid="qh"[of],
                ssrc=of + 1,
                sequence=sequence,
                timestamp=timestamp,
                payload=vp8(number, tl0, key=choose.random() < 0.3, content=bytes((of, 0)) * 50),
            )
        if choose.random() < 0.1:
            publisher.send(now, rid="qh"[layer], ssrc=layer + 1, sequence=numbers[0], timestamp=numbers[1], padding=100)
            numbers[0] = (numbers[0] + 1) & 0xFFFF
        if choose.random() < 0.15:
            down.disabled = choose.random() < 0.2
            down.wanted = choose.randrange(2)
        down.select(now)
    sequences = [packet.sequence for packet in subscriber.media()]
    assert len(set(sequences)) == len(sequences)


def test_after_a_change_of_layer_old_packets_are_still_found() -> None:
    publisher = Publisher()
    camera = Camera(publisher)
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(camera.track)
    for step in range(8):
        down.wanted = 0 if step < 4 else 1
        down.select(step * 0.25)
        for layer in (0, 1):
            camera.frame(layer, step * 0.25)
    original = {packet.sequence: packet.payload for packet in subscriber.media()}
    assert {payload[-2] for payload in original.values()} == {0, 1}
    for sequence in original:
        subscriber.downlink.on_rtcp(rtcp.write_nack(down.ssrc, sequence, 1), 9.0)
    again = {
        int.from_bytes(packet.payload[:2], "big"): packet.payload[2:]
        for packet in subscriber.media()
        if packet.payload_type == RTX
    }
    assert again == original


def test_a_layer_that_dies_is_left() -> None:
    publisher = Publisher()
    camera = Camera(publisher)
    subscriber = Subscriber(publisher.counters)
    subscriber.subscribe(camera.track)
    for step in range(40):
        now = step * 0.1
        camera.frame(0, now)
        if step < 15:
            camera.frame(1, now)
        camera.track.reselect(now)
    layers = [packet.payload[-2] for packet in subscriber.media()]
    assert layers[0] == 0
    assert 1 in layers
    assert layers[-1] == 0


# ---------------------------------------------------------------- audio


def speak(publisher: Publisher, sequence: int, *, level: int = 20, mid: str = "0", ssrc: int = 1) -> None:
    publisher.send(
        sequence * 0.02,
        mid=mid,
        ssrc=ssrc,
        kind=OPUS,
        sequence=sequence & 0xFFFF,
        timestamp=sequence * 960 & 0xFFFFFFFF,
        payload=b"opus%d" % sequence,
        level=level,
    )


def test_silence_among_many_microphones_leaves_no_hole_and_a_mark_at_its_end() -> None:
    room = Loudest(1)
    publisher = Publisher(room=room)
    subscriber = Subscriber(publisher.counters)
    subscriber.subscribe(publisher.track(video=False))
    room.heard("another", 127, 0.0)
    for n in range(5):
        speak(publisher, n)
    for n in range(5, 100):
        speak(publisher, n, level=127)
    for n in range(100, 105):
        speak(publisher, n)
    sent = subscriber.media()
    heard = len(sent) - 10
    assert 20 <= heard <= 30  # the hangover of half a second
    assert [packet.sequence for packet in sent] == list(range(len(sent)))
    assert sent[-5].marker
    assert sent[-5].timestamp == 100 * 960
    assert not sent[-4].marker


def test_muted_is_muted_whatever_the_client_sends() -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    track = publisher.track(video=False)
    subscriber.subscribe(track)
    for n in range(3):
        speak(publisher, n)
    track.mute(0.06, muted=True)
    for n in range(3, 10):
        speak(publisher, n)
    assert len(subscriber.media()) == 3
    track.mute(0.2, muted=False)
    for n in range(10, 12):
        speak(publisher, n)
    assert [packet.sequence for packet in subscriber.media()] == list(range(5))


def test_redundant_audio_carries_what_came_before() -> None:
    publisher = Publisher()
    lossy, other = Subscriber(publisher.counters), Subscriber(publisher.counters)
    track = publisher.track(video=False)
    down = lossy.subscribe(track)
    other.subscribe(track)
    down.redundancy = 2
    track.layers[0].refan()
    for n in range(4):
        speak(publisher, n)
    assert {packet.payload_type for packet in lossy.media()} == {RED}
    assert {packet.payload_type for packet in other.media()} == {OPUS}
    last = lossy.media()[-1]
    expected = [(n * 960, b"opus%d" % n) for n in (1, 2, 3)]
    assert decode(last.payload, 3 * 960) == expected


@pytest.mark.parametrize("loss", [0.0, 0.04])
def test_the_downlink_switches_redundancy_by_loss(loss: float) -> None:
    publisher = Publisher()
    subscriber = Subscriber(publisher.counters)
    down = subscriber.subscribe(publisher.track(video=False))
    subscriber.downlink.element = 0x31
    subscriber.downlink.estimator.loss = loss
    subscriber.downlink.tick(1.0)
    assert down.redundancy == (1 if loss else 0)
