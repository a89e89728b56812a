# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""images.toml, read and checked."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

RECIPES = Path(__file__).with_name("images.toml")


class Debian(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """python: its version as the packages are named. packages: all of them, dependencies too."""

    python: str
    packages: tuple[str, ...]


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """program: the module that is run. sources, files: by name below /app, with their place in the repository."""

    program: str
    sources: dict[str, str]
    files: dict[str, str]
    without: tuple[str, ...]


class Never(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What no image holds."""

    distributions: tuple[str, ...]


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    debian: Debian
    images: dict[str, Image]
    never: Never

    @classmethod
    def read(cls, path: Path = RECIPES) -> "Recipe":
        """From the file. Raises msgspec.ValidationError with the path of what does not fit."""
        return msgspec.toml.decode(path.read_bytes(), type=cls)


class Selection(NamedTuple):
    """Names of the distributions that uv.lock knows: wanted by an image, and the others."""

    wanted: frozenset[str]
    others: frozenset[str]


def select(lock: Path, *, without: Iterable[str], never: Iterable[str]) -> Selection:
    """What an image needs: the project's dependencies and theirs, without some of them.

    Raises SystemExit when the project does not have a dependency that is to be left out: a typo.
    """
    packages = {package["name"]: package for package in tomllib.loads(lock.read_text())["package"]}
    direct = {dependency["name"] for dependency in packages["fachwerk"]["dependencies"]}
    if unknown := set(without) - direct:
        raise SystemExit(f"images.toml leaves out what is no dependency: {', '.join(sorted(unknown))}")
    found: set[str] = set()
    waiting = list(direct - set(without))
    while waiting:
        name = waiting.pop()
        if name in found or name in never:
            continue
        found.add(name)
        package = packages[name]
        waiting += [dependency["name"] for dependency in package.get("dependencies", ())]
        for extra in package.get("optional-dependencies", {}).values():
            waiting += [dependency["name"] for dependency in extra]
    return Selection(frozenset(found), frozenset(packages.keys() - found - {"fachwerk"}))
