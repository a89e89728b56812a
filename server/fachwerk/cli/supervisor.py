# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One parent for the processes of a machine: it restarts what dies and ends all of them together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Self

TEND_S = 0.2
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.5, 10.0
"""Wait before a restart; doubled while a child dies within STABLE_S of its start."""
STABLE_S = 30.0
STOP_S = 10.0
"""How long children get to end by themselves."""
PR_SET_PDEATHSIG = 1
"""prctl(2): have the kernel end a child whose parent is gone."""


@dataclass(slots=True)
class Child:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    again_at: float = 0.0
    wait_s: float = BACKOFF_MIN_S


@dataclass(slots=True)
class Supervisor:
    """Starts its children on entering and ends them on leaving."""

    children: Sequence[Child]
    _stopping: bool = field(default=False, init=False)

    def __enter__(self) -> Self:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        for child in self.children:
            _start(child)
        return self

    def __exit__(self, *_exception: object) -> None:
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.terminate()
        until = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def watch(self) -> None:
        """Tend the children until told to stop."""
        while not self._stopping:
            self.tend()
            time.sleep(TEND_S)

    def tend(self) -> None:
        """Restart what has died, once its wait is over. Raises SystemExit after a signal to stop."""
        if self._stopping:
            raise SystemExit(0)
        now = time.monotonic()
        for child in self.children:
            if child.process and child.process.poll() is not None:
                sys.stderr.write(f"{child.name} ended with {child.process.returncode}, starting it again\n")
                child.process = None
                child.wait_s = BACKOFF_MIN_S if now - child.began > STABLE_S else min(child.wait_s * 2, BACKOFF_MAX_S)
                child.again_at = now + child.wait_s
            if child.process is None and now >= child.again_at:
                _start(child)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def _start(child: Child) -> None:
    child.began = time.monotonic()
    # A session of its own: Ctrl+C reaches the parent alone, which then ends them in order.
    child.process = subprocess.Popen(  # noqa: S603 -- commands of our own
        child.command,
        env=os.environ | child.environment,
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 -- there are no threads in the parent
    )


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
