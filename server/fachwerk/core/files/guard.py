# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Transfers last longer than rights do: so the right is asked for again while bytes flow."""

import math
from collections.abc import Awaitable, Callable

from fachwerk.kernel.clock import Clock

RECHECK_BYTES = 4 * 1024 * 1024
"""For what goes out. What comes in cannot become a file without the right, so time is enough there."""
RECHECK_S = 5.0


class Guard:
    """Asks every so many bytes or RECHECK_S, whichever comes first. ask: raises a Problem when the right is gone."""

    def __init__(self, clock: Clock, ask: Callable[[], Awaitable[None]], *, every_bytes: float = math.inf) -> None:
        self._clock, self._ask, self._every_bytes = clock, ask, every_bytes
        self._bytes, self._at = 0, clock.monotonic()

    async def after(self, size_bytes: int) -> None:
        """Call with each piece, before it goes on. Raises what `ask` raises."""
        self._bytes += size_bytes
        if self._bytes >= self._every_bytes or self._clock.monotonic() - self._at >= RECHECK_S:
            await self._ask()
            self._bytes, self._at = 0, self._clock.monotonic()
