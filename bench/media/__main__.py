# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.media`: CPU per forwarded packet, loss, memory and delay, beside livekit-server in the same run.

The servers take turns, so that what else the machine does hits both. The median of the repetitions is reported.
"""

import argparse
import asyncio
import statistics
import sys

import uvloop

from bench.media.load import Case, Result, measure
from bench.media.servers import LIVEKIT, livekit, ours
from bench.report import Figure, report

CASES = (Case(4, 50), Case(8, 100))
PEER = "livekit-server"
METRICS = (
    ("media.cpu_us_per_packet", "us", lambda r: r.cpu_us_per_packet),
    ("media.delivered", "share", lambda r: r.delivered),
    ("media.rss_mb", "MB", lambda r: r.rss_mb),
    ("media.p99_ms", "ms", lambda r: r.p99_ms),
)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.media")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of one window")
    parser.add_argument("--repeat", type=int, default=3, help="windows per server and case")
    arguments = parser.parse_args()
    if not LIVEKIT.exists():
        print(f"no {LIVEKIT} (tests/stack/livekit.sh builds it): figures without a peer", file=sys.stderr)
    figures: list[Figure] = []
    for case in CASES:
        own, theirs = asyncio.run(_alternate(case, arguments.seconds, arguments.repeat))
        for metric, unit, pick in METRICS:
            peer_value = statistics.median(map(pick, theirs)) if theirs else None
            figures.append(
                Figure(
                    metric=metric,
                    case=str(case),
                    value=statistics.median(map(pick, own)),
                    unit=unit,
                    peer=PEER if theirs else None,
                    peer_value=peer_value,
                )
            )
    report("media", figures)
    return 0


async def _alternate(case: Case, seconds: float, repeat: int) -> tuple[list[Result], list[Result]]:
    """(ours, theirs); theirs is empty without livekit-server."""
    own, theirs = [], []
    for _ in range(repeat):
        with ours() as server:
            own.append(await measure(server, case, seconds))
        print(f"{case} {server.name}: {_line(own[-1])}", flush=True)
        if LIVEKIT.exists():
            with livekit() as server:
                theirs.append(await measure(server, case, seconds))
            print(f"{case} {server.name}: {_line(theirs[-1])}", flush=True)
    return own, theirs


def _line(result: Result) -> str:
    return (
        f"{result.packets_per_s:,.0f} packets/s, {result.cores:.2f} cores, {result.cpu_us_per_packet:.2f} us/packet, "
        f"{result.delivered:.4f} delivered, {result.rss_mb:.0f} MB, p99 {result.p99_ms:.1f} ms"
    )


if __name__ == "__main__":
    uvloop.install()
    sys.exit(main())
