# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings of guests."""

from pydantic import Field

from fachwerk.kernel.settings import Section

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


class GuestSettings(Section):
    """How long and how many. Whether a department has guests at all is its policy."""

    default_days: int = Field(default=30, ge=1, le=365, description="a guest's time, if the sponsor says nothing")
    max_days: int = Field(default=180, ge=1, le=365, description="and the longest from today, also when extended")
    link_hours: float = Field(default=168, gt=0, description="a link that nobody follows is of no use after this")
    idle_hours: float = Field(default=336, gt=0, description="a guest's session ends this long after its last use")
    per_sponsor: int = Field(default=50, ge=1, description="guests of one person at the same time")
    per_room: int = Field(default=20, ge=1, description="guests in one room at the same time")
    wrong_links_per_minute: float = Field(default=6, gt=0, description="of one address, in the long run; 10 at once")

    @property
    def default_ms(self) -> int:
        """A guest's time, in milliseconds."""
        return self.default_days * DAY_MS

    @property
    def max_ms(self) -> int:
        """The longest, in milliseconds."""
        return self.max_days * DAY_MS

    @property
    def link_ms(self) -> int:
        """How long a link is good for, in milliseconds."""
        return int(self.link_hours * HOUR_MS)

    @property
    def idle_ms(self) -> int:
        """How long a guest's session may lie unused, in milliseconds."""
        return int(self.idle_hours * HOUR_MS)
