# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The images: the same for everybody, small in what they hold, and at home in a pod of the restricted standard."""

import json
import os
import shutil
import stat
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx2
import pytest

from deploy.images.build import build
from deploy.images.recipe import Recipe
from tests.conftest import async_url
from tests.deploy.chart import ROOT
from tests.deploy.container import USER, Container, unpack
from tests.house.house import make_settings
from tests.simulation.process import settings_as_environment
from tests.stack.component import free_ports

UV = ROOT / "build/tools/bin/uv"
WITHIN_S = 60.0
SOURCES = (
    "bridges/matrix/fachwerk_matrix",
    "server",
    "deploy",
    "uv.lock",
    "pyproject.toml",
    "clients/web/dist",
    "clients/web/package-lock.json",
)
IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
for name in names:
    if not name.endswith((".__main__", ".migrations.env")):  # these do something on being imported
        importlib.import_module(name)
print(len(names), "modules")
"""
TRY_TO = """
import ctypes, json, os, socket

libc = ctypes.CDLL(None, use_errno=True)

def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def outcome(attempt):
    try:
        attempt()
    except OSError:
        return False
    return True

print(json.dumps({name: outcome(attempt) for name, attempt in {
    "write to /": lambda: open("/x", "w"),
    "write to /app": lambda: open("/app/x", "w"),
    "write to /etc": lambda: open("/etc/passwd", "a"),
    "start a shell": lambda: os.execv("/bin/sh", ["sh"]),
    "become root": lambda: os.setuid(0),
    "change the root": lambda: os.chroot("/tmp"),
    "mount": lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, 0),
    "load into the kernel": lambda: call(321, 0, 0, 0),
    "trace": lambda: call(101, 16, 1, 0, 0),
    "send raw packets": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "write to /tmp": lambda: open("/tmp/x", "w"),
    "use UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
}.items()}))
"""
ALLOWED = {"write to /tmp", "use UDP"}


class Built(NamedTuple):
    """out: image layouts. digests, roots (unpacked), processes: by name of the image."""

    out: Path
    digests: dict[str, str]
    roots: dict[str, Path]
    processes: dict[str, dict[str, Any]]

    def container(self, image: str, folder: Path, **more: Any) -> Container:
        return Container(self.roots[image], self.processes[image], folder, **more)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("images")
    folder.chmod(0o755)
    out = folder / "out"
    digests = build(ROOT, out, uv=UV)
    roots = {name: folder / "roots" / name for name in digests}
    processes = {name: unpack(out / name, root) for name, root in roots.items()}
    yield Built(out, digests, roots, processes)
    shutil.rmtree(folder)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that the container's user may write to and reach."""
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.getuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | stat.S_IXOTH | stat.S_IXGRP)
    return tmp_path


def server_environment(folder: Path, database_url: str, port: int, **sections: Any) -> dict[str, str]:
    """Settings with which a server starts by itself; their files belong to the container's user."""
    settings = make_settings(folder, database_url, port, **sections)
    for place in (folder, *folder.rglob("*")):
        os.chown(place, USER, 0)
    return settings_as_environment(settings)


def answer(url: str, container: Container, status: int = HTTPStatus.OK) -> httpx2.Response:
    """The first answer with this status. Raises AssertionError with the container's last words."""
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        assert container.running, container.said()
        try:
            found = httpx2.get(url, timeout=5)
        except httpx2.TransportError:
            time.sleep(0.1)
            continue
        if found.status_code == status:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer with {status}: {container.said()}")


def run_to_its_end(container: Container) -> str:
    with container as running:
        code = running.wait(WITHIN_S)
        assert code == 0, running.said()
        return running.said()


def test_two_builds_of_two_copies_are_the_same(built: Built, tmp_path: Path) -> None:
    source, out = tmp_path / "elsewhere", tmp_path / "out"
    for name in SOURCES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, copy_function=shutil.copyfile)  # other times, other modes
        else:
            shutil.copyfile(ROOT / name, source / name)
    shutil.copytree(built.out / "debian", out / "debian")
    assert build(source, out, uv=UV) == built.digests


@pytest.mark.parametrize("image", ["server", "media"])
def test_an_image_holds_one_program_and_nothing_that_gives_rights(built: Built, image: str) -> None:
    root = built.roots[image]
    programs = [
        path
        for folder in ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "app/site/bin")
        for path in (root / folder).rglob("*")
    ]
    assert programs == [root / "usr/bin/python3"]
    modes = [path.lstat().st_mode for path in root.rglob("*") if not path.is_symlink()]
    assert not [mode for mode in modes if mode & (stat.S_ISUID | stat.S_ISGID)]
    assert [p for p in root.rglob("*") if not p.is_symlink() and p.lstat().st_mode & stat.S_IWOTH] == [root / "tmp"]


@pytest.mark.parametrize("image", ["server", "media"])
def test_no_image_holds_x264_x265_or_what_brings_them(built: Built, image: str) -> None:
    names = {path.name.lower() for path in built.roots[image].rglob("*")}
    assert "av" not in names
    assert not [name for name in names if any(part in name for part in ("x264", "x265", "libav", "ffmpeg"))]
    assert Recipe.read().never.distributions == ("av",)


@pytest.mark.parametrize(
    ("image", "program"), [("server", "fachwerk"), ("server", "fachwerk_matrix"), ("media", "fachwerk_media")]
)
def test_everything_that_a_program_imports_is_there(built: Built, open_folder: Path, image: str, program: str) -> None:
    python = ["/usr/bin/python3", "-W", "error::ImportWarning", "-c", IMPORT_ALL, program]
    said = run_to_its_end(built.container(image, open_folder, command=python))
    assert int(said.split()[-2]) > 20, f"hardly anything was imported: {said}"


def test_what_a_pod_may_not_do_is_denied(built: Built, open_folder: Path) -> None:
    said = run_to_its_end(built.container("server", open_folder, command=["/usr/bin/python3", "-c", TRY_TO]))
    outcomes = json.loads(said.splitlines()[-1])
    assert {name for name, worked in outcomes.items() if worked} == ALLOWED


def test_the_bill_names_all_that_is_in_it(built: Built) -> None:
    for image, root in built.roots.items():
        bill = json.loads((built.out / f"{image}.cdx.json").read_text())
        assert bill["metadata"]["component"]["version"] == built.digests[image]
        addresses = [one["purl"] for one in bill["components"]]
        packages = {
            unquote(address.partition("@")[0].rpartition("/")[2]) for address in addresses if "pkg:deb" in address
        }
        assert (
            packages
            == set(Recipe.read().debian.packages)
            == {p.name for p in (root / "var/lib/dpkg/status.d").iterdir()}
        )
        wheels = [address for address in addresses if "pkg:pypi" in address]
        assert len(wheels) == len(list((root / "app/site").glob("*.dist-info")))
    assert '"pkg:npm/livekit-client@' in (built.out / "server.cdx.json").read_text()


def test_a_server_waits_for_the_migration_serves_the_client_and_ends(built: Built, open_folder: Path) -> None:
    folder = open_folder / "data"
    folder.mkdir()
    port = free_ports(2)
    told = server_environment(folder, f"sqlite+aiosqlite:///{folder}/fachwerk.db", port, http={"web_dir": "/app/web"})
    inside = {str(folder): folder}
    began = time.monotonic()
    with built.container("server", open_folder, arguments=["serve"], environment=told, folders=inside) as server:
        url = f"http://127.0.0.1:{port}"
        assert answer(f"{url}/healthz", server).text == "ok\n"
        print(f"answers after {time.monotonic() - began:.1f} s")  # noqa: T201 -- shown when it fails
        assert answer(f"{url}/readyz", server, HTTPStatus.SERVICE_UNAVAILABLE).json()["schema"].startswith("older")
        run_to_its_end(built.container("server", open_folder, arguments=["migrate"], environment=told, folders=inside))
        assert answer(f"{url}/readyz", server).json()["schema"] == "ok"
        assert "<title>" in httpx2.get(url).text
        status = server.status()
        assert (status["CapEff"], status["NoNewPrivs"], status["Seccomp"]) == (16 * "0", "1", "2")
        assert status["Uid"].split()[0] == str(USER)
        server.signal("TERM")
        assert server.wait() == 0, server.said()


def test_a_worker_waits_for_the_migration_and_ends(built: Built, open_folder: Path, postgres_server_url: str) -> None:
    folder = open_folder / "data"
    folder.mkdir()
    port = free_ports(2)
    told = server_environment(folder, postgres_server_url, port, operations={"port": port + 1})
    inside = {str(folder): folder}
    with built.container("server", open_folder, arguments=["worker"], environment=told, folders=inside) as worker:
        url = f"http://127.0.0.1:{port + 1}"
        assert answer(f"{url}/readyz", worker, HTTPStatus.SERVICE_UNAVAILABLE).json()["schema"].startswith("older")
        run_to_its_end(built.container("server", open_folder, arguments=["migrate"], environment=told, folders=inside))
        assert answer(f"{url}/readyz", worker).json()["database"] == "ok"
        until = time.monotonic() + WITHIN_S
        while "fachwerk_jobs_total{job=" not in httpx2.get(f"{url}/metrics").text:
            assert time.monotonic() < until, worker.said()
            time.sleep(0.2)
        worker.signal("TERM")
        assert worker.wait() == 0, worker.said()


def test_media_starts_and_ends(built: Built, open_folder: Path) -> None:
    port = free_ports(3)
    told = media_environment(port)
    with built.container("media", open_folder, environment=told) as media:
        assert answer(f"http://127.0.0.1:{port}/readyz", media).text == "ok\n"
        media.signal("TERM")
        assert media.wait() == 0, media.said()
        assert "Traceback" not in media.said()


def media_environment(port: int) -> Mapping[str, str]:
    numbers = {"PORT": port, "UDP_PORT": port + 1, "TCP_PORT": port + 2}
    told = {f"FACHWERK_MEDIA_{name}": str(number) for name, number in numbers.items()}
    return told | {"FACHWERK_MEDIA_API_SECRET": 32 * "x"}


@pytest.fixture
def postgres_server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that nobody migrated."""
    server = request.getfixturevalue("postgres")
    name = server.create_database("template1")
    yield async_url(server.url(name))
    server.drop_database(name)
