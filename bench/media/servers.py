# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The two servers, ours and livekit-server. Both without congestion control: the clients give no feedback."""

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

READY_S = 20.0
LIVEKIT = Path(os.environ.get("FW_CACHE", "~/.cache/fachwerk-stack")).expanduser() / "bin/livekit-server"
"""Built by tests/stack/livekit.sh."""


class Server(NamedTuple):
    """A running one."""

    name: str
    pid: int
    url: str
    key: str
    secret: str


@contextmanager
def ours() -> Iterator[Server]:
    """`fachwerk-media` on free ports."""
    secret = secrets.token_hex(24)
    settings = {"PORT": "0", "UDP_PORT": "0", "TCP_PORT": "0", "API_SECRET": secret, "LOG_LEVEL": "warning"}
    settings["LOUDEST"] = "1000"  # every microphone is forwarded, as the peer does
    environment = os.environ | {f"FACHWERK_MEDIA_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "fachwerk_media"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            ready = re.search(r"http://(\S+)", line)
            if ready is None:
                raise RuntimeError(f"fachwerk-media is not ready: {line}")
            yield Server("fachwerk-media", process.pid, f"ws://{ready[1]}", "fachwerk", secret)
        finally:
            process.terminate()


@contextmanager
def livekit() -> Iterator[Server]:
    """livekit-server on free ports. Raises FileNotFoundError if it is not built."""
    ports = _free_ports(2)
    secret = secrets.token_hex(24)
    settings = f"""
port: {ports[0]}
bind_addresses: ["127.0.0.1"]
keys: {{bench: {secret}}}
logging: {{level: warn}}
rtc:
  udp_port: {ports[1]}
  tcp_port: 0
  use_external_ip: false
  node_ip: 127.0.0.1
  enable_loopback_candidate: true
  use_ice_lite: true
  interfaces: {{includes: [lo]}}
  congestion_control: {{enabled: false}}
"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "livekit.yaml")
        file.write_text(settings, encoding="utf-8")
        with subprocess.Popen(
            [LIVEKIT, "--config", file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                _wait(ports[0])
                yield Server("livekit-server", process.pid, f"ws://127.0.0.1:{ports[0]}", "bench", secret)
            finally:
                process.terminate()


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _wait(port: int) -> None:
    end = time.monotonic() + READY_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
