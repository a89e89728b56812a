# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The port to the other processes of an installation (decision 13)."""

from collections.abc import Callable
from typing import Protocol


class Bus(Protocol):
    """Carries short messages to all other processes. It may lose, double and reorder them; the database has it all."""

    @property
    def alone(self) -> bool:
        """Whether there is no other process that could hear anything, so that nothing need be said."""
        ...

    async def publish(self, payload: bytes) -> None:
        """Hand over one message. Raises ConnectionError while there is no way to the others."""
        ...

    async def run(self, hear: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        """Stay joined for ever.

        hear: a message of another process; one's own does not come back. turned: the way to the others
        is open (True) or broken (False) from now on; what is said while it is broken never comes.
        """
        ...
