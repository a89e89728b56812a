# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An event loop whose time passes only when there is nothing else to do: an hour of waiting takes no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Instead of waiting, tells how long it would have waited."""

    slept_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everybody waits and nothing can happen any more"
            self.slept_s += timeout
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """For coroutines that wait for each other and for timers, not for sockets or threads."""

    def __init__(self) -> None:
        self._slept = _Selector()
        super().__init__(self._slept)

    def time(self) -> float:
        return self._slept.slept_s


def simulate(scenario: Coroutine[Any, Any, T]) -> T:
    """Run a scenario to its end, with whatever it has started."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(scenario)
