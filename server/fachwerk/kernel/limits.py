# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rate limits: a token bucket per caller, in memory of one process."""

from collections import OrderedDict

from .clock import Clock
from .errors import TooMany

CALLERS_KEPT = 50_000
"""Buckets remembered per process; the longest unused goes first. An idle bucket is full, so nothing is lost."""


class RateLimit:
    """At most `burst` calls at once and `per_s` calls per second in the long run, for each key."""

    def __init__(self, clock: Clock, *, per_s: float, burst: int) -> None:
        self._clock, self._per_s, self._burst = clock, per_s, float(burst)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1.0) -> None:
        """Count one call of `key`. Raises TooMany when its bucket is empty."""
        now = self._clock.monotonic()
        level, at = self._buckets.pop(key, (self._burst, now))
        level = min(self._burst, level + (now - at) * self._per_s)
        self._buckets[key] = (level - cost, now) if level >= cost else (level, now)
        if len(self._buckets) > CALLERS_KEPT:
            self._buckets.popitem(last=False)
        if level < cost:
            raise TooMany
