# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""images.toml against the sources, without building anything."""

import ast
import importlib.metadata
import sys
from pathlib import Path

import pytest

from deploy.images.recipe import Recipe, select
from tests.deploy.chart import ROOT

RECIPE = Recipe.read()
LOCK = ROOT / "uv.lock"


def imported(folder: Path) -> set[str]:
    """First names of the modules that sources import, wherever in a file."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names


@pytest.mark.parametrize("name", RECIPE.images)
def test_an_image_has_what_its_sources_import(name: str) -> None:
    image = RECIPE.images[name]
    wanted, _ = select(LOCK, without=image.without, never=RECIPE.never.distributions)
    brought_by = importlib.metadata.packages_distributions()
    for module in set().union(*(imported(ROOT / place) for place in image.sources.values())) - image.sources.keys():
        distributions = {name.lower().replace("_", "-") for name in brought_by[module]}
        assert distributions & wanted, f"{module} is brought by {', '.join(distributions)}, which the image leaves out"


def test_what_must_be_in_no_image_is_in_none() -> None:
    for image in RECIPE.images.values():
        wanted, others = select(LOCK, without=image.without, never=RECIPE.never.distributions)
        assert "av" in others
        assert not wanted & set(image.without)


def test_leaving_out_what_is_no_dependency_is_a_typing_error() -> None:
    with pytest.raises(SystemExit, match=r"images\.toml leaves out what is no dependency: aiohtpp"):
        select(LOCK, without=["aiohtpp"], never=())
