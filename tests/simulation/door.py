# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One address before several servers, as a load balancer gives it: TCP, in turn, to the next that takes it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from itertools import cycle, islice
from typing import Self

from tests.simulation.process import ELSEWHERE

CHUNK_BYTES = 1 << 16


class Door:
    """port: the address. ports: of the servers. only: the place of the one that new connections go to, while set."""

    def __init__(self, port: int, ports: list[int]) -> None:
        self._port, self._ports = port, ports
        self._turn = cycle(range(len(ports)))
        self.only: int | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Self]:
        """Let people in meanwhile."""
        passing: set[asyncio.Task[None]] = set()

        def let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(self._pass(reader, writer))
            passing.add(task)
            task.add_done_callback(passing.discard)

        server = await asyncio.start_server(let_in, "127.0.0.1", self._port)
        try:
            yield self
        finally:
            server.close()
            for task in list(passing):
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until either side ends; then neither is left."""
        with closing(writer), suppress(ConnectionError):
            their_reader, their_writer = await self._connect()
            with closing(their_writer):
                ways = [
                    asyncio.ensure_future(_copy(one, other))
                    for one, other in ((reader, their_writer), (their_reader, writer))
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        places = list(islice(self._turn, len(self._ports))) if self.only is None else [self.only]
        if self.only is None:
            next(self._turn)  # the next one begins with another server
        for place in places:
            with suppress(ConnectionError):
                return await asyncio.open_connection("127.0.0.1", self._ports[place], local_addr=ELSEWHERE)
        raise ConnectionRefusedError("no server takes it")


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while received := await reader.read(CHUNK_BYTES):
        writer.write(received)
        await writer.drain()
