# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What one publisher sends: which layer a packet belongs to, what is missing, and off to the subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fachwerk_media.forward.fanout import fanout
from fachwerk_media.forward.layer import CACHE, Layer
from fachwerk_media.forward.loudest import UNKNOWN_LEVEL, Loudest
from fachwerk_media.rtp import red, rtcp, twcc, vp8
from fachwerk_media.rtp.packet import Packet, Received, parse
from fachwerk_media.rtp.reception import LATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from fachwerk_media.forward.up import UpTrack
    from fachwerk_media.metrics import Counters

STREAMS_LIMIT = 64
"""SSRCs of one publisher; more than any client uses."""
OPUS = 111
"""Payload type of Opus in every browser that takes RED, and in our own offers."""


class Ingress:
    """The media of one publisher."""

    def __init__(self, send_rtcp: Callable[[bytes], None], loudest: Loudest, counters: Counters) -> None:
        self.sections: dict[str, UpTrack] = {}
        """Track by the mid of its section."""
        self.extensions: dict[str, int] = {}
        """Id of each header extension we know, as negotiated."""
        self.rtx_payload_types: set[int] = set()
        self.loss = 0.0
        """Smoothed share of packets that did not come."""
        self._send_rtcp = send_rtcp
        self._loudest = loudest
        self._counters = counters
        self._streams: dict[int, Layer] = {}
        """Layer by SSRC, retransmission streams included."""
        self._feedback = twcc.Recorder()
        self._earlier: dict[Layer, list[tuple[int, bytes]]] = {}

    def expect(self, ssrc: int, layer: Layer) -> None:
        """The description has told a stream's SSRC."""
        self._streams[ssrc] = layer

    def forget(self, track: UpTrack) -> None:
        """A track has ended."""
        self._streams = {ssrc: layer for ssrc, layer in self._streams.items() if layer.track is not track}
        self.sections = {mid: up for mid, up in self.sections.items() if up is not track}
        for layer in track.layers:
            self._earlier.pop(layer, None)
        self._loudest.gone(track)

    def on_rtp(self, packet: bytes, now: float) -> None:
        """Take in one decrypted packet."""
        received = parse(packet)
        if received is None:
            self._counters.unauthentic += 1
            return
        extensions = received.extensions
        number = extensions.get(self.extensions.get("twcc", 0))
        if number is not None and len(number) == 2:
            self._feedback.note(number[0] << 8 | number[1], int(now * 1e6))
            self._feedback.ssrc = received.ssrc
        layer = self._streams.get(received.ssrc)
        if layer is None:
            layer = self._learn(received, now)
            if layer is None:
                return
        sequence, marker, start = received.sequence, received.marker, received.start
        if received.payload_type in self.rtx_payload_types:
            if received.end - start < 2 or not layer.cache:
                return
            sequence = packet[start] << 8 | packet[start + 1]
            start += 2
            known = layer.cache[sequence & (CACHE - 1)]
            if known is not None and known.sequence == sequence:
                return
        elif received.ssrc != layer.ssrc:
            return
        if start == received.end:
            self._swallow(layer, sequence, received.timestamp, now)
            return
        payload = packet[start : received.end]
        if layer.track.is_video:
            self._video(layer, sequence, received.timestamp, marker, payload, now)
        else:
            level = extensions.get(self.extensions.get("level", 0))
            loudness = level[0] & 0x7F if level else UNKNOWN_LEVEL
            self._audio(layer, sequence, received.timestamp, marker, payload, loudness, now)

    def on_rtcp(self, packet: bytes, now: float) -> None:
        """Sender reports: pass them on, so that each receiver can align sound and picture."""
        for part in rtcp.split(packet):
            report = rtcp.sender_report(packet, part) if part.kind == rtcp.SENDER_REPORT else None
            layer = self._streams.get(report.ssrc) if report is not None else None
            if report is None or layer is None or layer.ssrc != report.ssrc:
                continue
            layer.reception.reported(report, now)
            for down in layer.subscribers:
                timestamp = (report.timestamp + down.offsets.timestamp) & 0xFFFFFFFF
                own = report._replace(ssrc=down.ssrc, timestamp=timestamp)
                down.downlink.transport.send_rtcp(rtcp.write_sender_report(own))

    def send_feedback(self) -> None:
        """Tell the publisher when its packets arrived; every 50 ms."""
        feedback = self._feedback.flush()
        if feedback is not None:
            self._send_rtcp(feedback)

    def send_reports(self, now: float) -> None:
        """Receiver reports; every second or so."""
        blocks = [
            block
            for ssrc, layer in self._streams.items()
            if layer.ssrc == ssrc and (block := layer.reception.block(ssrc, now)) is not None
        ]
        if blocks:
            self.loss += 0.3 * (max(block.fraction_lost for block in blocks) / 256 - self.loss)
            self._send_rtcp(rtcp.write_receiver_report(blocks))

    def _video(self, layer: Layer, sequence: int, timestamp: int, marker: int, payload: bytes, now: float) -> None:
        picture = vp8.parse(payload)
        packet = Packet(sequence, timestamp, marker, payload, picture, None, now)
        gap = self._arrived(layer, packet)
        layer.cache[sequence & (CACHE - 1)] = packet
        if layer.missing:
            layer.missing.pop(sequence, None)
        if gap > 0:
            layer.gap(sequence, gap)
        if layer.waiting and picture is not None and picture.key:
            layer.admit(packet)
        if gap == LATE and layer.is_before_floor(sequence):
            self._counters.late += 1
            return
        self._send(layer, packet)

    def _audio(
        self, layer: Layer, sequence: int, timestamp: int, marker: int, payload: bytes, loudness: int, now: float
    ) -> None:
        track = layer.track
        track.hear(loudness, now)
        packet = Packet(sequence, timestamp, marker, payload, None, None, now)
        late = self._arrived(layer, packet) == LATE
        if track.info.muted or not self._loudest.heard(track, loudness, now):
            layer.skipped += not late
            return
        if layer.skipped and not late:
            # silent so far: no hole in the numbers, time goes on, marker as after a pause (RFC 3551 section 4.1)
            layer.skip(layer.skipped, sequence)
            layer.skipped = 0
            packet = packet._replace(marker=0x80)
        if layer.waiting and not late:
            layer.admit(packet)
        if late and layer.is_before_floor(sequence):
            self._counters.late += 1
            return
        if layer.redundancy:
            earlier = self._earlier.setdefault(layer, [])
            blocks = (
                red.encode(earlier[-1:], timestamp, payload, OPUS),
                red.encode(earlier[-2:], timestamp, payload, OPUS),
            )
            packet = packet._replace(redundant=blocks)
            if not late:
                earlier.append((timestamp, payload))
                del earlier[:-2]
        self._send(layer, packet)

    def _send(self, layer: Layer, packet: Packet) -> None:
        fan = layer.fan
        if fan:
            failed = fanout(packet, fan)
            self._counters.sent += len(fan) - failed
            self._counters.dropped += failed

    @staticmethod
    def _arrived(layer: Layer, packet: Packet) -> int:
        """Count it; how many are missing before it, or LATE."""
        layer.last_at = packet.at
        gap = layer.reception.note(packet.sequence, packet.timestamp, len(packet.payload), packet.at)
        if gap != LATE:
            layer.newest = packet
        return gap

    @staticmethod
    def _swallow(layer: Layer, sequence: int, timestamp: int, now: float) -> None:
        """A probe of the publisher, padding only: nobody gets it, and the hole is closed."""
        gap = layer.reception.note(sequence, timestamp, 0, now)
        if gap != LATE and layer.newest is not None:
            layer.newest = layer.newest._replace(sequence=sequence)
            layer.skip(1, (sequence + 1) & 0xFFFF)

    def _learn(self, received: Received, now: float) -> Layer | None:
        """Whose is a stream seen for the first time? By mid and rid in its header: RFC 8843 section 9.2, RFC 8852."""
        track = self.sections.get(self._text(received, "mid"))
        if track is None or len(self._streams) >= STREAMS_LIMIT:
            return None
        rid, repaired = self._text(received, "rid"), self._text(received, "rrid")
        if repaired:
            layer = next((layer for layer in track.layers if layer.rid == repaired), None)
        elif rid:
            layer = next((layer for layer in track.layers if layer.rid == rid), None)
        else:
            layer = track.layers[0] if len(track.layers) == 1 and track.layers[0].rid is None else None
        if layer is None:
            return None
        self._streams[received.ssrc] = layer
        if not repaired and received.payload_type not in self.rtx_payload_types:
            if layer.ssrc not in {0, received.ssrc}:
                self._streams.pop(layer.ssrc, None)
                self._begin_anew(layer)
            layer.ssrc = received.ssrc
            layer.last_at = now
            track.reselect(now)
        return layer

    @staticmethod
    def _begin_anew(layer: Layer) -> None:
        """The publisher sends this layer as another stream: subscribers go on with its next key frame."""
        for down in list(layer.subscribers):
            down.drop()
            layer.waiting.append(down)
        layer.forget()

    def _text(self, received: Received, name: str) -> str:
        value = received.extensions.get(self.extensions.get(name, 0))
        return value.decode("ascii", "replace") if value else ""
