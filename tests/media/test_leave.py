# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A media process that is told to end: open rooms go on for a while, new ones begin elsewhere."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.media.process import MediaProcess, access_token

LEAVE_S = 30


def join(server: MediaProcess, who: str, room: str) -> ClientConnection:
    token = access_token(who, room)
    return connect(f"{server.ws}/rtc?access_token={token}&protocol=15", open_timeout=10)


def wait_until_leaving(server: MediaProcess) -> None:
    until = time.monotonic() + 10
    while httpx2.get(f"{server.url}/readyz").status_code != 503:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_open_rooms_go_on_and_new_ones_are_refused() -> None:
    with MediaProcess(leave_s=LEAVE_S) as server, join(server, "ada", "r1") as ada:
        assert httpx2.get(f"{server.url}/readyz").text == "ok\n"
        os.kill(server.pid, signal.SIGTERM)
        wait_until_leaving(server)
        assert httpx2.get(f"{server.url}/healthz").text == "ok\n"
        with join(server, "bea", "r1"):
            ada.ping().wait(5)
        with pytest.raises(InvalidStatus) as refused:
            join(server, "cem", "r2")
        assert (refused.value.response.status_code, refused.value.response.body) == (
            503,
            b"this process ends and opens no room any more",
        )
        ada.close()
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < LEAVE_S / 2


def test_after_the_grace_time_everybody_is_sent_elsewhere() -> None:
    with MediaProcess(leave_s=1) as server, join(server, "ada", "r1") as ada:
        began = time.monotonic()
        os.kill(server.pid, signal.SIGTERM)
        with contextlib.suppress(ConnectionClosed):
            while True:
                ada.recv(timeout=15)
        assert time.monotonic() - began >= 0.9
        assert server.stop() == 0


def test_the_process_never_loads_pyav() -> None:
    # x264 and x265, which its wheel carries, are licensed under the GPL; our images do without
    program = "import sys, fachwerk_media.__main__; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "'pylibsrtp'" in loaded.stdout
    assert "'av'" not in loaded.stdout
    assert "'aiortc'" not in loaded.stdout
