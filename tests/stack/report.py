# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""At the end of a run: the figures, and the table of the components in build/test/stack.md.

`python -m tests.stack.report` (part of `make docs`) puts the last run's table into the documents.
"""

import json
from pathlib import Path

import pytest

from tests.stack.record import COMPONENTS, FIGURES

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build/test"
DOCUMENT = ROOT / "docs/operations/stack.md"
MARK = "<!-- written by the tests -->\n"
WHOLE_STACK = {"whole_stack"}
TITLES = {
    "postgres": "PostgreSQL",
    "nats": "NATS",
    "keycloak": "Keycloak",
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
    """Print the figures; write both."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if FIGURES:
        terminalreporter.section("measured")
        for name, value in FIGURES.items():
            terminalreporter.line(f"{value:10.2f}  {name}")
        (BUILD / "figures.json").write_text(json.dumps(FIGURES, indent=2) + "\n")
    if any(seen.starts_s for seen in COMPONENTS.values()):
        (BUILD / "stack.md").write_text(table())


def table() -> str:
    """The table, one component a line."""
    lines = [
        "| component | version | start | memory | tests | of |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for script, title in TITLES.items():
        seen = COMPONENTS.get(script)
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
    DOCUMENT.write_text(head + mark + "\n" + (BUILD / "stack.md").read_text())


if __name__ == "__main__":
    main()
