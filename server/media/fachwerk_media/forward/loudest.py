# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which microphones are forwarded when many are open: the loudest few, with hangover.

Decided on the packet itself, so no onset is cut. Levels are those of RFC 6464: 0 is loudest, 127 is silence.
"""

from __future__ import annotations

from collections.abc import Hashable

SPEECH_LEVEL = 50
"""-dBov; quieter is not speech."""
MARGIN_DB = 6.0
"""How much louder a newcomer must be."""
HANGOVER_S = 0.5
TAKE_OVER_PACKETS = 3
"""In a row above the margin before a newcomer takes a place."""
UNKNOWN_LEVEL = 40
"""For a client that sends no level: it speaks while it sends."""


class _Voice:
    __slots__ = ("level", "louder", "spoke_at")

    def __init__(self) -> None:
        self.level = 127.0
        """Smoothed; rises at once, falls slowly."""
        self.spoke_at = float("-inf")
        self.louder = 0


class Loudest:
    """The active speakers of one room. Below `limit` open microphones everybody is heard."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._voices: dict[Hashable, _Voice] = {}
        self._active: dict[Hashable, _Voice] = {}

    def heard(self, track: Hashable, level: int, now: float) -> bool:
        """Take in a packet's level; whether the packet is to be forwarded."""
        voice = self._voices.get(track)
        if voice is None:
            voice = self._voices[track] = _Voice()
        voice.level = level if level < voice.level else voice.level + 0.1 * (level - voice.level)
        if level < SPEECH_LEVEL:
            voice.spoke_at = now
        if len(self._voices) <= self.limit:
            return True
        if track in self._active:
            if now - voice.spoke_at < HANGOVER_S:
                return True
            del self._active[track]
            return False
        if level >= SPEECH_LEVEL:
            voice.louder = 0
            return False
        return self._enter(track, voice, now)

    def gone(self, track: Hashable) -> None:
        """The track has ended or is muted."""
        self._voices.pop(track, None)
        self._active.pop(track, None)

    @property
    def active(self) -> int:
        """How many hold a place."""
        return len(self._active)

    def _enter(self, track: Hashable, voice: _Voice, now: float) -> bool:
        """A place that is free, one whose holder is silent, or that of the quietest if the newcomer is louder."""
        if len(self._active) < self.limit:
            self._active[track] = voice
            return True
        silent = next((k for k, v in self._active.items() if now - v.spoke_at >= HANGOVER_S), None)
        if silent is None:
            quietest = max(self._active, key=lambda k: self._active[k].level)
            louder = voice.level + MARGIN_DB < self._active[quietest].level
            voice.louder = voice.louder + 1 if louder else 0
            if voice.louder < TAKE_OVER_PACKETS:
                return False
            silent = quietest
        del self._active[silent]
        self._active[track] = voice
        voice.louder = 0
        return True
