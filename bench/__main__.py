# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench [NAME...]`: run all benchmarks, or those named, one after another."""

import argparse
import subprocess
import sys

BENCHMARKS = ("chat", "directory", "federation", "files", "media")
"""Modules of this package. Each runs by itself too: `python -m bench.chat --help`."""


def main() -> int:
    """Run them in processes of their own, so that none measures the memory of another. 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Tables here, JSON in build/bench.")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"default: {' '.join(BENCHMARKS)}")
    names = parser.parse_args().name or BENCHMARKS
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    failed = [name for name in names if subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
