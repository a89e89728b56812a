# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The real clock, set forward by hand where a test needs it."""

from fachwerk.kernel.clock import SystemClock


class HandClock(SystemClock):
    """Runs like the machine's, `ahead_s` in front of it."""

    ahead_s = 0.0

    def now_ms(self) -> int:
        return super().now_ms() + int(self.ahead_s * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s

    def forward(self, seconds: float) -> None:
        self.ahead_s += seconds
