# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who was removed: the token in their browser is still valid and must not bring them back.

A token issued after the removal does. Its issue time is "nbf" or "iat", in whole seconds: one issued in the same
second as the removal is refused, as is one that does not say. A removal is remembered as long as a token issued
before it can be valid (token_lifetime_max_s), in memory: after a restart the issuer's refusal alone holds.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fachwerk_media.tokens import Grants

REMEMBERED = 100_000
"""Removals kept; beyond that the oldest are forgotten."""


class Denials:
    """Removals by room and identity; identity None is everybody, after a room was deleted."""

    def __init__(self, lifetime_s: float, clock: Callable[[], float]) -> None:
        """lifetime_s: longest life of a token. clock: seconds since 1970."""
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._removed_at: dict[tuple[str, str | None], float] = {}

    def add(self, room: str, identity: str | None) -> None:
        """From now on tokens issued so far do not let this identity into the room."""
        self._removed_at.pop((room, identity), None)
        self._removed_at[room, identity] = self._clock()
        self._forget()

    def denies(self, grants: Grants) -> bool:
        """Whether the token was issued before its holder was removed, or its room deleted."""
        removals = (self._removed_at.get((grants.room, who)) for who in (grants.identity, None))
        now = self._clock()
        return any(
            removed is not None and now - removed <= self._lifetime_s and grants.issued_at <= math.floor(removed)
            for removed in removals
        )

    def _forget(self) -> None:
        """Drop what no longer matters: entries are in order of time."""
        now = self._clock()
        while self._removed_at:
            oldest = next(iter(self._removed_at))
            if len(self._removed_at) <= REMEMBERED and now - self._removed_at[oldest] <= self._lifetime_s:
                return
            del self._removed_at[oldest]
