# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.directory`: a ministry of 40 departments and 5,000 people from a file, with a real Keycloak.

Planned, made, made again, reorganised (200 people move), and the reorganisation taken back, each by the command that an
operator says, from its start to its end; the database is SQLite with every commit on the disk. Before that, what people
ask of a directory of 70,000 (`lookups`).
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from bench.directory import lookups
from bench.report import Figure, report
from tests.stack.component import Keycloak

DEPARTMENTS, PEOPLE, MOVING = 40, 5_000, 200


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.directory")
    parser.add_argument("--quick", action="store_true", help="a hundredth of it: does it run?")
    quick = parser.parse_args().quick
    departments, people, moving = (4, 50, 2) if quick else (DEPARTMENTS, PEOPLE, MOVING)
    case = f"{departments}-departments-{people}-people"
    figures = asyncio.run(lookups.measure(lookups.QUICK if quick else lookups.WHOLE))
    found = measure(departments, people, moving)
    figures += [Figure(metric=f"directory.{name}", case=case, value=value, unit="s") for name, value in found.items()]
    report("directory-quick" if quick else "directory", figures)
    return 0


def ministry(departments: int, people: int, moved: int) -> str:
    """The file. moved: so many of the people are one department further than they were."""
    rows = ["kind;key;name;given_name;parent;email;lead"]
    rows += [f"department;D{n:02};Referat {n:02};;{f'D{n % 5:02}' if n >= 5 else ''};;" for n in range(departments)]
    for n in range(people):
        key = (n + (n < moved)) % departments
        lead = "x" if departments <= n < 2 * departments and n >= moved else ""
        rows.append(f"person;person{n:05};Probe{n:05};Paula;D{key:02};person{n:05}@ministerium.example;{lead}")
    return "\n".join(rows) + "\n"


def measure(departments: int, people: int, moving: int) -> dict[str, float]:
    """Wall seconds of each command, and the server's own processor seconds of the two longest."""
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as name, Keycloak() as keycloak:
        folder = Path(name)
        office = Office(folder, keycloak)
        office.say("migrate")
        office.say("idp", "setup", *office.administrator)
        before, after = folder / "before.csv", folder / "after.csv"
        before.write_text(ministry(departments, people, 0))
        after.write_text(ministry(departments, people, moving))
        found = {}
        found["plan_s"], said = office.timed("org", "plan", str(before), *office.administrator)
        assert len(said.splitlines()) == 2 * departments + 2 * people, said[-500:]
        cpu = office.cpu_s()
        found["apply_s"], said = office.timed("org", "apply", str(before), *office.administrator)
        found["apply_cpu_s"] = office.cpu_s() - cpu
        assert f"done: plan 1, {2 * departments + 2 * people} steps" in said, said[-500:]
        found["second_apply_s"], said = office.timed("org", "apply", str(before), *office.administrator)
        assert said == "nothing to do\n", said[-500:]
        found["reorganise_s"], said = office.timed("org", "apply", str(after), *office.administrator)
        moves = re.search(r"done: plan 2, (\d+) steps", said)
        assert moves, said[-500:]
        assert int(moves[1]) >= 2 * moving, said[-500:]
        found["undo_s"], said = office.timed("org", "undo", "2", *office.administrator)
        assert "done: plan 3" in said, said[-500:]
        assert office.say("org", "plan", str(before), *office.administrator) == "nothing to do\n"
        return found


class Office:
    """An installation of its own, and its realm."""

    def __init__(self, folder: Path, keycloak: Keycloak) -> None:
        realm = f"{keycloak.address}/realms/b{uuid.uuid4().hex[:12]}"
        self.administrator = ("--admin-password-file", str(keycloak.password_file))
        self._environment = os.environ | {
            "FACHWERK_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/fachwerk.db",
            "FACHWERK_FILES__MASTER_KEY_FILE": str(folder / "master.key"),
            "FACHWERK_FILES__BLOBS_DIR": str(folder / "blobs"),
            "FACHWERK_CALLS__API_SECRET_FILE": str(folder / "media.secret"),
            "FACHWERK_IDENTITY__PROVIDER": "oidc",
            "FACHWERK_IDENTITY__ISSUER": realm,
            "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(folder / "client.secret"),
            "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(folder / "directory.secret"),
        }

    def say(self, *words: str) -> str:
        """What the command prints. Raises RuntimeError if it fails."""
        command = [sys.executable, "-m", "fachwerk", *words]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def timed(self, *words: str) -> tuple[float, str]:
        """Wall seconds, and what it prints."""
        began = time.perf_counter()
        said = self.say(*words)
        return time.perf_counter() - began, said

    @staticmethod
    def cpu_s() -> float:
        """Processor seconds of all commands that ended so far."""
        times = os.times()
        return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main())
