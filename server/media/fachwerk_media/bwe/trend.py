# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Is the queue on the way growing? The slope of the one-way delay against an adaptive threshold.

Source: Carlucci et al., "Analysis and Design of the Google Congestion Control for WebRTC" (2016), sections 4.2 and 4.3;
draft-ietf-rmcat-gcc-02 sections 5.1 to 5.4. Times are milliseconds here.
"""

from __future__ import annotations

import enum
from collections import deque

POINTS = 20
"""Groups the slope is taken over."""
SMOOTHING = 0.9
GAIN = 4.0
GROUPS_LIMIT = 60
BURST_MS = 5.0
"""Packets sent within this time form one group."""
SUSTAINED_MS = 10.0
THRESHOLD_START, THRESHOLD_FLOOR, THRESHOLD_LIMIT = 12.5, 6.0, 600.0
THRESHOLD_UP, THRESHOLD_DOWN = 0.0087, 0.039
OUTLIER = 15.0
JUMP_MS = 3000.0
"""A change of delay beyond this is a change of clock: start anew."""


class Usage(enum.Enum):
    """What the delay says about the link."""

    NORMAL = 0
    OVER = 1
    UNDER = 2


class Group:
    """Packets sent in one burst: first and last send time, last arrival."""

    __slots__ = ("arrival", "first", "last")

    def __init__(self, sent: float, arrival: float) -> None:
        self.first = self.last = sent
        self.arrival = arrival

    def takes(self, sent: float, arrival: float) -> bool:
        """Whether a packet belongs here: same burst, or it came in a bunch although it was sent later."""
        if sent - self.first <= BURST_MS:
            return True
        bunched = arrival - self.arrival <= BURST_MS and arrival - self.arrival < sent - self.last
        return bunched and arrival - self.first < 100.0

    def add(self, sent: float, arrival: float) -> None:
        """Widen the group by a packet."""
        self.last = max(self.last, sent)
        self.arrival = max(self.arrival, arrival)


class Trend:
    """The detector for one direction of one transport."""

    def __init__(self) -> None:
        self._restart()

    def _restart(self) -> None:
        self.usage = Usage.NORMAL
        self.group: Group | None = None
        self._previous_group: Group | None = None
        self._points: deque[tuple[float, float]] = deque(maxlen=POINTS)
        self._groups = 0
        self._delay = self._smoothed = 0.0
        self._slope = 0.0
        self._threshold = THRESHOLD_START
        self._over_ms, self._over_groups = 0.0, 0
        self._last_arrival: float | None = None

    def packet(self, sent: float, arrival: float) -> None:
        """Take in one packet, in order of sending."""
        group = self.group
        if group is None:
            self.group = Group(sent, arrival)
        elif group.takes(sent, arrival):
            group.add(sent, arrival)
        else:
            before = self._previous_group
            if before is not None:
                self._step(group.last - before.last, group.arrival - before.arrival, group.arrival)
            self._previous_group, self.group = group, Group(sent, arrival)

    def _step(self, sent_apart: float, arrived_apart: float, arrival: float) -> None:
        if abs(arrived_apart) > JUMP_MS:
            self._restart()
            return
        self._groups += 1
        self._delay += arrived_apart - sent_apart
        self._smoothed = SMOOTHING * self._smoothed + (1 - SMOOTHING) * self._delay
        self._points.append((arrival, self._smoothed))
        slope = self._fit() if len(self._points) == POINTS else self._slope
        trend = min(self._groups, GROUPS_LIMIT) * slope * GAIN
        self._judge(trend, slope, sent_apart)
        self._slope = slope
        self._adapt(abs(trend), arrival)

    def _fit(self) -> float:
        """Least squares slope, ms per ms."""
        origin = self._points[0][0]
        sum_x = sum_y = sum_xx = sum_xy = 0.0
        for at, y in self._points:
            x = at - origin
            sum_x += x
            sum_y += y
            sum_xx += x * x
            sum_xy += x * y
        spread = POINTS * sum_xx - sum_x * sum_x
        return (POINTS * sum_xy - sum_x * sum_y) / spread if spread else self._slope

    def _judge(self, trend: float, slope: float, sent_apart: float) -> None:
        if trend <= self._threshold:
            self._over_ms, self._over_groups = 0.0, 0
            self.usage = Usage.UNDER if trend < -self._threshold else Usage.NORMAL
            return
        self._over_ms += sent_apart
        self._over_groups += 1
        if self._over_ms > SUSTAINED_MS and self._over_groups > 1 and slope >= self._slope:
            self._over_ms, self._over_groups = 0.0, 0
            self.usage = Usage.OVER

    def _adapt(self, size: float, arrival: float) -> None:
        """Let the threshold follow the trend, slowly down and slower up; outliers do not move it."""
        elapsed = min(arrival - self._last_arrival, 100.0) if self._last_arrival is not None else 0.0
        self._last_arrival = arrival
        if size < self._threshold + OUTLIER:
            rate = THRESHOLD_DOWN if size < self._threshold else THRESHOLD_UP
            moved = self._threshold + rate * (size - self._threshold) * elapsed
            self._threshold = min(THRESHOLD_LIMIT, max(THRESHOLD_FLOOR, moved))
