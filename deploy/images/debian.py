# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The lowest layer: files of Debian packages, unpacked side by side, as nobody would install them."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

LINE = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) \d+ (?P<hash>SHA256|SHA512|MD5Sum):(?P<sum>[0-9a-f]+)$")
NOT_NEEDED = (
    "usr/share/man",
    "usr/share/locale",
    "usr/share/lintian",
    "usr/share/bug",
    "usr/sbin",
    "bin",
    "sbin",
    "var",
)
"""Folders that go; so there is no shell, and nothing that a package manager would run."""
USER = "fachwerk:x:10001:10001:Fachwerk:/:/nonexistent\n"


class Package(NamedTuple):
    """An unpacked package."""

    name: str
    version: str
    architecture: str
    sha256: str


def fetch(names: Sequence[str], cache: Path) -> list[Path]:
    """The packages' files, in order of name, checked by apt against the signed lists. Raises SystemExit."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as empty:  # apt does not speak of files that are there already
        said = _apt("download", "--print-uris", *sorted(names), folder=Path(empty))
    files = [match["file"] for line in said.splitlines() if (match := LINE.match(line))]
    if len(files) != len(names):
        raise SystemExit(f"apt knows {len(files)} of the {len(names)} packages; are its lists there (apt-get update)?")
    if missing := [
        name for name, file in zip(sorted(names), sorted(files), strict=True) if not (cache / file).exists()
    ]:
        _apt("download", *missing, folder=cache)
    return [cache / file for file in sorted(files)]


def unpack(files: Sequence[Path], root: Path) -> list[Package]:
    """Put the packages' files below `root`, less what no program here reads, and say what they are."""
    found = []
    for file in files:
        subprocess.run(["dpkg-deb", "--extract", file, root], check=True)  # noqa: S603, S607 -- Debian's own
        found.append(_describe(file))
    for place in NOT_NEEDED:
        shutil.rmtree(root / place, ignore_errors=True)
    for document in (root / "usr/share/doc").rglob("*"):
        if document.is_file() and document.name != "copyright":
            document.unlink()
    _remove_programs(root)
    _trust(root)
    (root / "etc/passwd").write_text(USER)
    (root / "etc/group").write_text("fachwerk:x:10001:\n")
    (root / "tmp").mkdir(exist_ok=True)
    _list_packages(found, root)
    return found


def _apt(*arguments: str, folder: Path) -> str:
    done = subprocess.run(  # noqa: S603 -- names of packages from images.toml
        ["apt-get", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise SystemExit(f"apt-get {' '.join(arguments[:1])} failed:\n{done.stderr.strip()}")
    return done.stdout


def _describe(file: Path) -> Package:
    fields = ("Package", "Version", "Architecture")
    command: list[str | Path] = ["dpkg-deb", "--show", "--showformat", "${Package}\n${Version}\n${Architecture}", file]
    said = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    name, version, architecture = said.stdout.split("\n", len(fields) - 1)
    return Package(name, version, architecture.strip(), hashlib.sha256(file.read_bytes()).hexdigest())


def _remove_programs(root: Path) -> None:
    """Of all programs only Python stays, under one name."""
    (python,) = (path for path in (root / "usr/bin").glob("python3.*") if path.is_file() and not path.is_symlink())
    for path in (root / "usr/bin").iterdir():
        if path != python:
            path.unlink()
    python.rename(root / "usr/bin/python3")


def _trust(root: Path) -> None:
    """One file of all authorities that Debian trusts; its own script would make the same."""
    authorities = sorted((root / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    folder = root / "etc/ssl/certs"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ca-certificates.crt").write_text("".join(path.read_text() for path in authorities))


def _list_packages(found: Sequence[Package], root: Path) -> None:
    """As scanners look for them in images that have no package manager."""
    folder = root / "var/lib/dpkg/status.d"
    folder.mkdir(parents=True)
    for package in found:
        lines = (f"Package: {package.name}", f"Version: {package.version}", f"Architecture: {package.architecture}")
        (folder / package.name).write_text("\n".join((*lines, "Status: install ok installed", "")))
