# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.federation`: from one ministry to another, end to end, 10 messages a second in one room.

Both installations are whole, and on this machine: server, worker, bridge and Synapse, on PostgreSQL with fsync.
A message's time runs from its acknowledgement at the sender's socket to its arrival at a reader's socket over there.
The CPU is that of the whole machine: eight processes and PostgreSQL's are all on the way of a message.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from bench.report import Figure, report
from tests.conftest import async_url
from tests.federation.ministry import Ministry
from tests.federation.talk import Talk, open_room, until
from tests.house.client import SocketClient
from tests.stack.component import Postgres, Synapse

PER_S = 10.0
WARM_UP = 20
"""Messages before those that count."""
SETTLED_S = 240.0
LAST_WAIT_S = 60.0
"""So long the last messages may take after the last was sent."""


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.federation")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of the run")
    parser.add_argument("--quick", action="store_true", help="a second: does it run?")
    arguments = parser.parse_args()
    count = int(PER_S * (1.0 if arguments.quick else arguments.seconds))
    latencies, cpu_s = asyncio.run(measure(count))
    report("federation-quick" if arguments.quick else "federation", figures(latencies, count, cpu_s))
    return 0


async def measure(count: int) -> tuple[list[float], float]:
    """Milliseconds of each message that arrived, out of `count`; seconds of CPU that they cost."""
    async with (
        two_ministries() as (north, south),
        open_room(north, south) as talk,
        talk.north.client.following(talk.north.room) as here,
        talk.south.client.following(talk.south.room) as there,
    ):
        await run(talk, here, there, WARM_UP, "warm")
        before = busy_s()
        return await run(talk, here, there, count, "run"), busy_s() - before


def busy_s() -> float:
    """Seconds that this machine's processors have worked."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


@asynccontextmanager
async def two_ministries() -> AsyncIterator[tuple[Ministry, Ministry]]:
    """Both on one PostgreSQL whose commits are on the disk."""
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as folder, Postgres(durable=True) as postgres:
        made = []
        for key, people in (("nord", ("nora",)), ("sued", ("sara",))):
            place = Path(folder) / key
            place.mkdir()
            synapse = Synapse(f"{key}.localhost", postgres.url(f"synapse_{key}"), Path(folder) / "authority")
            urls = [async_url(postgres.url(postgres.create_database())) for _ in range(2)]
            made.append(Ministry(place, key, synapse, *urls, *people))
        north, south = made
        north.know(south)
        south.know(north)
        with north.synapse, south.synapse:
            try:
                for ministry in made:
                    await ministry.start()
                    await settled(ministry.synapse)
                yield north, south
            finally:
                for ministry in made:
                    await ministry.stop()


async def settled(synapse: Synapse) -> None:
    """Wait until a new homeserver has made its indexes: it does that once, in the background, for most of a minute."""
    connection = await asyncpg.connect(synapse.settings["SYN_DATABASE"])

    async def is_settled() -> bool:
        left: int = await connection.fetchval("SELECT count(*) FROM background_updates")
        return not left

    try:
        await until(is_settled, SETTLED_S)
    finally:
        await connection.close()


async def run(talk: Talk, here: SocketClient, there: SocketClient, count: int, tag: str) -> list[float]:
    """Send at a fixed pace; returns the milliseconds of those that arrived."""
    acknowledged: dict[str, float] = {}
    arrived: dict[str, float] = {}

    async def hear_acks() -> None:
        while len(acknowledged) < count:
            frame = await here.hear()
            if frame.get("t") == "ack":
                acknowledged[frame["id"]] = time.perf_counter()
            elif frame.get("t") == "problem":
                raise RuntimeError(frame["problem"])

    async def hear_there() -> None:
        while len(arrived) < count:
            message = (await there.hear()).get("e", {}).get("message", {})
            text = str(message.get("text", ""))
            if text.startswith(f"{tag}-"):
                arrived[text] = time.perf_counter()

    hearing = [asyncio.create_task(hear_acks()), asyncio.create_task(hear_there())]
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / PER_S - time.perf_counter()))
        name = f"{tag}-{number:06d}"
        await here.say(t="send", id=name, room=talk.north.room, text=name)
    done, late = await asyncio.wait(hearing, timeout=LAST_WAIT_S)
    for task in late:
        task.cancel()
    for task in done:
        task.result()
    return [(arrived[name] - acknowledged[name]) * 1000 for name in arrived.keys() & acknowledged.keys()]


def figures(latencies: list[float], count: int, cpu_s: float) -> list[Figure]:
    """What is reported of a run."""
    ordered = sorted(latencies)

    def percentile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")

    values = {
        "federation.p50_ms": (percentile(0.5), "ms"),
        "federation.p95_ms": (percentile(0.95), "ms"),
        "federation.delivered": (len(ordered) / count, "share"),
        "federation.cpu_ms_per_message": (cpu_s / count * 1000, "ms"),
    }
    case = f"{PER_S:.0f}-per-s"
    return [Figure(metric=name, case=case, value=value, unit=unit) for name, (value, unit) in values.items()]


if __name__ == "__main__":
    sys.exit(main())
