# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who is asked whether they are there: where nothing is written, and clients that have been silent for long."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from fachwerk.kernel import ws
from fachwerk.kernel.ws import EXTENSION, Transport, text_frame

PING_S = 0.4
WATCH_S = 3.0
TEXT, PING = 1, 9
HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


gone = asyncio.Event()
"""Somebody had gone and was written to."""


async def writing(scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Any]) -> None:
    """Accept a socket and write to it more often than it would be asked, if its address says so."""
    await receive()
    await send({"type": "websocket.accept"})
    transport: Transport = scope["extensions"][EXTENSION]
    while True:
        if scope["path"] == "/news":
            transport.write(text_frame(b"{}"))
        try:
            async with asyncio.timeout(PING_S / 10):
                if (await receive())["type"] == "websocket.disconnect":
                    try:
                        transport.write_whole(text_frame(b"{}"))
                    finally:
                        gone.set()
                    return
        except TimeoutError:
            continue


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """A server; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        writing,
        ws=Transport,
        ws_ping_interval=PING_S,
        ws_ping_timeout=30,
        ws_per_message_deflate=False,
        log_config=None,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await running


async def heard(port: int, path: bytes) -> Counter[int]:
    """How many frames of each opcode come within WATCH_S. Pings are answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE.replace(b"GET / ", b"GET %b " % path))
    await reader.readuntil(b"\r\n\r\n")
    counts: Counter[int] = Counter()
    try:
        async with asyncio.timeout(WATCH_S):
            while True:
                first, size = await reader.readexactly(2)
                payload = await reader.readexactly(size)
                counts[first & 0x0F] += 1
                if first & 0x0F == PING:
                    writer.write(bytes((0x8A, 0x80 | size, 0, 0, 0, 0)) + payload)  # RFC 6455 section 5.5.3
    except TimeoutError:
        writer.close()
        await writer.wait_closed()
    return counts


async def test_a_socket_is_asked_when_nothing_is_written_to_it() -> None:
    async with serving() as port:
        silent, busy = await asyncio.gather(heard(port, b"/"), heard(port, b"/news"))
    assert silent[TEXT] == 0
    assert silent[PING] > 3
    assert busy[TEXT] > 3
    assert busy[PING] < silent[PING] / 2  # none at all, unless this machine stops for longer than an interval


async def test_who_says_nothing_for_long_is_asked_whatever_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ws, "HEARD_S", 2 * PING_S)
    async with serving() as port:
        busy = await heard(port, b"/news")
    assert busy[TEXT] > 1
    assert busy[PING] > 0


async def test_an_answer_to_somebody_who_has_gone_is_none(caplog: pytest.LogCaptureFixture) -> None:
    gone.clear()
    async with serving() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await asyncio.sleep(PING_S / 10)
        writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 10)
    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"] == []
