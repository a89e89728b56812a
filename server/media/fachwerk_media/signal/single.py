# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One peer connection: the client offers sections to receive in, we fill them; if there are too few we ask for more."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from livekit.protocol import rtc

from fachwerk_media import sdp
from fachwerk_media.signal.negotiation import Negotiation, Slot
from fachwerk_media.transport import Transport

if TYPE_CHECKING:
    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.node import Node
    from fachwerk_media.rooms.participant import Participant

PATIENCE_S = 2.0
"""A client asked for an offer is asked again after this long."""


class Single(Negotiation):
    """The path /rtc/v1."""

    def __init__(self, participant: Participant, node: Node) -> None:
        super().__init__(participant, node)
        self.publisher = self.subscriber = Transport(node.mux.agent, node.identity, node.counters, participant)
        self._slots: dict[str, Slot] = {}
        """By mid."""
        self._waiting: list[DownTrack] = []
        self._asked_at = float("-inf")

    def subscribe(self, down: DownTrack) -> None:
        """Wait for a section for it."""
        self._waiting.append(down)
        self._schedule()

    def unsubscribe(self, down: DownTrack) -> None:
        """Free its section."""
        if down in self._waiting:
            self._waiting.remove(down)
            return
        for slot in self._slots.values():
            if slot.down is down:
                slot.release()
                self._schedule()

    def begin(self) -> None:
        """The client has offered already, or will."""

    def resume(self) -> None:
        """The client offers again, with new ICE credentials."""
        self._asked_at = float("-inf")
        if self._waiting:
            self._schedule()

    def on_answer(self, answer: rtc.SessionDescription) -> None:
        """We never offer here."""
        raise sdp.SdpError(f"answer {answer.id} to no offer")

    def _answer_receiving(self, section: sdp.Section, codec: sdp.Codec, mids: dict[str, str]) -> list[str]:
        if not section.receives:
            return sdp.media(section.kind, section.mid, "inactive", sdp.Codec(codec.primary), {})
        slot = self._slots.setdefault(section.mid, Slot(section.kind))
        if slot.is_free:
            slot.down = next((d for d in self._waiting if d.up.is_video == (section.kind == "video")), None)
            if slot.down is not None:
                self._waiting.remove(slot.down)
                slot.down.mid = section.mid
                self._attach(slot.down, section, codec)
        slot.cooling = False
        down = slot.down
        if down is None:
            return sdp.media(section.kind, section.mid, "inactive", codec, section.extensions)
        mids[section.mid] = down.up.sid
        own = sdp.Codec(codec.primary, codec.rtx, down.red_payload_type)
        sending = self._sending(down)
        return sdp.media(section.kind, section.mid, "sendonly", own, section.extensions, sending=sending)

    def _answered(self) -> None:
        self._asked_at = float("-inf")
        self._participant.downlink.refresh(time.monotonic())
        if self._waiting:
            self._schedule()

    def _change(self) -> None:
        """Ask for an offer, with as many further sections as are missing."""
        now = time.monotonic()
        if now - self._asked_at < PATIENCE_S:
            return  # what is waiting now is seen to after that offer
        self._asked_at = now
        missing = {}
        for kind in ("audio", "video"):
            needed = sum(down.up.is_video == (kind == "video") for down in self._waiting)
            free = sum(slot.kind == kind and slot.down is None for slot in self._slots.values())
            missing[kind] = max(0, needed - free)
        requirement = rtc.MediaSectionsRequirement(num_audios=missing["audio"], num_videos=missing["video"])
        self._participant.send(media_sections_requirement=requirement)
