# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The middle layer: Python distributions from wheels, each checked against the hashes in uv.lock."""

import email
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from deploy.images.recipe import Selection

PLATFORM = "x86_64-manylinux_2_36"
"""Debian 12 has glibc 2.36."""
NOT_NEEDED = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Notes of the installer on itself: they differ from one machine to another."""


class Wheel(NamedTuple):
    """An unpacked distribution."""

    name: str
    version: str


def install(source: Path, selection: Selection, site: Path, *, python: str, uv: Path) -> list[Wheel]:
    """Unpack an image's wheels below `site` and say what they are. Nothing is built, no code of theirs is run.

    Raises SystemExit with uv's words.
    """
    left_out = [word for name in sorted(selection.others) for word in ("--no-emit-package", name)]
    export = ["export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--no-header", "--no-annotate"]
    requirements = site.with_name("requirements.txt")
    site.parent.mkdir(parents=True)
    requirements.write_text(_uv(uv, *export, *left_out, folder=source))
    command = [
        "pip",
        "install",
        "--quiet",
        "--target",
        str(site),
        "--no-deps",
        "--require-hashes",
        "--link-mode",
        "copy",
    ]
    command += ["--only-binary", ":all:", "--python-version", python, "--python-platform", PLATFORM]
    _uv(uv, *command, "--requirements", str(requirements), folder=source)
    requirements.unlink()
    shutil.rmtree(site / "bin", ignore_errors=True)
    for path in site.rglob("*.dist-info/*"):
        if path.name in NOT_NEEDED:
            path.unlink()
    for path in list(site.rglob("__pycache__")):
        shutil.rmtree(path)
    (site / ".lock").unlink(missing_ok=True)
    return sorted(_describe(about) for about in site.glob("*.dist-info"))


def _describe(about: Path) -> Wheel:
    metadata = email.message_from_bytes((about / "METADATA").read_bytes())
    return Wheel(metadata["Name"].lower(), metadata["Version"])


def _uv(uv: Path, *arguments: str, folder: Path) -> str:
    done = subprocess.run(  # noqa: S603 -- our own list
        [uv, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
    )
    if done.returncode:
        raise SystemExit(f"uv {arguments[0]} failed:\n{done.stderr.strip()}")
    return done.stdout
