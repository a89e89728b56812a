# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The web server in front of the application: its limits, its start and its end."""

from __future__ import annotations

import asyncio
import gc
import socket
from typing import TYPE_CHECKING

import uvicorn
import websockets.http11
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fachwerk_media.app import application
from fachwerk_media.node import Node

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import FrameType

    from fachwerk_media.settings import Settings

URL_LIMIT_BYTES = 128 << 10
"""A join request of 64 KiB in base64, and a token."""
HEADERS_LIMIT, HEADER_LIMIT_BYTES = 100, 32 << 10
MESSAGE_LIMIT_BYTES = 1 << 20
"""One signalling message: an offer with 400 sections is half of it."""
BACKLOG = 512
PING_S = 20.0
"""Silent signalling connections are found dead after this and as much again."""

# The default of 8 KiB is less than an offer without compression. Beyond its limit this parser does not answer at all,
# so Http refuses before it: with the same limit.
websockets.http11.MAX_LINE_LENGTH = URL_LIMIT_BYTES + 64


class Http(HttpToolsProtocol):
    """HTTP with bounded request lines and headers; more is answered with 400."""

    def on_url(self, url: bytes) -> None:
        """Take in a part of the URL."""
        super().on_url(url)
        if len(self.url) > URL_LIMIT_BYTES:
            raise ValueError("URL too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take in a header."""
        super().on_header(name, value)
        if len(self.headers) > HEADERS_LIMIT or len(name) + len(value) > HEADER_LIMIT_BYTES:
            raise ValueError("headers too long")


class Server(uvicorn.Server):
    """Serves one node: says when it is ready, and sends everybody away before it ends."""

    def __init__(self, settings: Settings) -> None:
        """Bind the signalling port; raises OSError if it is taken."""
        self.node = Node(settings)
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leaving: Future[None] | None = None
        self._listening = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
        super().__init__(
            uvicorn.Config(
                application(self.node),
                lifespan="off",
                log_config=None,
                access_log=False,  # request lines carry tokens
                http=Http,
                ws="websockets-sansio",
                ws_max_size=MESSAGE_LIMIT_BYTES,
                ws_per_message_deflate=False,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                timeout_graceful_shutdown=max(1, round(settings.drain_s)),
                server_header=False,
            )
        )

    async def run_until_told(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises OSError if a media port is taken."""
        await self.serve(sockets=[self._listening])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the media ports, then accept connections."""
        self._loop = asyncio.get_running_loop()
        await self.node.start()
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what was loaded stays; collections look only at what came later
        if not self.should_exit:
            host, port = self._listening.getsockname()[:2]
            candidates = " ".join(":".join(line.split()[4:6]) for line in self.node.mux.candidates())
            print(f"fachwerk-media ready: http://{host}:{port} media {candidates}", flush=True)  # noqa: T201

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal: the first one lets rooms go on for `leave_s`, the second ends them."""
        if self._leaving is None and self._loop is not None:
            self._leaving = asyncio.run_coroutine_threadsafe(self._leave(sig, frame), self._loop)
        else:
            super().handle_exit(sig, frame)

    async def _leave(self, sig: int, frame: FrameType | None) -> None:
        await self.node.leave()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to clients while their sockets are open."""
        await self.node.drain()
        await super().shutdown(sockets)
