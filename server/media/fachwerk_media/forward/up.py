# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A published track: its layers and what the room knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit.protocol import models

from fachwerk_media.forward.layer import ALIVE_S, Layer

if TYPE_CHECKING:
    from collections.abc import Callable

    from livekit.protocol.rtc import AddTrackRequest

    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.metrics import Counters

VIDEO_CLOCK_HZ, AUDIO_CLOCK_HZ = 90_000, 48_000
SPEAKING_LEVEL = 45
"""-dBov, for showing who speaks."""
SILENT = 127


class UpTrack:
    """One microphone, camera or screen."""

    def __init__(
        self,
        sid: str,
        publisher_sid: str,
        request: AddTrackRequest,
        send_rtcp: Callable[[bytes], None],
        counters: Counters,
    ) -> None:
        """send_rtcp: to its publisher."""
        self.sid = sid
        self.publisher_sid = publisher_sid
        self.client_id = request.cid
        self.is_video = request.type == models.TrackType.VIDEO
        self.clock_hz = VIDEO_CLOCK_HZ if self.is_video else AUDIO_CLOCK_HZ
        self.send_rtcp = send_rtcp
        self.counters = counters
        self.layers: list[Layer] = []
        self.downs: list[DownTrack] = []
        self.level = SILENT
        self.spoke_at = float("-inf")
        mime = "video/VP8" if self.is_video else "audio/opus"
        self.info = models.TrackInfo(
            sid=sid,
            type=request.type,
            name=request.name,
            muted=request.muted,
            width=request.width,
            height=request.height,
            source=request.source,
            simulcast=len(request.layers) > 1,
            disable_dtx=request.disable_dtx,
            stream=request.stream,
            encryption=request.encryption,
            mime_type=mime,
            disable_red=True,
            stereo=request.stereo,
            layers=request.layers,
        )
        self.info.codecs.add(mime_type=mime, cid=request.cid, layers=request.layers)

    @property
    def is_screen(self) -> bool:
        """Whether it shows a screen: kept longest when the link is narrow."""
        return self.info.source == models.TrackSource.SCREEN_SHARE

    @property
    def is_encrypted(self) -> bool:
        """Whether its payload is end-to-end encrypted."""
        return self.info.encryption != models.Encryption.Type.NONE

    def set_layers(self, rids: list[str], ssrc: int) -> None:
        """The encodings of its section: rids lowest first, or one stream (ssrc 0 if not told)."""
        self.layers = [Layer(self, index, rid) for index, rid in enumerate(rids)] or [Layer(self, 0, None, ssrc)]

    def best(self, limit: int, now: float) -> Layer | None:
        """The highest living layer not above `limit`, else the lowest living one."""
        known = [layer for layer in self.layers if layer.ssrc]
        alive = [layer for layer in known if now - layer.last_at < ALIVE_S] or known
        within = [layer for layer in alive if layer.index <= limit]
        if within:
            return max(within, key=lambda layer: layer.index)
        return min(alive, key=lambda layer: layer.index, default=None)

    def quality_for(self, width: int) -> int:
        """The layer a picture of this width needs."""
        ordered = sorted(self.info.layers, key=lambda layer: layer.width)
        return next((layer.quality for layer in ordered if layer.width >= width * 0.9), models.VideoQuality.HIGH)

    def mute(self, now: float, *, muted: bool) -> None:
        """Muted is muted: whatever the client still sends goes nowhere."""
        self.info.muted = muted
        self.spoke_at = float("-inf")
        self.reselect(now)

    def hear(self, level: int, now: float) -> None:
        """Note the loudness of a packet, 0 (loudest) to 127."""
        self.level = level
        if level < SPEAKING_LEVEL:
            self.spoke_at = now

    def reselect(self, now: float) -> None:
        """Choose each subscriber's layer again."""
        for down in self.downs:
            down.select(now)
