# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The bus inside one process: between the houses that were composed there, or of one house with itself."""

import asyncio
from collections.abc import Callable


class MemoryBus:
    """`Bus` between those that share `joined`. Alone, which is the rule, it costs nothing."""

    def __init__(self, joined: "set[MemoryBus] | None" = None) -> None:
        self._joined: set[MemoryBus] = set() if joined is None else joined
        self._hear: Callable[[bytes], None] = _ignore
        self._turned: Callable[[bool], None] = _ignore

    @property
    def alone(self) -> bool:
        """See `Bus.alone`."""
        return not self._joined - {self}

    async def publish(self, payload: bytes) -> None:
        """See `Bus.publish`."""
        if self not in self._joined:
            raise ConnectionError("not joined")
        loop = asyncio.get_running_loop()
        for other in self._joined - {self}:
            loop.call_soon(other._hear, payload)  # noqa: SLF001 -- of our own kind

    async def run(self, hear: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        """See `Bus.run`."""
        self._hear, self._turned = hear, turned
        self._joined.add(self)
        self._tell()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._joined.discard(self)
            turned(False)
            self._tell()

    def _tell(self) -> None:
        for one in self._joined:
            one._turned(not one.alone)  # noqa: SLF001 -- of our own kind


def _ignore(_heard: object) -> None:
    """Nobody has joined yet."""
