# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who speaks, and how well everybody is connected: what a room's clients show beside each name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit.protocol import models, rtc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fachwerk_media.rooms.participant import Participant

SPEAKING_S = 0.6
"""Somebody speaks as long as their last loud packet is younger than this."""
LEVEL_RANGE = 60.0
"""-dBov shown as silence."""
LEVEL_STEPS = 8
"""Finer changes of loudness are not told."""
GOOD_LOSS, POOR_LOSS = 0.03, 0.10


class Speakers:
    """The speakers of a room as last told."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}
        """Loudness by participant sid."""
        self._retell = False

    def retell(self) -> None:
        """Somebody new has heard nothing yet: the next update names everybody who speaks."""
        self._retell = True

    def update(self, participants: Iterable[Participant], now: float) -> rtc.SpeakersChanged | None:
        """Who began, changed their loudness by a step, or stopped since the last call; None if nobody did."""
        speaking = _speaking(participants, now)
        changed = rtc.SpeakersChanged()
        for sid, level in speaking.items():
            if self._retell or self._told.get(sid) != level:
                changed.speakers.add(sid=sid, level=level, active=True)
        for sid in self._told.keys() - speaking.keys():
            changed.speakers.add(sid=sid, level=0.0, active=False)
        self._told, self._retell = speaking, False
        return changed if changed.speakers else None


def _speaking(participants: Iterable[Participant], now: float) -> dict[str, float]:
    """Loudness, 0 to 1 in steps, of those who speak, by participant sid."""
    return {
        participant.sid: max(1, round((1 - track.level / LEVEL_RANGE) * LEVEL_STEPS)) / LEVEL_STEPS
        for participant in participants
        for track in participant.tracks.values()
        if not track.is_video and not track.info.muted and now - track.spoke_at < SPEAKING_S
    }


def qualities(participants: Iterable[Participant]) -> rtc.ConnectionQualityUpdate:
    """How well each is connected: the worse of what they lose of ours and what we lose of theirs."""
    update = rtc.ConnectionQualityUpdate()
    for participant in participants:
        loss = participant.loss()
        paused = any(down.paused for down in participant.downlink.tracks.values())
        if not any(transport.ready for transport in participant.negotiation.transports):
            quality, score = models.ConnectionQuality.LOST, 1.0
        elif loss >= POOR_LOSS or paused:
            quality, score = models.ConnectionQuality.POOR, 2.0
        elif loss >= GOOD_LOSS:
            quality, score = models.ConnectionQuality.GOOD, 3.5
        else:
            quality, score = models.ConnectionQuality.EXCELLENT, 4.5
        update.updates.add(participant_sid=participant.sid, quality=quality, score=score)
    return update
