# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One thing after the other for each room, rooms beside each other."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from .errors import Later, Refused
from .metrics import FAILURES

PAUSE_MIN_S, PAUSE_MAX_S = 0.2, 15.0
"""After a failed step; doubled from one to the next."""

log = structlog.get_logger(part="lanes")


class Lanes:
    """Runs `step(key)` whenever that key was woken: never twice at a time, again after a failure, until closed.

    step: returns seconds after which it wants to be woken in any case, or None.
    """

    def __init__(self, part: str, step: Callable[[str], Awaitable[float | None]]) -> None:
        self._part, self._step = part, step
        self._woken: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def wake(self, key: str) -> None:
        """There is something to do for this key."""
        event = self._woken.setdefault(key, asyncio.Event())
        event.set()
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key, event))

    def wake_all(self) -> None:
        """There may be something to do for every key that was ever woken."""
        for key in list(self._tasks):
            self.wake(key)

    async def close(self) -> None:
        """End what runs."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, key: str, woken: asyncio.Event) -> None:
        pause_s = PAUSE_MIN_S
        again_s: float | None = None
        while True:
            await _wait(woken, again_s)
            woken.clear()
            try:
                again_s = await self._step(key)
                pause_s = PAUSE_MIN_S
                continue
            except (Later, Refused) as reason:
                log.info("waits", lane=self._part, reason=str(reason))
                log.debug("waits", detail=getattr(reason, "detail", ""))
            except Exception:
                log.exception("failed", lane=self._part)
            FAILURES.labels(self._part).inc()
            # woken meanwhile or not: what failed a moment ago is not tried at once
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)
            woken.set()


async def _wait(woken: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
