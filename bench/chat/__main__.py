# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.chat`: durable messages, deliveries and their price, through the real handler.

`8x50`: one room of 50 who all read, eight of them write as fast as their own message is acknowledged.
`10000`: 10,000 sockets in 200 rooms, 200 messages a second in all. `64`: one room of 64 who all read and
all write; `8x8`: the same people in eight rooms, where a message costs less to pass on. SQLite runs with
synchronous=FULL, PostgreSQL with fsync; `pgnats` is two processes with a NATS between them. After each
run the database must hold what was acknowledged, gapless.

The peer is ejabberd on the same PostgreSQL server, right afterwards, with the same people, rooms and texts.
"""

import argparse
import asyncio
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bench.chat.load import Counts, Load, Lost
from bench.chat.xmpp import XmppLoad, make_rooms
from bench.report import Figure, report
from fachwerk.kernel.log import configure
from fachwerk.migrations import upgrade
from fachwerk.settings import Settings
from tests.conftest import async_url
from tests.house.house import make_settings
from tests.simulation.crowd import make_crowd
from tests.simulation.process import ServerProcess
from tests.stack.component import Component, Nats, Postgres, free_ports

WARM_UP_S = 1.0
UNLIMITED = {"commands_per_s": 1e9, "commands_burst": 1_000_000_000}
PEER = "ejabberd"


class Case(NamedTuple):
    """name: as in the figures. run: the load, for so many seconds. peer: whether ejabberd does the same."""

    name: str
    store: str
    rooms: int
    people: int
    run: Callable[[Load, float], Counts]
    peer: bool = False


class Measured(NamedTuple):
    """CPU: user and system of the server processes, without the database's."""

    counts: Counts
    warm: Counts
    cpu_s: float
    rss_kb_per_socket: float


def _eight(load: Load, seconds: float) -> Counts:
    return load.closed_loop(8, seconds)


def _sixty_four(load: Load, seconds: float) -> Counts:
    return load.closed_loop(64, seconds)


def _two_hundred_a_second(load: Load, seconds: float) -> Counts:
    return load.paced(200, seconds)


CASES = (
    Case("sqlite-8x50", "sqlite", 1, 50, _eight),
    Case("postgres-8x50", "postgres", 1, 50, _eight),
    Case("sqlite-10000", "sqlite", 200, 50, _two_hundred_a_second),
    Case("pgnats-64", "pgnats", 1, 64, _sixty_four, peer=True),
    Case("pgnats-8x8", "pgnats", 8, 8, _sixty_four, peer=True),
    Case("pgnats-10000", "pgnats", 200, 50, _two_hundred_a_second, peer=True),
)
QUICK = (
    Case("sqlite-8x50", "sqlite", 1, 50, _eight),
    Case("sqlite-200", "sqlite", 4, 50, _two_hundred_a_second),
    Case("pgnats-16", "pgnats", 2, 8, _eight),
)
"""The same on a small scale, to see that it runs."""


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.chat")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of one run")
    parser.add_argument("--case", choices=[case.name for case in CASES], action="append", help="default: all of them")
    parser.add_argument("--quick", action="store_true", help="a second each, few sockets: does it run?")
    arguments = parser.parse_args()
    configure("WARNING")
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    seconds = 1.0 if arguments.quick else arguments.seconds
    figures: list[Figure] = []
    for case in QUICK if arguments.quick else CASES:
        if arguments.case is None or case.name in arguments.case:
            figures += _figures(case, *measure(case, seconds))
    if arguments.quick:
        report("chat-quick", figures)
    else:
        report("chat", figures)
    return 0


def measure(case: Case, seconds: float) -> tuple[Measured, Measured | None]:
    """Ours and the peer's, on servers of their own. Raises Lost if anything is lost, doubled or out of order."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fachwerk-bench-")))
        if case.store == "sqlite":
            url = f"sqlite+aiosqlite:///{folder}/fachwerk.db"
            return _ours(case, seconds, folder, url), None
        postgres = stack.enter_context(Postgres(durable=True))
        ours = _ours(case, seconds, folder, async_url(postgres.url(postgres.create_database())))
        return ours, _theirs(case, seconds, postgres) if case.peer else None


def _ours(case: Case, seconds: float, folder: Path, url: str) -> Measured:
    upgrade(url)
    with ExitStack() as stack:
        bus = stack.enter_context(Nats()).access() if case.store == "pgnats" else {}
        settings = make_settings(folder, url, free_ports(1), sync=UNLIMITED, bus=bus)
        settings = settings.model_copy(update={"log_level": "WARNING"})
        crowd = uvloop.run(make_crowd(settings, rooms_count=case.rooms, people_per_room=case.people))
        first = free_ports(2)  # only now: others may have taken what was free before the crowd was made
        ports = [first, first + 1] if bus else [first]
        servers = [stack.enter_context(_server(settings, folder, port)) for port in ports]
        load = Load(settings.http.origin, crowd, ports)
        measured = _run(case, load, [server.pid for server in servers], seconds)
    asyncio.run(_check(url, measured.warm.acked + measured.counts.acked))
    return measured


@contextmanager
def _server(settings: Settings, folder: Path, port: int) -> Iterator[ServerProcess]:
    http = settings.http.model_copy(update={"port": port})
    own = folder / str(port)
    own.mkdir()
    with ServerProcess(settings.model_copy(update={"http": http}), own) as server:
        yield server


def _theirs(case: Case, seconds: float, postgres: Postgres) -> Measured | None:
    if shutil.which("apt-get") is None:
        print(f"{PEER} comes as Debian's packages only: {case.name} has no peer here", file=sys.stderr)
        return None
    database = postgres.url(postgres.create_database())
    with Component(PEER, {"EJABBERD_DATABASE": database}) as server:
        load = XmppLoad(server.port, make_rooms(case.rooms, case.people))
        return _run(case._replace(name=f"{case.name} on {PEER}"), load, [server.pid], seconds)


def _run(case: Case, load: Load, pids: Sequence[int], seconds: float) -> Measured:
    """Bring everybody in, warm up, measure."""
    processes = [psutil.Process(pid) for pid in pids]
    empty = sum(process.memory_info().rss for process in processes)
    took_s = load.connect()
    per_socket = (sum(process.memory_info().rss for process in processes) - empty) / 1024 / len(load.readers)
    warm = case.run(load, WARM_UP_S)
    before = _cpu_s(processes)
    counts = case.run(load, seconds)
    cpu_s = _cpu_s(processes) - before
    print(
        f"{case.name}: {len(load.readers) / took_s:,.0f} connects/s; {counts.sent / counts.elapsed_s:,.0f} "
        f"messages/s; latency p50 {counts.percentile_ms(0.5):.1f} p99 {counts.percentile_ms(0.99):.1f} "
        f"max {counts.percentile_ms(1):.1f} ms; {cpu_s / counts.sent * 1e6:.0f} us CPU/message",
        flush=True,
    )
    load.close()
    return Measured(counts, warm, cpu_s, per_socket)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _figures(case: Case, ours: Measured, theirs: Measured | None) -> Iterator[Figure]:
    peers = dict(_values(theirs)) if theirs else {}
    for (metric, unit), value in _values(ours):
        peer_value = peers.get((metric, unit))
        if peer_value is not None and peer_value <= 0:
            peer_value = None  # few sockets, beside a heap that its owner has just tidied
        peer = PEER if peer_value is not None else None
        yield Figure(metric=metric, case=case.name, value=value, unit=unit, peer=peer, peer_value=peer_value)


def _values(measured: Measured) -> Iterator[tuple[tuple[str, str], float]]:
    """((metric, unit), value)."""
    counts, cpu_s = measured.counts, measured.cpu_s
    yield ("chat.msgs_per_s", "1/s"), counts.acked / counts.elapsed_s
    yield ("chat.deliveries_per_s", "1/s"), counts.deliveries / counts.elapsed_s
    yield ("chat.cpu_us_per_delivery", "us"), cpu_s / counts.deliveries * 1e6
    yield ("chat.p99_ms", "ms"), counts.percentile_ms(0.99)
    yield ("chat.cores", "cores"), cpu_s / counts.elapsed_s
    yield ("chat.rss_kb_per_socket", "kB"), measured.rss_kb_per_socket


async def _check(url: str, acked: int) -> None:
    """What was acknowledged is what is stored, and every room's numbers are gapless."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        stored = (await connection.execute(text("SELECT count(*) FROM message"))).scalar_one()
        gaps = await connection.execute(
            text(
                "SELECT audience, count(*), min(event.seq), max(event.seq), max(audience.seq) "
                "FROM event JOIN audience ON audience.name = event.audience GROUP BY event.audience"
            )
        )
        for audience, count, first, last, standing in gaps:
            if not (first == 1 and last == count == standing):
                raise Lost(f"{audience}: {count} events from {first} to {last}, standing at {standing}")
    await engine.dispose()
    if stored != acked:
        raise Lost(f"{acked} acknowledged, {stored} stored")


if __name__ == "__main__":
    sys.exit(main())
