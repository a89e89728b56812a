# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How often somebody may take their data along, and how many at once."""

import asyncio

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.limits import RateLimit

PER_S, BURST = 1 / 600, 3
"""Each reads everything that a person ever wrote."""


class Exports:
    """One at a time in a process, and few for each person."""

    def __init__(self, clock: Clock) -> None:
        self.one = asyncio.Lock()
        self._limit = RateLimit(clock, per_s=PER_S, burst=BURST)

    def take(self, person_id: str) -> None:
        """Count one. Raises TooMany."""
        self._limit.take(person_id)
