# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a run of the tests saw of the real components, and measured; `report.py` writes it down at the end."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil


@dataclass
class Seen:
    """One kind of component in this run. starts_s, memory_mb: of every instance. areas: folders of the tests."""

    version: str = ""
    starts_s: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    areas: set[str] = field(default_factory=set)
    tests: int = 0


COMPONENTS: dict[str, Seen] = defaultdict(Seen)
FIGURES: dict[str, float] = {}
"""What was measured, by name with its unit; printed at the end and kept, never asserted on."""


@contextmanager
def starting(script: str, version: str) -> Iterator[None]:
    """Note how long a start takes."""
    began = time.monotonic()
    yield
    COMPONENTS[script].version = version
    COMPONENTS[script].starts_s.append(time.monotonic() - began)


def ending(script: str, pid: int) -> None:
    """Note what memory it has, its children's included."""
    try:
        main = psutil.Process(pid)
        family = [main, *main.children(recursive=True)]
        COMPONENTS[script].memory_mb.append(sum(process.memory_info().rss for process in family) / 1e6)
    except psutil.NoSuchProcess:
        return
