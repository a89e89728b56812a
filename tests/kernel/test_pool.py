# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Dead connections to PostgreSQL harm nobody, and living ones are not asked whether they live."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fachwerk.kernel import pool
from tests.conftest import async_url
from tests.stack.component import Postgres

pytestmark = pytest.mark.anyio


@pytest.fixture
async def engine(postgres: Postgres) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(async_url(postgres.url("postgres")), pool_size=2, max_overflow=0)
    pool.try_rested(made)
    yield made
    await made.dispose()


@pytest.fixture
def pings(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Connections that were tried."""
    tried: list[Any] = []
    ping = engine.dialect.do_ping

    def note(connection: Any) -> bool:
        tried.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", note)
    return tried


async def _process(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        found: int = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        return found


async def test_who_was_just_used_is_not_tried(engine: AsyncEngine, pings: list[Any]) -> None:
    assert len({await _process(engine) for _ in range(5)}) == 1
    assert pings == []


async def test_who_rested_is_tried(engine: AsyncEngine, pings: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "RESTED_S", 0.0)
    assert len({await _process(engine) for _ in range(3)}) == 1
    assert len(pings) == 2


async def test_connections_that_the_database_closed_are_replaced(engine: AsyncEngine) -> None:
    async with engine.connect() as one, engine.connect() as other:
        before = [(await each.execute(text("SELECT pg_backend_pid()"))).scalar_one() for each in (one, other)]
    killer = create_async_engine(engine.url)
    async with killer.connect() as connection:
        for process in before:
            await connection.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    await killer.dispose()
    await asyncio.sleep(0.1)  # what the database said is read
    after = [await _process(engine) for _ in range(3)]
    assert not set(after) & set(before)


async def test_who_does_not_answer_is_replaced(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await _process(engine)
    monkeypatch.setattr(pool, "RESTED_S", 0.0)

    def silent(_connection: Any) -> bool:
        raise engine.dialect.loaded_dbapi.InterfaceError("connection is closed")

    with monkeypatch.context() as there:
        there.setattr(engine.dialect, "do_ping", silent)
        assert await _process(engine) != before
