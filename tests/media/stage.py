# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A publisher and its subscribers without network: packets in, packets out, a clock we turn."""

import struct
from typing import Any, NamedTuple

from livekit.protocol import models
from livekit.protocol.rtc import AddTrackRequest
from pylibsrtp import Policy as RtpPolicy
from pylibsrtp import Session

from fachwerk_media.dtls import Identity
from fachwerk_media.forward.down import DownTrack
from fachwerk_media.forward.downlink import Downlink
from fachwerk_media.forward.ingress import OPUS, Ingress
from fachwerk_media.forward.loudest import Loudest
from fachwerk_media.forward.redundancy import Policy
from fachwerk_media.forward.up import UpTrack
from fachwerk_media.metrics import Counters
from fachwerk_media.net.ice import Agent
from fachwerk_media.net.path import Path
from fachwerk_media.rtp.packet import header, parse
from fachwerk_media.srtp import Outbound
from fachwerk_media.transport import Transport

IDENTITY = Identity()
EXTENSIONS = {"mid": 1, "rid": 2, "rrid": 3, "level": 4, "twcc": 5}
VP8, RTX, RED = 96, 97, 63


class Sent(NamedTuple):
    """A packet a subscriber got."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


MASTER = bytes(range(30))
"""Key and salt of every subscriber."""


class Owner:
    """Takes what a transport reports; nothing here does."""

    def __init__(self) -> None:
        self.reported: list[object] = []

    def on_rtp(self, packet: bytes, now: float) -> None:
        self.reported.append((packet, now))

    def on_rtcp(self, packet: bytes, now: float) -> None:
        self.reported.append((packet, now))

    def on_ready(self, transport: Transport) -> None:
        self.reported.append(transport)

    def on_path(self, transport: Transport) -> None:
        self.reported.append(transport.path)

    def on_message(self, label: str, message: bytes) -> None:
        self.reported.append((label, message))


class Subscriber:
    """Somebody who gets tracks."""

    def __init__(self, counters: Counters) -> None:
        self.datagrams: list[bytes] = []
        transport = Transport(Agent(counters), IDENTITY, counters, Owner())
        transport.outbound = Outbound(Session(RtpPolicy(key=MASTER, ssrc_type=RtpPolicy.SSRC_ANY_OUTBOUND)))
        self._inbound = Session(RtpPolicy(key=MASTER, ssrc_type=RtpPolicy.SSRC_ANY_INBOUND))
        self.broken = False
        transport.path = Path("here", "there", ("192.0.2.1", 1), self._send, {})
        self.paused: list[bool] = []
        self.downlink = Downlink(transport, counters, 0.0, lambda down: self.paused.append(down.paused), Policy())

    def _send(self, datagram: bytes, _: Any) -> None:
        if self.broken:
            raise OSError("nobody there")
        is_rtcp = 191 < datagram[1] < 224
        self.datagrams.append((self._inbound.unprotect_rtcp if is_rtcp else self._inbound.unprotect)(datagram))

    def subscribe(self, track: UpTrack, now: float = 0.0) -> DownTrack:
        down = DownTrack(track, self.downlink)
        self.downlink.add(down)
        down.payload_type, down.rtx_payload_type, down.red_payload_type = (
            (VP8, RTX, 0) if track.is_video else (OPUS, 0, RED)
        )
        down.negotiated = True
        down.select(now)
        return down

    def media(self) -> list[Sent]:
        """What has come so far, RTCP left out."""
        found = []
        for datagram in self.datagrams:
            if 191 < datagram[1] < 224:
                continue
            packet = parse(datagram)
            assert packet is not None
            content = datagram[packet.start : packet.end]
            marker = bool(packet.marker)
            found.append(Sent(marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc, content))
        return found

    def reports(self) -> list[bytes]:
        return [datagram for datagram in self.datagrams if 191 < datagram[1] < 224]


class Publisher:
    """Somebody who sends; rtcp is what the server told them."""

    def __init__(self, counters: Counters | None = None, loudest: int = 5, room: Loudest | None = None) -> None:
        self.counters = counters or Counters()
        self.rtcp: list[bytes] = []
        self.ingress = Ingress(self.rtcp.append, room or Loudest(loudest), self.counters)
        self.ingress.extensions.update(EXTENSIONS)
        self.ingress.rtx_payload_types.add(RTX)
        self._tracks = 0
        self._wide = 0

    def track(self, *, video: bool, rids: tuple[str, ...] = (), encrypted: bool = False) -> UpTrack:
        kind = models.TrackType.VIDEO if video else models.TrackType.AUDIO
        encryption = models.Encryption.Type.GCM if encrypted else models.Encryption.Type.NONE
        qualities = (models.VideoQuality.LOW, models.VideoQuality.MEDIUM, models.VideoQuality.HIGH)[: len(rids)]
        sizes = [models.VideoLayer(quality=quality, width=320 * 2**n) for n, quality in enumerate(qualities)]
        request = AddTrackRequest(cid=str(self._tracks), type=kind, encryption=encryption, width=1280, layers=sizes)
        track = UpTrack(f"TR_{self._tracks}", "PA_1", request, self.rtcp.append, self.counters)
        track.set_layers(list(rids), 0)
        self.ingress.sections[str(self._tracks)] = track
        self._tracks += 1
        return track

    def send(
        self,
        now: float,
        *,
        mid: str = "0",
        rid: str = "",
        ssrc: int = 1,
        sequence: int = 0,
        timestamp: int = 0,
        payload: bytes = b"",
        kind: int = VP8,
        marker: int = 0,
        level: int | None = None,
        padding: int = 0,
    ) -> None:
        """One packet, its header as browsers write it."""
        self._wide = (self._wide + 1) & 0xFFFF
        elements = {"mid": mid.encode(), "twcc": self._wide.to_bytes(2, "big")}
        if rid:
            elements["rrid" if kind == RTX else "rid"] = rid.encode()
        if level is not None:
            elements["level"] = bytes((level,))
        content = b"".join(bytes((EXTENSIONS[name] << 4 | len(value) - 1,)) + value for name, value in elements.items())
        content += bytes(-len(content) % 4)
        extension = b"\xbe\xde" + (len(content) // 4).to_bytes(2, "big") + content
        head = header(0x90 | (0x20 if padding else 0), marker | kind, sequence, timestamp, ssrc)
        tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
        self.ingress.on_rtp(head + extension + payload + tail, now)


def vp8(number: int, tl0: int, *, key: bool = False, content: bytes = b"picture") -> bytes:
    """A payload that begins a frame."""
    descriptor = struct.pack("!BBHBB", 0x90, 0xE0, 0x8000 | number & 0x7FFF, tl0 & 0xFF, 0x20)
    return descriptor + (b"\x10\x02\x00\x9d\x01\x2a" if key else b"\x11\x02\x00") + content
