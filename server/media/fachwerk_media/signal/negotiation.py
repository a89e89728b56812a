# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Offers and answers of one participant.

The client always offers what it publishes. How it gets what others publish differs: over the same connection
(single.py) or over a second one that we offer (dual.py).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from livekit.protocol import rtc

from fachwerk_media import sdp
from fachwerk_media.forward.ingress import OPUS

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.up import UpTrack
    from fachwerk_media.node import Node
    from fachwerk_media.rooms.participant import Participant
    from fachwerk_media.transport import Transport

BATCH_S = 0.02
"""Changes within this time make one negotiation: a newcomer subscribes to everything at once."""
LAYER_ORDER = {"q": 0, "h": 1, "f": 2}
"""LiveKit's names of simulcast layers, lowest first."""


class Slot:
    """A section we send in.

    One that was freed must be negotiated inactive once before it is used again: else the client sees no new track.
    """

    __slots__ = ("cooling", "down", "kind")

    def __init__(self, kind: str, down: DownTrack | None = None) -> None:
        self.kind = kind
        self.down = down
        self.cooling = False

    @property
    def is_free(self) -> bool:
        """Whether a new track may use it."""
        return self.down is None and not self.cooling

    def release(self) -> None:
        """Its track has ended."""
        self.down = None
        self.cooling = True


class Negotiation(ABC):
    """What both ways have in common: the client's offers."""

    publisher: Transport
    subscriber: Transport

    def __init__(self, participant: Participant, node: Node) -> None:
        self._participant = participant
        self._node = node
        self._remote_ufrag: str | None = None
        self._batch: asyncio.TimerHandle | None = None

    @property
    def transports(self) -> tuple[Transport, ...]:
        """The participant's transports, each once."""
        return (self.publisher,) if self.publisher is self.subscriber else (self.publisher, self.subscriber)

    @abstractmethod
    def subscribe(self, down: DownTrack) -> None:
        """Send a track to the participant."""

    @abstractmethod
    def unsubscribe(self, down: DownTrack) -> None:
        """Send it no longer."""

    @abstractmethod
    def begin(self) -> None:
        """The join response is on its way."""

    @abstractmethod
    def resume(self) -> None:
        """Signalling has come back after a cut."""

    @abstractmethod
    def on_answer(self, answer: rtc.SessionDescription) -> None:
        """The client's answer. Raises SdpError."""

    @abstractmethod
    def _answer_receiving(self, section: sdp.Section, codec: sdp.Codec, mids: dict[str, str]) -> list[str]:
        """Answer a section in which the client wants to receive; mids: mid -> sid, to be filled."""

    @abstractmethod
    def _change(self) -> None:
        """Make the changes of a batch known to the client."""

    @abstractmethod
    def _answered(self) -> None:
        """An answer of ours is on its way."""

    def on_offer(self, offer: rtc.SessionDescription) -> None:
        """Answer the client's offer and publish what is new in it. Raises SdpError."""
        description = sdp.parse(offer.sdp)
        transport = self.publisher
        if self._remote_ufrag not in {None, description.ufrag}:
            transport.restart()
        self._remote_ufrag = description.ufrag
        transport.expect(description.fingerprint)
        lines = self._transport_lines(transport, "passive")
        sections: list[list[str]] = []
        mids: dict[str, str] = {}
        published: list[UpTrack] = []
        for section in description.sections:
            codec = None if section.kind == "application" else section.codec()
            if section.kind == "application":
                transport.want_channels()
                sections.append(sdp.application(section.mid) + lines)
            elif codec is None:
                sections.append(sdp.refused(section) + lines)
            elif section.sends:
                sections.append(self._answer_sending(section, codec, published) + lines)
            else:
                self._ended(section)
                sections.append(self._answer_receiving(section, codec, mids) + lines)
        text = sdp.write(sections, [section.mid for section in description.sections])
        answer = rtc.SessionDescription(type="answer", sdp=text, id=offer.id, mid_to_track_id=mids)
        self._participant.send(answer=answer)
        for track in published:
            self._participant.publish(track)
        self._answered()

    def close(self) -> None:
        """No more negotiations."""
        if self._batch is not None:
            self._batch.cancel()

    def _answer_sending(self, section: sdp.Section, codec: sdp.Codec, published: list[UpTrack]) -> list[str]:
        """Answer a section in which the client sends: a track it has announced, or one we know."""
        participant, ingress = self._participant, self._participant.ingress
        known = ingress.sections.get(section.mid)
        announced = any(client_id in participant.announced for client_id in section.stream_and_track)
        if known is not None and announced:
            participant.unpublish(known)  # the section is used for another track now
            known = None
        own = sdp.Codec(codec.primary, codec.rtx)
        if known is None:
            track = participant.take_announced(section.kind, section.stream_and_track[::-1])
            if track is None:
                return sdp.media(section.kind, section.mid, "inactive", own, {})
            self._accept(track, section, codec)
            published.append(track)
        return sdp.media(section.kind, section.mid, "recvonly", own, section.extensions, rids=section.rids)

    def _accept(self, track: UpTrack, section: sdp.Section, codec: sdp.Codec) -> None:
        """Tie a track to its section."""
        ingress = self._participant.ingress
        track.info.mid = section.mid
        known_names = all(rid in LAYER_ORDER for rid in section.rids)
        rids = sorted(section.rids, key=LAYER_ORDER.__getitem__) if known_names else section.rids
        ssrc = section.ssrcs[0] if section.ssrcs and not rids else 0
        track.set_layers(rids, ssrc)
        if ssrc:
            ingress.expect(ssrc, track.layers[0])
        if codec.rtx:
            ingress.rtx_payload_types.add(codec.rtx)
        ingress.extensions.update(section.extensions)
        ingress.sections[section.mid] = track

    def _ended(self, section: sdp.Section) -> None:
        """The client sends nothing in this section (any more)."""
        track = self._participant.ingress.sections.get(section.mid)
        if track is not None:
            self._participant.unpublish(track)

    def _attach(self, down: DownTrack, section: sdp.Section, codec: sdp.Codec) -> None:
        """The client agreed to receive a track with these payload types."""
        down.payload_type, down.rtx_payload_type = codec.primary, codec.rtx
        redundant = not down.up.is_video and not down.up.is_encrypted and codec.primary == OPUS
        down.red_payload_type = codec.red if redundant else 0
        down.negotiated = True
        number = section.extensions.get("twcc")
        if number is not None:
            self._participant.downlink.element = number << 4 | 1

    def _sending(self, down: DownTrack) -> sdp.Sending:
        stream = f"{down.up.publisher_sid}|{down.up.sid}"
        return sdp.Sending(down.ssrc, down.rtx_ssrc if down.up.is_video else 0, stream, down.up.sid)

    def _transport_lines(self, transport: Transport, setup: str) -> list[str]:
        return sdp.transport(transport, self._node.identity.fingerprint, self._node.mux.candidates(), setup)

    def _schedule(self) -> None:
        """Negotiate soon, together with other changes."""
        if self._batch is None:
            self._batch = asyncio.get_running_loop().call_later(BATCH_S, self._due)

    def _due(self) -> None:
        self._batch = None
        self._change()
