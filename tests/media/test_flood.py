# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Junk from strangers on the media port: everybody still gets in, and memory stays."""

import asyncio
import os
import socket
import threading

import httpx2
import psutil

from bench.media.client import Client
from tests.media.process import MediaProcess, access_token

JOINS = 40
HELLO = bytes.fromhex("16fefd0000000000000000003501000029") + bytes(60)
JUNK = (
    HELLO,
    b"\x80" + os.urandom(1100),
    b"\x00\x01\x00\x00!\x12\xa4B" + bytes(12),
    os.urandom(1200),
    b"\x00\x01" + os.urandom(300),
    b"",
)


def flood(address: tuple[str, int], stop: threading.Event, sent: list[int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        while not stop.wait(0.002):
            for datagram in JUNK * 2:
                source.sendto(datagram, address)
                sent[0] += 1


async def test_everybody_gets_in_while_strangers_send_junk() -> None:
    with MediaProcess() as media:
        process = psutil.Process(media.pid)
        before = process.memory_info().rss
        address = next((host, port) for host, port in media.media if host.startswith("127."))
        stop, sent = threading.Event(), [0]
        flooding = threading.Thread(target=flood, args=(address, stop, sent))
        flooding.start()
        try:
            for number in range(JOINS):
                token = access_token(f"p{number}", f"r{number % 5}")
                async with Client(media.ws, token, publishes=True, receives=False) as client:
                    assert client.publisher is not None
                    await asyncio.wait_for(client.publisher.up.wait(), 10)
        finally:
            stop.set()
            flooding.join()
        assert sent[0] > 2000
        assert process.memory_info().rss - before < 50e6
        text = httpx2.get(f"{media.url}/metrics").text
        counts = dict(line.split() for line in text.splitlines() if line.startswith("fachwerk_media_"))
        assert float(counts["fachwerk_media_strangers_total"]) > 500
        assert float(counts["fachwerk_media_checks_refused_total"]) > 500
        assert float(counts["fachwerk_media_handshakes_failed_total"]) == 0


async def test_a_tcp_connection_that_proves_nothing_is_closed() -> None:
    with MediaProcess() as media:
        host, port = media.media[-1]
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"\x00\x10" + os.urandom(16))
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"\xff\xff" + bytes(100))
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()
