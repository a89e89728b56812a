# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.directory`: a ministry made and changed, and what is asked of a large directory; see each case.

`lookups`: names, rooms and decisions. `ministry`: from a file, with a real Keycloak. `comparing`: everybody with
Keycloak's list.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable

from bench.directory import comparing, lookups, ministry
from bench.report import Figure, report


def _lookups(*, quick: bool) -> list[Figure]:
    return asyncio.run(lookups.measure(lookups.QUICK if quick else lookups.WHOLE))


def _ministry(*, quick: bool) -> list[Figure]:
    return ministry.measure(ministry.QUICK if quick else ministry.WHOLE)


def _comparing(*, quick: bool) -> list[Figure]:
    return comparing.measure(comparing.QUICK if quick else comparing.WHOLE)


CASES: dict[str, Callable[..., list[Figure]]] = {"lookups": _lookups, "ministry": _ministry, "comparing": _comparing}


def main() -> int:
    """Measure and report; what other cases found earlier stays in the file."""
    parser = argparse.ArgumentParser(prog="python -m bench.directory")
    parser.add_argument("--case", choices=CASES, action="append", help="default: all of them, one after the other")
    parser.add_argument("--quick", action="store_true", help="a hundredth of it: does it run?")
    arguments = parser.parse_args()
    for name in arguments.case or CASES:
        report("directory-quick" if arguments.quick else "directory", CASES[name](quick=arguments.quick), keep=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
