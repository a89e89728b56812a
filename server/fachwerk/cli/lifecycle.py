# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How a process shows itself to operators and how it ends: unready, sockets, requests, gone."""

import asyncio
import contextvars
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from fachwerk.app import House
from fachwerk.kernel.log import logger

log = logger("process")


class Server(uvicorn.Server):
    """Serves a house. The first signal drains it, a second one ends it at once. Ends with exit code 0.

    Draining: /readyz says no while everything goes on (whoever distributes requests needs a moment to notice), then
    sockets are sent elsewhere one after the other, then requests finish. All of it happens in here: an image
    without a shell has no hook that could wait before the signal.
    """

    def __init__(self, house: House, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._house = house
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, and answer operators beside it, until told to end."""
        self._loop = asyncio.get_running_loop()
        async with operators(self._house):
            await super().serve(sockets)
        if self._draining:
            await self._draining

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal, between any two instructions of the loop's thread."""
        del sig, frame
        assert self._loop is not None, "signals are caught while serving"
        # it may come in the middle of somebody's request, whose log context is none of its own
        self._loop.call_soon_threadsafe(self._told_to_end, context=contextvars.Context())

    def _told_to_end(self) -> None:
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        else:
            self.force_exit = self.should_exit
            self.should_exit = True

    async def _drain(self) -> None:
        chosen, health = self._house.settings.operations, self._house.health
        health.draining = True
        log.info("draining", delay_s=chosen.drain_delay_s, window_s=chosen.drain_window_s)
        try:
            await asyncio.sleep(chosen.drain_delay_s)
            dismissed = await self._house.hub.dismiss(chosen.drain_window_s)
            log.info("drained", sockets=dismissed)
        finally:
            self.should_exit = True


class _Beside(uvicorn.Server):
    """A second server in the same loop: signals are the first one's business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def operators(house: House) -> AsyncIterator[None]:
    """Answer /healthz, /readyz and /metrics on the operators' port meanwhile, if one is set.

    Raises SystemExit with a sentence when the port cannot be had.
    """
    host, port = house.settings.operations.host, house.settings.operations.port
    if port is None:
        yield
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SystemExit(f"cannot listen for operators on {host}:{port}: {error.strerror}") from error
    config = uvicorn.Config(
        Starlette(routes=house.health.routes(metrics_for_all=True)),
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Beside(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
