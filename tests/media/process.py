# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A media process of its own for tests that talk to it from outside, and tokens for it."""

import datetime
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from livekit import api

KEY = "fachwerk"
SECRET = "test-secret-of-the-media-process-0123456789"
READY_S = 20.0


def access_token(
    identity: str,
    room: str = "r1",
    *,
    lifetime_s: float = 3600,
    key: str = KEY,
    secret: str = SECRET,
    **grants: Any,
) -> str:
    """A LiveKit token as the stock library makes it."""
    video = api.VideoGrants(room_join=True, room=room)
    for name, value in grants.items():
        setattr(video, name, value)
    token = api.AccessToken(key, secret).with_identity(identity).with_name(identity.title()).with_grants(video)
    return token.with_ttl(datetime.timedelta(seconds=lifetime_s)).to_jwt()


class MediaProcess:
    """`fachwerk-media` on free ports. Its log goes to a file that is shown if it does not end cleanly."""

    def __init__(self, **settings: object) -> None:
        self._settings = {"port": 0, "udp_port": 0, "tcp_port": 0, "api_key": KEY, "api_secret": SECRET, **settings}
        self.url = ""
        self._crashed = False
        self.media: list[tuple[str, int]] = []
        """Candidates: address and port, UDP first."""

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FACHWERK_MEDIA_")}
        environment |= {f"FACHWERK_MEDIA_{name.upper()}": str(value) for name, value in self._settings.items()}
        self._folder = tempfile.TemporaryDirectory(prefix="media")
        self._log = Path(self._folder.name, "log")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fachwerk_media"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.pid = self._process.pid
        watchdog = threading.Timer(READY_S, self._process.kill)
        watchdog.start()
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        watchdog.cancel()
        ready = re.match(r"fachwerk-media ready: (http://\S+) media (.*)", line)
        assert ready is not None, f"not ready: {line!r} {self.log()}"
        self.url = ready[1]
        self.media = [(host, int(port)) for host, _, port in (word.rpartition(":") for word in ready[2].split())]
        return self

    @property
    def ws(self) -> str:
        """Address for clients."""
        return self.url.replace("http", "ws", 1)

    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(encoding="utf-8")

    def crash(self) -> None:
        """Kill it as a power cut would."""
        self._process.kill()
        self._process.wait(20)
        self._crashed = True

    def stop(self) -> int:
        """End it as an orchestrator does; its exit code."""
        self._process.terminate()
        return self._process.wait(20)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        code = self.stop()
        log = self.log()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()
        assert code == 0 or self._crashed, f"media process ended with {code}: {log[-4000:]}"
        assert "Traceback" not in log, log[-4000:]
