# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A process of an installation, to be ended and begun again."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

READY_S = 90.0
STOP_S = 15.0


class Process:
    """`python -m ARGUMENTS`, with a log that is kept over restarts. health: an address that answers 200 when ready."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], log: Path, health: str = "") -> None:
        self._command = [sys.executable, "-m", *arguments]
        self._environment, self._log, self._health = environment, log, health
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError with its last words."""
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log)
        until = time.monotonic() + READY_S
        while self._health and not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{self._command} does not answer:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM."""
        self._end(kill=False)

    def kill(self) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        self._end(kill=True)

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(errors="replace")

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        (process.kill if kill else process.terminate)()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)
            raise

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._health, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False
