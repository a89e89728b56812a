# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Ready or not: what is asked, and what is deliberately not."""

import asyncio
import time
from pathlib import Path

import httpx2
import pytest

from fachwerk.app import compose
from fachwerk.kernel import health
from fachwerk.kernel.health import Health
from fachwerk.migrations import newest
from tests.house import House, make_settings
from tests.stack.component import Postgres

pytestmark = pytest.mark.anyio

READY = {"process": "ok", "database": "ok", "schema": "ok", "loop": "ok"}


async def test_a_house_that_runs_is_ready_for_its_own_release(house: House) -> None:
    own = Health(house.context.database, needs=newest())
    assert own.state()["database"] == "away"
    await own.look()
    assert own.state() == READY


async def test_a_database_of_an_older_release_is_waited_for_and_a_newer_one_is_served(house: House) -> None:
    newer, older = Health(house.context.database, needs="9999"), Health(house.context.database, needs="0001")
    for looking in (newer, older):
        await looking.look()
    assert newer.state() == READY | {"schema": "older than 9999"}
    assert older.state() == READY


async def test_a_database_that_nobody_migrated_is_not_ready(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, f"sqlite+aiosqlite:///{tmp_path}/empty.db", 8480)
    composed = compose(settings, schema=newest())
    await composed.health.look()
    assert composed.health.state() == READY | {"schema": f"older than {newest()}"}
    await composed.context.database.close()


async def test_readiness_goes_with_the_database_and_returns_with_it(
    tmp_path: Path, postgres: Postgres, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SEEN_WITHIN_S", 0.2)
    monkeypatch.setattr(health, "LOOK_WITHIN_S", 0.5)
    settings = make_settings(tmp_path, postgres_url.replace("postgresql:", "postgresql+asyncpg:", 1), 8480)
    composed = compose(settings)
    await composed.health.look()
    assert composed.health.state() == READY
    with postgres.hanging():
        await composed.health.look()
        assert composed.health.state() == READY | {"database": "away"}
    async with asyncio.timeout(20):
        while composed.health.state() != READY:
            await composed.health.look()
    await composed.context.database.close()


async def test_a_loop_that_is_late_takes_no_more_and_recovers(house: House) -> None:
    before = house.house.health.state()
    await asyncio.sleep(health.TICK_S)
    time.sleep(health.LAG_LIMIT_S + health.TICK_S + 0.1)  # noqa: ASYNC251 -- this is what is tested
    await asyncio.sleep(0.05)
    assert (before, house.house.health.state()) == (READY, READY | {"loop": "late"})
    async with asyncio.timeout(10):
        while house.house.health.state() != READY:  # noqa: ASYNC110 -- there is nothing to be told by
            await asyncio.sleep(health.TICK_S)


async def test_a_process_that_ends_says_so_and_stays_alive_and_serving(house: House) -> None:
    house.house.health.draining = True
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, READY | {"process": "draining"})
        assert (await http.get("/healthz")).text == "ok\n"
        assert (await http.get("/api/v1/me")).status_code == 401
