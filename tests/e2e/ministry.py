# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A whole demo ministry as `make start` runs it, in a folder of its own and on free ports."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.stack.component import free_ports

WEB = Path(__file__).parents[2] / "clients/web/dist"
READY_S = 120.0
STOP_S = 30.0


class Ministry:
    """Server, worker and media under one parent. Its output is shown if it does not start."""

    def __init__(self, folder: Path, **settings: str) -> None:
        web, media = free_ports(1), free_ports(3)
        self.folder, self.origin = folder, f"http://127.0.0.1:{web}"
        self._log = folder / "ministry.log"
        self._settings = {
            "FACHWERK_HTTP__PORT": str(web),
            "FACHWERK_HTTP__ORIGIN": self.origin,
            "FACHWERK_HTTP__WEB_DIR": str(WEB),
            "FACHWERK_CALLS__URL": f"ws://127.0.0.1:{media}",
            "FACHWERK_CALLS__API_URL": f"http://127.0.0.1:{media}",
        } | settings

    def __enter__(self) -> Self:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FACHWERK_")} | self._settings
        with self._log.open("wb") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", "fachwerk", "demo"], cwd=self.folder, env=environment, stdout=log, stderr=log
            )
        until = time.monotonic() + READY_S
        while "Ctrl+C" not in self.log():
            assert self._parent.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.2)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        children = psutil.Process(self._parent.pid).children()
        self._parent.send_signal(signal.SIGINT)
        assert self._parent.wait(STOP_S) == 0, self.log()
        assert not any(child.is_running() for child in children), "a child outlived its parent"
        assert "Traceback" not in self.log(), self.log()

    @property
    def password(self) -> str:
        """What all demo people sign in with."""
        return (self.folder / "var/keys/demo.password").read_text().strip()

    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(errors="replace")

    def kill(self, name: str) -> None:
        """SIGKILL one of the processes; its parent starts another."""
        words = {"server": "serve", "worker": "worker", "media": "fachwerk_media"}
        for child in psutil.Process(self._parent.pid).children():
            if child.cmdline()[-1] == words[name]:
                child.kill()
                return
        raise AssertionError(f"{name} does not run")

    def ready(self) -> bool:
        """Whether the server answers."""
        try:
            with urllib.request.urlopen(self.origin + "/readyz", timeout=2):
                return True
        except OSError:
            return False
