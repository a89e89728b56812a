# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m bench.files`: the price of a gigabyte up and down, and the memory of many downloads at once.

`up`, `finish`, `down`: one file, over loopback, to a local disk, hashed, encrypted and synced.
`down-100`: a hundred downloads of 8 MiB at the same time. Every download is compared with its checksum.
With `--s3 MAKE` the parts lie in that object store, whose own CPU is not counted: cases `s3-MAKE-up` and so on.
"""

import argparse
import asyncio
import base64
import hashlib
import http.client
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.report import Figure, report
from fachwerk.core.identity import COOKIE
from fachwerk.migrations import upgrade
from tests.house.house import make_settings
from tests.simulation.crowd import Room, make_crowd
from tests.simulation.process import ServerProcess
from tests.stack.component import free_ports
from tests.stack.object_store import ObjectStore

MIB = 1024 * 1024
GB = 1e9
READ_BYTES = 256 * 1024
AT_ONCE = 100


@dataclass
class Measured:
    """One step. cpu_s: user and system of the server. rss_mb: its greatest memory meanwhile."""

    elapsed_s: float = 0.0
    cpu_s: float = 0.0
    rss_mb: float = 0.0


@dataclass
class Person:
    """One client of the API."""

    origin: str
    room: Room
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        cookie = f"{COOKIE}={self.room.people[0].cookie}"
        self.headers = {"Cookie": cookie, "Origin": self.origin, "Tus-Resumable": "1.0.0"}

    def ask(
        self, method: str, path: str, body: Iterator[bytes] | bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPMessage, bytes]:
        """One request; the whole answer. Raises RuntimeError for a refusal."""
        connection = self.send(method, path, body, **headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {answer.decode()}")
        return response.headers, answer

    def send(
        self, method: str, path: str, body: Iterator[bytes] | bytes | None = None, **headers: str
    ) -> http.client.HTTPConnection:
        """One request; the answer is still to be read."""
        connection = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=120)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, self.headers | given)
        return connection

    def create(self, size: int) -> str:
        """The path of a new upload."""
        pairs = {"filename": "bench.bin", "room": self.room.id}
        words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
        headers, _ = self.ask("POST", "/api/v1/uploads", Upload_Length=str(size), Upload_Metadata=words)
        return str(headers["Location"])

    def append(self, path: str, size_mib: int, block: bytes) -> None:
        """All of it in one request."""
        body = (block for _ in range(size_mib))
        kind = "application/offset+octet-stream"
        self.ask("PATCH", path, body, Upload_Offset="0", Content_Type=kind, Content_Length=str(size_mib * MIB))

    def finish(self, path: str, sha256: str) -> str:
        """The path of the file's content."""
        self.ask("POST", f"{path}/finish", b'{"sha256":"%b"}' % sha256.encode(), Content_Type="application/json")
        return f"/api/v1/files/{path.rpartition('/')[2]}/content"

    def download(self, path: str) -> str:
        """Its SHA-256."""
        response, digest = self.send("GET", path).getresponse(), hashlib.sha256()
        while piece := response.read(READ_BYTES):
            digest.update(piece)
        return digest.hexdigest()


@contextmanager
def _watched(pid: int) -> Iterator[Measured]:
    """Measure the server while the block runs."""
    process, measured, ended = psutil.Process(pid), Measured(), Event()

    def watch() -> None:
        while not ended.wait(0.02):
            measured.rss_mb = max(measured.rss_mb, process.memory_info().rss / 1e6)

    watching = Thread(target=watch)
    watching.start()
    begun, before = time.monotonic(), sum(process.cpu_times()[:2])
    try:
        yield measured
    finally:
        measured.elapsed_s = time.monotonic() - begun
        measured.cpu_s = sum(process.cpu_times()[:2]) - before
        ended.set()
        watching.join()


def measure(size_mib: int, s3_make: str | None) -> list[Figure]:
    """All steps on a server of their own. s3_make: of the object store; none: the disk.

    Raises RuntimeError if a byte is wrong.
    """
    block, digest = random.Random(1).randbytes(MIB), hashlib.sha256()
    for _ in range(size_mib):
        digest.update(block)
    figures: list[Figure] = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fachwerk-bench-"))
        files: dict[str, Any] = {}
        if s3_make:
            store = stack.enter_context(ObjectStore(s3_make))
            files = {"store": "s3", "s3": store.access(store.create_bucket())}
        url = f"sqlite+aiosqlite:///{folder}/fachwerk.db"
        upgrade(url)
        settings = make_settings(Path(folder), url, free_ports(1), files=files)
        (room,) = asyncio.run(make_crowd(settings, rooms_count=1, people_per_room=2))
        with ServerProcess(settings, Path(folder)) as server:
            person = Person(server.origin, room)

            def step(name: str, size: int, what: Callable[[], object]) -> None:
                case = f"s3-{s3_make}-{name}" if s3_make else name
                with _watched(server.pid) as measured:
                    what()
                values = {
                    "files.cpu_s_per_gb": (measured.cpu_s / size * GB, "s"),
                    "files.mb_per_s": (size / 1e6 / measured.elapsed_s, "MB/s"),
                    "files.rss_mb": (measured.rss_mb, "MB"),
                }
                figures.extend(Figure(metric=m, case=case, value=v, unit=u) for m, (v, u) in values.items())

            small = person.create(8 * MIB)
            person.append(small, 8, block)
            small_sha256 = hashlib.sha256(block * 8).hexdigest()
            small = person.finish(small, small_sha256)
            _same(person.download(small), small_sha256)
            path, size = person.create(size_mib * MIB), size_mib * MIB
            step("up", size, lambda: person.append(path, size_mib, block))
            step("finish", size, lambda: person.finish(path, digest.hexdigest()))
            content = f"/api/v1/files/{path.rpartition('/')[2]}/content"
            step("down", size, lambda: _same(person.download(content), digest.hexdigest()))
            with ThreadPoolExecutor(AT_ONCE) as threads:

                def many() -> None:
                    for got in threads.map(person.download, [small] * AT_ONCE):
                        _same(got, small_sha256)

                step(f"down-{AT_ONCE}", AT_ONCE * 8 * MIB, many)
    return figures


def _same(got: str, wanted: str) -> None:
    if got != wanted:
        raise RuntimeError(f"SHA-256 {got} came back, {wanted} was sent")


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m bench.files")
    parser.add_argument("--mib", type=int, default=512, help="size of the file")
    parser.add_argument("--quick", action="store_true", help="a small file, no figures kept")
    parser.add_argument("--s3", metavar="MAKE", choices=("minio", "versitygw"), help="parts in this store, not on disk")
    arguments = parser.parse_args()
    name = "files-quick" if arguments.quick else f"files-{arguments.s3}" if arguments.s3 else "files"
    report(name, measure(16 if arguments.quick else arguments.mib, arguments.s3))
    return 0


if __name__ == "__main__":
    sys.exit(main())
