# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The history of the database is one line, leads to what the code needs, and back."""

import asyncio

import pytest
import structlog
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from fachwerk.migrations import config, newest, upgrade
from tests.conftest import async_url
from tests.stack.component import Postgres


def test_the_history_is_one_line() -> None:
    script = ScriptDirectory.from_config(config("sqlite+aiosqlite://"))
    assert len(script.get_heads()) == len(script.get_bases()) == 1


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_the_newest_state_is_what_the_code_needs(
    store: str, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('m')}/m.db"
    if store == "postgres":
        url = async_url(postgres.url(postgres.create_database("template1")))
    upgrade(url)
    upgrade(url)
    command.check(config(url))
    command.downgrade(config(url), "base")
    upgrade(url)


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_release_that_was_rolled_back_leaves_the_newer_database_as_it_is(
    store: str, request: pytest.FixtureRequest, log_lines: list[structlog.typing.EventDict]
) -> None:
    url = request.getfixturevalue("sqlite_url" if store == "sqlite" else "postgres_url")
    url = async_url(url)

    async def revision(change: str = "") -> str:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            if change:
                await connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": change})
            found = str((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())
        await engine.dispose()
        return found

    assert asyncio.run(revision()) == newest()
    asyncio.run(revision("9999"))
    log_lines.clear()
    upgrade(url)
    assert asyncio.run(revision()) == "9999"
    assert [(line["found"], line["needed"]) for line in log_lines] == [("9999", newest())]


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_who_was_disabled_before_there_were_two_words_on_it_stays_so(
    store: str, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('m')}/m.db"
    if store == "postgres":
        url = async_url(postgres.url(postgres.create_database("template1")))
    command.upgrade(config(url), "0009")

    async def ask(statement: str) -> list[tuple[object, ...]]:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            result = await connection.execute(text(statement))
            rows = [tuple(row) for row in result] if result.returns_rows else []
        await engine.dispose()
        return rows

    columns = "INSERT INTO person (id, issuer, subject, name, name_key, roles, active) VALUES"
    asyncio.run(ask(f"{columns} ('a', 'i', 'a', 'A', 'a', '[]', true), ('b', 'i', 'b', 'B', 'b', '[]', false)"))
    upgrade(url)
    found = asyncio.run(ask("SELECT id, active, enabled, barred, pushed FROM person ORDER BY id"))
    assert found == [("a", True, True, False, False), ("b", False, False, False, False)]
