# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fixtures for every test of the server."""

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from fachwerk.migrations import upgrade
from tests.house import Client, House, open_house
from tests.stack.component import Postgres

pytest_plugins = ["tests.stack.fixtures", "tests.stack.report"]

# How long one example takes says nothing on a machine that others use too.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy."""
    path = tmp_path_factory.mktemp("template") / "fachwerk.db"
    upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """As `sqlite_template`, on the session's PostgreSQL."""
    name = postgres.create_database("template1")
    upgrade(async_url(postgres.url(name)))
    return name


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated database of this test alone, for what does not depend on its make."""
    path = tmp_path / "fachwerk.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test alone, on either store."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return async_url(request.getfixturevalue("postgres_url"))


@pytest.fixture
def log_lines() -> Iterator[list[structlog.typing.EventDict]]:
    """What is logged during a test, from INFO on, whatever level an earlier test has set."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with structlog.testing.capture_logs() as lines:
        yield lines
    structlog.configure(**before)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A server with people, departments and a room."""
    async with open_house(tmp_path, database_url) as house:
        await house.settle()
        yield house


@pytest.fixture
async def ada(house: House) -> Client:
    return await house.client("ada")


@pytest.fixture
async def bea(house: House) -> Client:
    return await house.client("bea")


@pytest.fixture
async def cem(house: House) -> Client:
    return await house.client("cem")


@pytest.fixture
async def dora(house: House) -> Client:
    return await house.client("dora")


@pytest.fixture
async def olga(house: House) -> Client:
    return await house.client("olga")


@pytest.fixture
async def rita(house: House) -> Client:
    return await house.client("rita")


def async_url(url: str) -> str:
    """A PostgreSQL address as SQLAlchemy wants it."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)
