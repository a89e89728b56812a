# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Acts are chained with the transaction they belong to, without a gap, and the database keeps them as they are."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sa_event
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from fachwerk.cli.database import open_database
from fachwerk.core.rooms.events import RoomChanged
from fachwerk.kernel import audit
from fachwerk.kernel.audit import GENESIS, Checked, Fault, Head
from fachwerk.kernel.db import Database
from fachwerk.migrations import config, upgrade
from tests.conftest import async_url
from tests.stack.component import Postgres

pytestmark = pytest.mark.anyio
LENGTH = 7
"""Entries of the trail that is tampered with."""
ALL = "id, at_ms, actor_id, action, subject, detail, number, hash"


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """As somebody with a password of the database, past our code."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def act(database: Database, number: int, count: int = 1) -> None:
    async with database.work() as work:
        for one in range(count):
            work.audit(f"actor-{number}", "room.create", f"room-{number}-{one}", kind="group", no=str(number))


async def examine(url: str, noted: Head | None = None) -> Checked:
    async with connected(url) as connection:
        checked = await audit.check(audit.entries(connection), noted=noted)
        return audit.against_head(checked, await audit.head_of(connection))


async def refused(url: str, statement: str) -> None:
    async with connected(url) as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(statement))
        await connection.rollback()


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, without the limits of a transaction."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    engine = database._writer.sync_engine
    sa_event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa_event.remove(engine, "before_cursor_execute", note)


async def test_acts_are_numbered_without_a_gap_and_verify(database: Database, database_url: str) -> None:
    assert await examine(database_url) == Checked(GENESIS, None)
    await act(database, 1)
    await act(database, 2, count=3)
    checked = await examine(database_url)
    assert (checked.last.number, checked.fault) == (4, None)


async def test_an_act_that_is_undone_leaves_no_gap(database: Database, database_url: str) -> None:
    await act(database, 1)

    async def half() -> None:
        async with database.work() as work:
            work.audit("a", "room.create", "b")
            await work.seal()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    await act(database, 2)
    checked = await examine(database_url)
    assert (checked.last.number, checked.fault) == (2, None)


async def test_an_act_costs_two_statements_more_and_none_without_one(database: Database) -> None:
    await act(database, 0)
    with statements(database) as said:
        async with database.work() as work:
            await work.db.exec(text("SELECT 1"))  # type: ignore[call-overload]
    assert said == ["SELECT 1"]
    for count in (1, 50):
        with statements(database) as said:
            await act(database, 1, count)
        assert [statement.split()[0] for statement in said] == ["SELECT", "INSERT", "UPDATE"]


async def test_what_people_write_cannot_get_into_the_trail(database: Database) -> None:
    async with database.work() as work:
        with pytest.raises(AssertionError):
            work.audit("a", "room.rename", "b", name="Müllers Runde")


async def test_acts_of_two_processes_at_once_make_one_chain(database_url: str) -> None:
    async with open_database(database_url) as one, open_database(database_url) as two:

        async def write(database: Database, number: int) -> None:
            async with database.work() as work:
                work.audit("a", "room.create", f"room-{number}")
                work.emit(f"room:{number % 3}", RoomChanged(name="x", topic=""))
                await asyncio.sleep(0)
                work.audit("b", "room.invite", f"room-{number}")
                if number % 7 == 0:
                    raise asyncio.CancelledError

        async def several(database: Database, first: int) -> None:
            for number in range(first, first + 25):
                with suppress(asyncio.CancelledError):
                    await write(database, number)

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for lane in range(4):
                for house in (one, two):
                    group.create_task(several(house, 100 * lane))
    checked = await examine(database_url)
    wanted = sum(2 for lane in range(4) for _ in (one, two) for n in range(100 * lane, 100 * lane + 25) if n % 7)
    assert (checked.last.number, checked.fault) == (wanted, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor_id = 'x' WHERE number = 2",
        "UPDATE audit SET number = NULL WHERE number = 2",
        "UPDATE audit SET hash = NULL WHERE number = 3",
        "DELETE FROM audit WHERE number = 3",
        "DELETE FROM audit",
        "UPDATE audit_head SET number = 1",
        "UPDATE audit_head SET hash = 'x'",
        "DELETE FROM audit_head",
    ],
)
async def test_the_database_refuses_to_change_what_was_noted(
    database: Database, database_url: str, statement: str
) -> None:
    await act(database, 1, count=3)
    await refused(database_url, statement)
    assert (await examine(database_url)).fault is None


@pytest.mark.parametrize("table", ["audit", "audit_head"])
async def test_postgresql_refuses_to_empty_the_tables(postgres_url: str, table: str) -> None:
    await refused(async_url(postgres_url), f"TRUNCATE {table}")


async def test_sqlite_refuses_to_replace_a_row(sqlite_url: str) -> None:
    async with open_database(sqlite_url) as database:
        await act(database, 1, count=3)
    for chosen in ("'new', 0, 'x', 'y', 'z', '{}', 2, ''", "id, 0, 'x', 'y', 'z', '{}', NULL, NULL"):
        row = f"INSERT OR REPLACE INTO audit ({ALL}) SELECT {chosen} FROM audit WHERE number = 2"  # noqa: S608 -- ours
        await refused(sqlite_url, row)
    await refused(sqlite_url, "INSERT OR REPLACE INTO audit_head VALUES (1, 9, '')")


OLD_ACT = "INSERT INTO audit (id, at_ms, actor_id, action, subject, detail) VALUES (:id, :at, 'a', 'b', 'c', '{}')"


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_acts_from_before_the_chain_are_chained_by_the_migration(
    store: str, tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/m.db"
    if store == "postgres":
        url = async_url(postgres.url(postgres.create_database("template1")))
    command.upgrade(config(url), "0003")
    count = 2_500

    async def fill() -> None:
        async with connected(url) as connection:
            rows = [{"id": f"act-{count - n}", "at": 1_000 + n // 3} for n in range(count)]
            await connection.execute(text(OLD_ACT), rows)

    async def order() -> list[int]:
        async with connected(url) as connection:
            return list((await connection.execute(text("SELECT at_ms FROM audit ORDER BY number"))).scalars())

    asyncio.run(fill())
    upgrade(url)
    checked = asyncio.run(examine(url))
    assert (checked.last.number, checked.fault) == (count, None)
    times = asyncio.run(order())
    assert times == sorted(times)


async def test_acts_of_a_release_without_the_chain_get_their_place_later(database: Database, database_url: str) -> None:
    """During an update, both releases write; afterwards the older one may come back."""
    await act(database, 1)
    async with connected(database_url) as connection:
        await connection.execute(text(OLD_ACT), [{"id": f"act-{n}", "at": n} for n in (2, 1)])
        assert await audit.unchained(connection) == 2
    await act(database, 2)
    async with database.work() as work:
        assert await audit.chain_rest(await work.db.connection()) == 2
    async with database.work() as work:
        assert await audit.chain_rest(await work.db.connection()) == 0
    async with connected(database_url) as connection:
        assert await audit.unchained(connection) == 0
        ids = [entry.id async for entry in audit.entries(connection, 2)]
    assert ids == ["act-1", "act-2"]
    assert await examine(database_url) == Checked((await examine(database_url)).last, None)


# ---- tampering, with the triggers taken away first


@pytest.fixture(scope="module")
def trail(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a few acts, and without what protects them."""
    path = tmp_path_factory.mktemp("trail") / "trail.db"
    shutil.copy(sqlite_template, path)

    async def fill() -> None:
        async with open_database(f"sqlite+aiosqlite:///{path}") as database:
            for number in range(1, LENGTH + 1):
                await act(database, number)
        async with connected(f"sqlite+aiosqlite:///{path}") as connection:
            triggers = await connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            for name in triggers.scalars().all():
                await connection.execute(text(f"DROP TRIGGER {name}"))

    asyncio.run(fill())
    return path


async def _tampered(trail: Path, *statements: str, **values: object) -> Checked:
    path = trail.with_name("tampered.db")
    shutil.copy(trail, path)
    url = f"sqlite+aiosqlite:///{path}"
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(text(statement), values)
    return await examine(url)


PLACES = st.integers(1, LENGTH)
COLUMNS = st.sampled_from(["id", "actor_id", "action", "subject", "hash", "at_ms", "detail"])
VALUES = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["", "{}", '{"kind":"group"}', "[1]", "{", "9" * 17, "9" * 30, "-1"]),
)


@given(number=PLACES, column=COLUMNS, value=VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_of_a_row_is_found(trail: Path, number: int, column: str, value: str) -> None:
    change = f"UPDATE audit SET {column} = :value WHERE number = :number"  # noqa: S608 -- a name of our own
    checked = asyncio.run(_tampered(trail, change, number=number, value=value))
    assert checked.fault == Fault(number, "changed")


@given(number=PLACES)
def test_any_removal_is_found(trail: Path, number: int) -> None:
    checked = asyncio.run(_tampered(trail, "DELETE FROM audit WHERE number = :number", number=number))
    assert checked.fault == Fault(number, "removed")


@given(number=PLACES)
def test_a_removal_that_is_covered_up_by_new_numbers_is_found(trail: Path, number: int) -> None:
    later = "UPDATE audit SET number = number - 1 WHERE number > :number"
    checked = asyncio.run(_tampered(trail, "DELETE FROM audit WHERE number = :number", later, number=number))
    assert checked.fault == Fault(number, "removed" if number == LENGTH else "changed")


@given(places=st.lists(PLACES, min_size=2, max_size=2, unique=True))
def test_any_swap_is_found(trail: Path, places: list[int]) -> None:
    one, other = sorted(places)
    swap = [
        "UPDATE audit SET number = -1 WHERE number = :one",
        "UPDATE audit SET number = :one WHERE number = :other",
        "UPDATE audit SET number = :other WHERE number = -1",
    ]
    checked = asyncio.run(_tampered(trail, *swap, one=one, other=other))
    assert checked.fault == Fault(one, "order")


async def test_a_row_beyond_the_end_is_found(trail: Path) -> None:
    row = f"INSERT INTO audit ({ALL}) VALUES ('x', 0, 'a', 'b', 'c', '{{}}', :number, '')"  # noqa: S608 -- ours
    assert (await _tampered(trail, row, number=LENGTH + 1)).fault == Fault(LENGTH + 1, "changed")


async def test_a_chain_that_was_written_anew_is_found_by_a_head_kept_elsewhere(
    database: Database, database_url: str
) -> None:
    await act(database, 1, count=4)
    checked = await examine(database_url)
    assert (await examine(database_url, checked.last)).fault is None
    assert (await examine(database_url, Head(4, "0" * 64))).fault == Fault(4, "changed")
    assert (await examine(database_url, Head(9, "0" * 64))).fault == Fault(5, "removed")
