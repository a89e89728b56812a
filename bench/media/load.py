# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One measurement: P publishers (a microphone and a camera each) and S subscribers of everything, in one room."""

import asyncio
from contextlib import AsyncExitStack
from typing import NamedTuple

import psutil

from bench.media.client import Client, access_token
from bench.media.peer import Peer, now_ns
from bench.media.servers import Server
from bench.media.sink import Sink

JOIN_S = 120
PACE_S = 0.02
WARM_S = 2.0
SETTLE_S = 4.0
"""Until every camera has sent a key frame and all subscriptions stand."""
AUDIO_LIMIT_BYTES = 300


class Case(NamedTuple):
    """How much load."""

    publishers: int
    subscribers: int
    video_pps: int = 120

    def __str__(self) -> str:
        return f"{self.publishers}x{self.subscribers}"


class Result(NamedTuple):
    """What was measured."""

    packets_per_s: float
    """Delivered to all subscribers together."""
    cpu_us_per_packet: float
    """User and system time of the server by delivered packet."""
    delivered: float
    """Share of what should have arrived."""
    rss_mb: float
    p99_ms: float
    """Added delay of audio at one subscriber."""
    cores: float


async def measure(server: Server, case: Case, seconds: float) -> Result:
    """Set up, warm up, measure, take down. Raises TimeoutError if somebody does not get in."""
    room = f"bench-{case}"
    async with AsyncExitStack() as stack:

        async def enter(name: str, *, publishes: bool) -> Client:
            token = access_token(server.key, server.secret, name, room)
            client = Client(server.url, token, publishes=publishes, receives=not publishes)
            return await stack.enter_async_context(client)

        publishers = [await enter(f"p{n}", publishes=True) for n in range(case.publishers)]
        sending = [asyncio.create_task(publisher.send_media(case.video_pps)) for publisher in publishers]
        await _all_up([peer for publisher in publishers if (peer := publisher.publisher) is not None])
        subscribers = []
        for n in range(case.subscribers):
            subscribers.append(await enter(f"s{n}", publishes=False))
            await asyncio.sleep(PACE_S)
        await _all_up([subscriber.subscriber for subscriber in subscribers])
        await asyncio.sleep(SETTLE_S)
        probe, others = subscribers[0].subscriber, [subscriber.subscriber for subscriber in subscribers[1:]]
        for peer in others:
            peer.stop_reading()
        with Sink([peer.socket for peer in others]) as sink:
            await asyncio.sleep(WARM_S)
            result = await _window(server, case, seconds, publishers, sink, probe)
        for publisher in publishers:
            publisher.stop()
        await asyncio.gather(*sending)
        return result


async def _window(
    server: Server, case: Case, seconds: float, publishers: list[Client], sink: Sink, probe: Peer
) -> Result:
    delays: list[int] = []

    def note(packet: bytes) -> None:
        if len(packet) < AUDIO_LIMIT_BYTES:
            delays.append(now_ns() - int.from_bytes(packet[-8:], "big"))

    probe.on_packet = note
    process = psutil.Process(server.pid)

    def reading() -> tuple[float, int, int, int]:
        times = process.cpu_times()
        sent = sum(publisher.sent for publisher in publishers)
        return times.user + times.system, sent, sink.packets, probe.received

    before, began = reading(), now_ns()
    await asyncio.sleep(seconds)
    after, elapsed = reading(), (now_ns() - began) / 1e9
    cpu, sent, drained, probed = (new - old for old, new in zip(before, after, strict=True))
    arrived = drained + probed
    return Result(
        arrived / elapsed,
        cpu / arrived * 1e6,
        arrived / (sent * case.subscribers),
        process.memory_info().rss / 1e6,
        sorted(delays)[int(len(delays) * 0.99)] / 1e6,
        cpu / elapsed,
    )


async def _all_up(peers: list[Peer]) -> None:
    await asyncio.wait_for(asyncio.gather(*(peer.up.wait() for peer in peers)), JOIN_S)
