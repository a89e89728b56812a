# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Two peer connections: the client offers the one it publishes on, we offer the one it receives on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from livekit.protocol import rtc

from fachwerk_media import sdp
from fachwerk_media.forward.ingress import OPUS
from fachwerk_media.signal.negotiation import Negotiation, Slot
from fachwerk_media.transport import Transport

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.node import Node
    from fachwerk_media.rooms.participant import Participant

AUDIO = sdp.Codec(OPUS, 0, 63)
VIDEO = sdp.Codec(96, 97)
EXTENSIONS = {"twcc": 3}
CHANNELS_MID = "0"


class Dual(Negotiation):
    """The path /rtc."""

    def __init__(self, participant: Participant, node: Node) -> None:
        super().__init__(participant, node)
        self.publisher = Transport(node.mux.agent, node.identity, node.counters, participant)
        self.subscriber = Transport(node.mux.agent, node.identity, node.counters, participant, open_channels=True)
        self.subscriber.want_channels()
        self._slots: list[Slot] = []
        """Section n + 1; they stay for the life of the connection."""
        self._offers = 0
        self._awaiting_answer = False
        self._changed = False

    def subscribe(self, down: DownTrack) -> None:
        """Offer it in a free section or a new one."""
        kind = "video" if down.up.is_video else "audio"
        slot = next((slot for slot in self._slots if slot.is_free and slot.kind == kind), None)
        if slot is None:
            slot = Slot(kind)
            self._slots.append(slot)
        slot.down = down
        down.mid = str(self._slots.index(slot) + 1)
        self._schedule()

    def unsubscribe(self, down: DownTrack) -> None:
        """Offer its section inactive."""
        for slot in self._slots:
            if slot.down is down:
                slot.release()
                self._schedule()

    def begin(self) -> None:
        """Offer the data channels at once: the client is connected when this connection is."""
        self._offer()

    def resume(self) -> None:
        """Offer new ICE credentials: the network may be another one."""
        self.subscriber.restart()
        self._awaiting_answer = False
        self._offer()

    def on_answer(self, answer: rtc.SessionDescription) -> None:
        """The client accepts what we send. An answer to an older offer changes nothing."""
        if answer.id not in {0, self._offers}:
            return
        description = sdp.parse(answer.sdp)
        self.subscriber.expect(description.fingerprint)
        self._awaiting_answer = False
        answered = {section.mid: section for section in description.sections}
        for number, slot in enumerate(self._slots, 1):
            section = answered.get(str(number))
            if section is None:
                continue
            slot.cooling = False
            codec = section.codec()
            if slot.down is not None and codec is not None and not slot.down.negotiated:
                self._attach(slot.down, section, codec)
        self._participant.downlink.refresh(time.monotonic())
        if self._changed:
            self._offer()

    def _answer_receiving(self, section: sdp.Section, codec: sdp.Codec, mids: dict[str, str]) -> list[str]:
        del mids  # nothing is sent on the publisher's connection
        return sdp.media(section.kind, section.mid, "inactive", sdp.Codec(codec.primary), {})

    def _answered(self) -> None:
        """Nothing follows from an answer about publishing."""

    def _change(self) -> None:
        if self._awaiting_answer:
            self._changed = True
        else:
            self._offer()

    def _offer(self) -> None:
        self._awaiting_answer, self._changed = True, False
        self._offers += 1
        lines = self._transport_lines(self.subscriber, "actpass")
        sections = [sdp.application(CHANNELS_MID) + lines]
        mids = {}
        for number, slot in enumerate(self._slots, 1):
            down, mid = slot.down, str(number)
            direction, sending = "inactive", None
            if down is not None:
                mids[mid] = down.up.sid
                direction, sending = "sendonly", self._sending(down)
            codec = VIDEO if slot.kind == "video" else AUDIO
            sections.append(sdp.media(slot.kind, mid, direction, codec, EXTENSIONS, sending=sending) + lines)
        text = sdp.write(sections, [str(number) for number in range(len(self._slots) + 1)])
        offer = rtc.SessionDescription(type="offer", sdp=text, id=self._offers, mid_to_track_id=mids)
        self._participant.send(offer=offer)
