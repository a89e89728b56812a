# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Jobs, on either store: with the change or not at all, once each, again after a failure."""

import asyncio

import pytest
import structlog

from fachwerk.cli.processes import IDLE_S, run_jobs
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.jobs import LEASE_S, TRIES, JobRow, Outside, Repeat, plant
from tests.house import House
from tests.house.jobs import run_one
from tests.house.queries import statements

pytestmark = pytest.mark.anyio


async def test_a_worker_without_work_asks_the_database_once_in_a_while(house: House) -> None:
    stop = asyncio.Event()
    await house.run_due_jobs()
    running = asyncio.create_task(run_jobs(house.house, stop))
    await asyncio.sleep(2 * IDLE_S)  # what every worker does when it starts
    with statements() as said:
        await asyncio.sleep(4 * IDLE_S)
    stop.set()
    await running
    assert 1 <= sum("FROM job" in statement for statement in said) <= 5, "not as often as it has lanes"


async def test_each_job_runs_once_with_four_workers(house: House) -> None:
    ran: list[str] = []

    async def note(work: Work, body: dict[str, str]) -> None:
        ran.append(body["no"])

    async with house.context.database.work() as work:
        for number in range(40):
            work.enqueue("note", {"no": str(number)})

    async def worker() -> None:
        while await run_one(house.context, {"note": note}, {}):
            pass

    await asyncio.gather(*(worker() for _ in range(4)))
    assert sorted(ran, key=int) == [str(number) for number in range(40)]


async def test_a_change_that_is_undone_leaves_no_job(house: House) -> None:
    async def half() -> None:
        async with house.context.database.work() as work:
            work.enqueue("note", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert not await run_one(house.context, {}, {})


async def test_a_job_that_fails_comes_back_later_and_dies_in_the_end(house: House) -> None:
    tries = 0

    async def fail(work: Work, body: dict[str, str]) -> None:
        nonlocal tries
        tries += 1
        raise ValueError("always")

    async with house.context.database.work() as work:
        work.enqueue("fail", {})
    assert await run_one(house.context, {"fail": fail}, {})
    assert not await run_one(house.context, {"fail": fail}, {}), "not before its wait is over"
    for _ in range(TRIES * 2):
        house.clock.forward(3600)
        await run_one(house.context, {"fail": fail}, {})
    assert tries == TRIES


async def test_a_job_waits_for_what_is_down_as_long_as_that_takes(
    house: House, log_lines: list[structlog.typing.EventDict]
) -> None:
    down = True

    async def deliver(work: Work, body: dict[str, str]) -> None:
        if down:
            raise Unavailable

    async with house.context.database.work() as work:
        work.enqueue("deliver", {})
    log_lines.clear()
    for _ in range(TRIES * 2):
        assert await run_one(house.context, {"deliver": deliver}, {})
        house.clock.forward(3600)
    assert {(line["event"], line.get("exc_info")) for line in log_lines} == {("job waits", None)}
    down = False
    assert await run_one(house.context, {"deliver": deliver}, {})
    assert not await run_one(house.context, {"deliver": deliver}, {})


async def test_what_a_failed_job_did_is_undone(house: House) -> None:
    async def half(work: Work, body: dict[str, str]) -> None:
        work.enqueue("never", {})
        raise ValueError("half way")

    async with house.context.database.work() as work:
        work.enqueue("half", {})
    await run_one(house.context, {"half": half}, {})
    async with house.context.database.read() as work:
        assert await work.db.get(JobRow, "never") is None
    assert not await run_one(house.context, {}, {})


async def test_a_job_whose_worker_died_is_taken_again(house: House) -> None:
    entered = asyncio.Event()
    ran: list[str] = []

    async def hang(work: Work, body: dict[str, str]) -> None:
        ran.append("again" if entered.is_set() else "first")
        entered.set()
        if len(ran) == 1:
            raise asyncio.CancelledError

    async with house.context.database.work() as work:
        work.enqueue("hang", {})
    with pytest.raises(asyncio.CancelledError):
        await run_one(house.context, {"hang": hang}, {})
    assert not await run_one(house.context, {"hang": hang}, {}), "it is leased to the dead worker"
    house.clock.forward(LEASE_S + 1)
    assert await run_one(house.context, {"hang": hang}, {})
    assert ran == ["first", "again"]


async def test_what_must_run_at_the_start_of_a_worker_does_whatever_the_last_one_left(house: House) -> None:
    ran: list[str] = []

    async def look(context: Context, body: dict[str, str]) -> None:
        ran.append("looked")
        if len(ran) == 1:
            raise asyncio.CancelledError

    repeats = {"look": Repeat(Outside(look, lease_s=3600), every_s=lambda _: 900.0, at_start=True)}
    await plant(house.context.database, repeats)
    with pytest.raises(asyncio.CancelledError):
        await run_one(house.context, {}, repeats)
    house.clock.forward(LEASE_S + 1)
    assert not await run_one(house.context, {}, repeats), "its own lease is longer"
    for _ in range(2):
        await plant(house.context.database, repeats)
        assert await run_one(house.context, {}, repeats)
    house.clock.forward(899)
    assert not await run_one(house.context, {}, repeats)
    house.clock.forward(2)
    assert await run_one(house.context, {}, repeats)
    assert len(ran) == 4


async def test_a_repeating_job_comes_back_even_after_failures(house: House) -> None:
    ran = 0

    async def flaky(work: Work, body: dict[str, str]) -> None:
        nonlocal ran
        ran += 1
        if ran % 2:
            raise ValueError("now and then")

    repeats = {"flaky": Repeat(flaky, every_s=10)}
    await plant(house.context.database, repeats)
    await plant(house.context.database, repeats)
    for _ in range(20):
        await run_one(house.context, {}, repeats)
        house.clock.forward(3600)
    assert ran == 20
