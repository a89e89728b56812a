# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk serve` as a process of its own, to be killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fachwerk.settings import PREFIX, Settings

READY_S = 60.0
STOP_S = 15.0
ELSEWHERE = ("127.0.0.2", 0)
"""Who asks a port of its own address, where nobody listens yet, may be given that very port and meet itself."""


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the process reads them; nothing of ours leaks in from outside."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return clean | settings_as_environment(settings)


def settings_as_environment(settings: Settings) -> dict[str, str]:
    """What differs from the defaults, alone."""
    return dict(_names(settings.model_dump(exclude_unset=True), PREFIX))


def _names(section: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in section.items():
        if isinstance(value, dict):
            yield from _names(value, f"{prefix}{name.upper()}__")
        elif isinstance(value, tuple | list):
            yield prefix + name.upper(), json.dumps(value)
        else:
            yield prefix + name.upper(), str(value)


class ServerProcess:
    """A server over a migrated database. Its log is a file in `folder`, kept over restarts."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.origin = settings, settings.http.origin
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and not ended by us."""
        return self._process is not None

    def start(self) -> None:
        """Start it, again after a kill, and wait until it answers. Raises RuntimeError with its last words."""
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fachwerk", "serve"], env=environment(self.settings), stdout=log, stderr=log
            )
        until = time.monotonic() + READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server does not answer:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        self._end(kill=True)

    def stop(self) -> int:
        """SIGTERM, as an orchestrator ends it. Its exit code."""
        return self._end(kill=False)

    def wait(self) -> int:
        """Its exit code, once it has ended by itself. Raises subprocess.TimeoutExpired if it does not."""
        assert self._process is not None
        code = self._process.wait(STOP_S)
        self._process = None
        return code

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(errors="replace")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.runs:
            self.stop()

    def _end(self, *, kill: bool) -> int:
        assert self._process is not None
        process, self._process = self._process, None
        (process.kill if kill else process.terminate)()
        try:
            return process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_S)
            raise

    def _answers(self) -> bool:
        port = self.settings.http.port
        with closing(HTTPConnection("127.0.0.1", port, timeout=5, source_address=ELSEWHERE)) as connection:
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == HTTPStatus.OK
            except OSError:
                return False
