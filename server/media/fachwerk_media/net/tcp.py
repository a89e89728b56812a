# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""ICE over TCP for networks without UDP: the passive side. Source: RFC 6544 section 4, RFC 4571 (framing)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from fachwerk_media.net.path import Path, Peers

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters
    from fachwerk_media.net.ice import Agent

FRAME_LIMIT_BYTES = 2048
FIRST_FRAME_S = 10.0
"""A connection that proves nothing within this time is closed."""
SILENCE_S = 60.0
BACKLOG_BYTES = 256 << 10
"""Unsent bytes to one peer beyond which its media is dropped: late sound is worth less than none."""
CONNECTIONS_LIMIT = 1000


class TcpListener:
    """A listening socket on one address and the peers connected to it."""

    def __init__(self, address: str, agent: Agent, counters: Counters) -> None:
        self.address = address
        self.port = 0
        self.peers: Peers = {}
        self._agent = agent
        self._counters = counters
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, port: int) -> None:
        """Listen; raises OSError if the port is taken."""
        self._server = await asyncio.start_server(self._connected, self.address, port, limit=1 << 16)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Close the listener and every connection."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.close()
            await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= CONNECTIONS_LIMIT:
            self._counters.strangers += 1
            writer.close()
            return
        self._open.add(writer)
        remote = writer.get_extra_info("peername")[:2]

        def send(datagram: bytes, _: object) -> None:
            transport = writer.transport
            # writing to a peer that has just closed raises inside the fan-out and would cut off everyone behind it
            if not transport.is_closing() and transport.get_write_buffer_size() < BACKLOG_BYTES:
                writer.write(len(datagram).to_bytes(2, "big") + datagram)

        path = Path(self.address, writer, remote, send, self.peers)
        try:
            await self._read(reader, path)
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            self._counters.tcp_ended += 1
        finally:
            transport = self.peers.pop(writer, None)
            if transport is not None:
                transport.lost(path)
            self._open.discard(writer)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, path: Path) -> None:
        """Frames until the peer goes, is silent or breaks the rules; the first one must be a valid check."""
        while True:
            wait_s = SILENCE_S if path.address in self.peers else FIRST_FRAME_S
            size = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), wait_s), "big")
            if not 0 < size <= FRAME_LIMIT_BYTES:
                return
            frame = await asyncio.wait_for(reader.readexactly(size), FIRST_FRAME_S)
            now, kind = time.monotonic(), frame[0]
            if kind < 4:
                self._agent.check(frame, path, now)
            transport = self.peers.get(path.address)
            if transport is None:
                self._counters.strangers += 1
                return
            if 127 < kind < 192:
                transport.on_srtp(frame, now)
            elif 19 < kind < 64:
                transport.on_dtls(frame)
