# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A participant without a browser: LiveKit's signalling on the path /rtc, synthetic Opus and VP8."""

import asyncio
import datetime
import json
import os
import secrets
import time
from typing import Self

from livekit import api
from livekit.protocol import models, rtc
from websockets.asyncio.client import ClientConnection, connect

from bench.media.peer import Peer, now_ns
from fachwerk_media import sdp
from fachwerk_media.rtp.packet import header

AUDIO_PPS, FRAMES_PER_S = 50, 30
KEY_FRAME_FRAMES = 90
AUDIO_BYTES, VIDEO_BYTES = 100, 1090
STEP_S = 0.008
AUDIO = sdp.Codec(111)
VIDEO = sdp.Codec(96)
MID_EXTENSION = {"mid": 1}
HEAD = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
_KEY_FRAME = b"\x10\x02\x00\x9d\x01\x2a\x00\x05\xd0\x02"
_OTHER_FRAME = b"\x11\x02\x00"


def access_token(key: str, secret: str, identity: str, room: str) -> str:
    """A token for an hour."""
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(key, secret).with_identity(identity).with_grants(grants)
    return token.with_ttl(datetime.timedelta(hours=1)).to_jwt()


class Client:
    """One participant; publishes one microphone and one camera, or receives everything, or both."""

    def __init__(self, url: str, token: str, *, publishes: bool, receives: bool) -> None:
        self.publisher = Peer() if publishes else None
        self.subscriber = Peer()
        self.sent = 0
        """Media packets."""
        self.left: rtc.LeaveRequest | None = None
        """The server's goodbye."""
        self._url = f"{url}/rtc?access_token={token}&auto_subscribe={int(receives)}&sdk=js&version=2.9.0&protocol=15"
        self._socket: ClientConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._audio_ssrc, self._video_ssrc = (secrets.randbelow(1 << 31) + 1 for _ in range(2))
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url, max_size=1 << 24)
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._read(self._socket)), loop.create_task(self._ping())]
        return self

    def stop(self) -> None:
        """Stop publishing."""
        self._stop.set()

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        for peer in (self.publisher, self.subscriber):
            if peer is not None:
                peer.close()

    async def request(self, **message: object) -> None:
        """Send one SignalRequest, given as its one field."""
        if self._socket is None:
            raise RuntimeError("not connected")
        await self._socket.send(rtc.SignalRequest(**message).SerializeToString())  # type: ignore[arg-type]

    async def send_media(self, video_pps: int) -> None:
        """Publish until closed: 50 Opus packets and about video_pps VP8 packets a second, 30 frames."""
        peer = self.publisher
        if peer is None:
            raise RuntimeError("this client does not publish")
        await peer.up.wait()
        noise = os.urandom(VIDEO_BYTES)
        per_frame = max(1, round(video_pps / FRAMES_PER_S))
        began = time.monotonic()
        audio = frame = packet = 0
        while not self._stop.is_set():
            elapsed = time.monotonic() - began
            while audio < elapsed * AUDIO_PPS:
                self._send_audio(peer, audio, noise)
                audio += 1
            while frame < elapsed * FRAMES_PER_S:
                packet = self._send_frame(peer, frame, packet, per_frame, noise)
                frame += 1
            await asyncio.sleep(STEP_S)

    def _send_audio(self, peer: Peer, number: int, noise: bytes) -> None:
        head = header(0x90, 111 | (0 if number else 0x80), number & 0xFFFF, number * 960 & 0xFFFFFFFF, self._audio_ssrc)
        payload = b"\x78" + noise[: AUDIO_BYTES - 9] + now_ns().to_bytes(8, "big")
        self._send(peer, head + b"\xbe\xde\x00\x01\x100\x00\x00" + payload)

    def _send_frame(self, peer: Peer, frame: int, packet: int, per_frame: int, noise: bytes) -> int:
        """One picture of `per_frame` packets; the number of the next packet."""
        picture = bytes((0x80 | frame >> 8 & 0x7F, frame & 0xFF))
        start = _OTHER_FRAME if frame % KEY_FRAME_FRAMES else _KEY_FRAME
        for part in range(per_frame):
            first, last = part == 0, part == per_frame - 1
            head = header(
                0x90, 96 | (0x80 if last else 0), packet & 0xFFFF, frame * 3000 & 0xFFFFFFFF, self._video_ssrc
            )
            descriptor = bytes((0x90 if first else 0x80, 0x80)) + picture
            payload = descriptor + (start if first else b"") + noise
            self._send(peer, head + b"\xbe\xde\x00\x01\x101\x00\x00" + payload)
            packet += 1
        return packet

    def _send(self, peer: Peer, packet: bytes) -> None:
        if peer.outbound is not None:
            peer.send(peer.outbound.protect(packet))
            self.sent += 1

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(4)
            await self.request(ping_req=rtc.Ping(timestamp=int(time.time() * 1000)))

    async def _read(self, socket: ClientConnection) -> None:
        async for raw in socket:
            if not isinstance(raw, bytes):
                continue
            response = rtc.SignalResponse.FromString(raw)
            kind = response.WhichOneof("message")
            if kind == "join" and self.publisher is not None:
                await self._publish(self.publisher)
            elif kind == "answer" and self.publisher is not None:
                self.publisher.answered(response.answer.sdp)
            elif kind == "offer":
                await self._answer(response.offer)
            elif kind == "trickle":
                line = json.loads(response.trickle.candidateInit)["candidate"]
                peer = self.publisher if response.trickle.target == rtc.SignalTarget.PUBLISHER else self.subscriber
                if peer is not None:
                    peer.candidate(line)
            elif kind == "leave":
                self.left = response.leave

    async def _publish(self, peer: Peer) -> None:
        audio, video = "audio-track", "video-track"
        await self.request(
            add_track=rtc.AddTrackRequest(
                cid=audio,
                name="microphone",
                type=models.TrackType.AUDIO,
                source=models.TrackSource.MICROPHONE,
                disable_red=True,
            )
        )
        await self.request(
            add_track=rtc.AddTrackRequest(
                cid=video,
                name="camera",
                type=models.TrackType.VIDEO,
                source=models.TrackSource.CAMERA,
                width=1280,
                height=720,
                layers=[models.VideoLayer(quality=models.VideoQuality.HIGH, width=1280, height=720, bitrate=1_200_000)],
            )
        )
        lines = [*HEAD, "a=group:BUNDLE 0 1", "a=msid-semantic:WMS *"]
        tracks = (("audio", "0", AUDIO, self._audio_ssrc, audio), ("video", "1", VIDEO, self._video_ssrc, video))
        for kind, mid, codec, ssrc, track in tracks:
            sending = sdp.Sending(ssrc, 0, "-", track)
            lines += sdp.media(kind, mid, "sendonly", codec, MID_EXTENSION, sending=sending) + peer.lines("actpass")
        await self.request(offer=_description("offer", lines, 1))

    async def _answer(self, offer: rtc.SessionDescription) -> None:
        self.subscriber.answered(offer.sdp)
        sections = sdp.parse(offer.sdp).sections
        lines = [*HEAD, f"a=group:BUNDLE {' '.join(section.mid for section in sections)}", "a=msid-semantic:WMS *"]
        for section in sections:
            if section.kind == "application":
                lines += sdp.application(section.mid)
            else:
                codec = section.codec() or sdp.Codec(section.payload_types[0])
                direction = "recvonly" if section.sends else "inactive"
                lines += sdp.media(section.kind, section.mid, direction, sdp.Codec(codec.primary), {})
            lines += self.subscriber.lines("active")
        await self.request(answer=_description("answer", lines, offer.id))


def _description(kind: str, lines: list[str], number: int) -> rtc.SessionDescription:
    return rtc.SessionDescription(type=kind, sdp="\r\n".join(lines) + "\r\n", id=number)
