# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How fast one client may send requests: a long description costs everybody's time on the one core."""

from __future__ import annotations

UNIT_BYTES = 16 << 10
"""A request costs one, and one more for each of these."""
PER_SECOND, BURST = 50.0, 300.0


class Pace:
    """A bucket of requests. Who empties it is read more slowly; nothing is lost."""

    def __init__(self, now: float) -> None:
        self._left = BURST
        self._at = now

    def wait_s(self, size: int, now: float) -> float:
        """Seconds to wait after a request of this many bytes."""
        self._left = min(BURST, self._left + (now - self._at) * PER_SECOND)
        self._at = now
        self._left -= 1 + size / UNIT_BYTES
        return max(0.0, -self._left / PER_SECOND)
