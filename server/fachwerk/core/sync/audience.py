# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the hub keeps of an audience."""

import asyncio

from fachwerk.kernel.events import Numbered

from .socket import Socket


class AudienceLog:
    """One audience as this process follows it, while somebody here belongs to it.

    high: the last number passed on, -1 while unknown. posts: the count after it. pending: what came
    too early. told: the highest number that we were only told of. buffer: frames for the followers until
    the audience is no longer quiet.
    """

    __slots__ = (
        "buffer", "bump", "bump_at", "bump_timer", "filling", "followers", "high", "pending", "posts", "quiet_until",
        "timer", "told", "watchers",
    )  # fmt: skip

    def __init__(self) -> None:
        self.followers: set[Socket] = set()
        self.watchers: set[Socket] = set()
        self.high, self.posts, self.told = -1, 0, 0
        self.pending: dict[int, Numbered] = {}
        self.buffer: list[bytes] = []
        self.timer: asyncio.Handle | None = None
        self.bump: bytes | None = None
        self.bump_timer: asyncio.TimerHandle | None = None
        self.bump_at = self.quiet_until = 0.0
        self.filling = False

    @property
    def lacks(self) -> bool:
        """Whether there are numbers beyond the last one passed on."""
        return bool(self.pending) or self.told > self.high
