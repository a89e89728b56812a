# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""At the end of a run: the figures, and what each of its processes saw of the components, in build/test/seen.

`python -m tests.stack.report` (part of `make docs`) puts the last run's table into the documents.
"""

import json
import os
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.stack.record import COMPONENTS, FIGURES, Seen

ROOT = Path(__file__).parents[2]
SEEN = ROOT / "build/test/seen"
DOCUMENT = ROOT / "docs/operations/stack.md"
MARK = "<!-- written by the tests -->\n"
WHOLE_STACK = {"whole_stack"}
TITLES = {
    "postgres": "PostgreSQL",
    "nats": "NATS",
    "keycloak": "Keycloak",
    "slapd": "OpenLDAP",
    "minio": "MinIO",
    "versitygw": "versitygw",
    "livekit": "LiveKit",
    "synapse": "Synapse",
    "nginx": "nginx",
    "kube": "Kubernetes' control plane",
}
FIXTURES = {
    "postgres": WHOLE_STACK | {"postgres", "postgres_url", "database_url", "synapses"},
    "nats": WHOLE_STACK | {"nats"},
    "keycloak": WHOLE_STACK | {"keycloak"},
    "slapd": {"slapd"},
    "minio": WHOLE_STACK | {"minio", "object_store"},
    "versitygw": {"versitygw", "object_store"},
    "livekit": WHOLE_STACK | {"livekit"},
    "synapse": {"synapses"},
    "nginx": WHOLE_STACK,
    "kube": {"cluster"},
}
"""By which fixtures a test uses a component."""


@pytest.fixture
def figures() -> dict[str, float]:
    """See FIGURES."""
    return FIGURES


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    """A test uses what its fixtures are named after."""
    names = set(getattr(item, "fixturenames", ()))
    for script, fixtures in FIXTURES.items():
        if names & fixtures:
            seen = COMPONENTS[script]
            seen.tests += 1
            seen.areas.add("/".join(item.path.relative_to(item.config.rootpath).parts[1:-1]))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    if FIGURES:
        terminalreporter.section("measured")
        for name, value in FIGURES.items():
            terminalreporter.line(f"{value:10.2f}  {name}")


def pytest_sessionfinish() -> None:
    """Keep what this process has seen, beside what the other processes of the run have."""
    if FIGURES or any(seen.starts_s for seen in COMPONENTS.values()):
        SEEN.mkdir(parents=True, exist_ok=True)
        run = {"components": {name: asdict(seen) for name, seen in COMPONENTS.items()}, "figures": FIGURES}
        (SEEN / f"{os.getpid()}.json").write_text(json.dumps(run, indent=2, default=sorted) + "\n")


def of_last_run() -> dict[str, Seen]:
    """What all processes of the last run have seen together."""
    together: dict[str, Seen] = defaultdict(Seen)
    for path in sorted(SEEN.glob("*.json")):
        for name, part in json.loads(path.read_text())["components"].items():
            seen = together[name]
            seen.version = part["version"] or seen.version
            seen.starts_s += part["starts_s"]
            seen.memory_mb += part["memory_mb"]
            seen.areas |= set(part["areas"])
            seen.tests += part["tests"]
    return together


def table(components: dict[str, Seen]) -> str:
    """One component a line."""
    lines = [
        "| component | version | start | memory | tests | of |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for script, title in TITLES.items():
        seen = components.get(script)
        if seen and seen.starts_s:
            memory = f"{max(seen.memory_mb):.0f} MB" if seen.memory_mb else "-"
            start = f"{sorted(seen.starts_s)[len(seen.starts_s) // 2]:.1f} s"
            areas = ", ".join(sorted(seen.areas))
            lines.append(f"| {title} | {seen.version} | {start} | {memory} | {seen.tests} | {areas} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Take over the table of the last run of all tests."""
    head, mark, _ = DOCUMENT.read_text().partition(MARK)
    assert mark, f"{DOCUMENT} has no {MARK.strip()}"
    DOCUMENT.write_text(head + mark + "\n" + table(of_last_run()))


if __name__ == "__main__":
    main()
