# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administrators see which plans were carried out and what they did; nobody else does."""

import pytest

from fachwerk.core import identity
from fachwerk.features.provisioning import stored
from fachwerk.features.provisioning.state import Part, Who
from fachwerk.features.provisioning.steps import AccountStep, DepartmentStep, PlaceStep
from tests.house import Client, House
from tests.house.house import NAMESPACE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
STEPS = (
    DepartmentStep(target="Z 9", before=None, after=Part("x", "Referat Z 9", "Z")),
    AccountStep(target="eva.klein", before=None, after=Who("Eva", "Klein", None)),
    PlaceStep(target="eva.klein Z 9", before=None, after="lead"),
)


@pytest.fixture
async def ulf(house: House) -> Client:
    """The administrator."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, "ulf", "Ulf", None, [identity.ADMIN])
        house.people["ulf"] = person.id
    return await house.client("ulf")


async def test_plans_are_told_of_with_what_is_left_of_them(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        first = await stored.store(work, "haus.csv", "test", STEPS)
        await stored.done(work, first, [0, 1, 2])
        await stored.end(work, first)
        second = await stored.store(work, "undo", "test", STEPS[:2], undoes=first)
        await stored.done(work, second, [0])
    newer, older = (await ulf.call("GET", "/provisioning/plans"))["items"]
    assert (newer["number"], newer["undoes"], newer["steps"], newer["left"]) == (second, first, 2, 1)
    assert (older["number"], older["source"], older["steps"], older["left"]) == (first, "haus.csv", 3, 0)
    assert newer["ended_at"] is None
    assert older["ended_at"] >= older["begun_at"]
    told = await ulf.call("GET", f"/provisioning/plans/{second}")
    assert told["plan"] == newer
    assert [line["done"] for line in told["lines"]] == [True, False]


async def test_the_steps_read_as_on_the_command_line(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        number = await stored.store(work, "haus.csv", "test", STEPS)
    told = await ulf.call("GET", f"/provisioning/plans/{number}")
    assert [line["text"] for line in told["lines"]] == [str(step) for step in STEPS]


async def test_a_long_plan_is_told_in_part_and_costs_no_more_questions(house: House, ulf: Client) -> None:
    costs, told = [], {}
    for steps in (STEPS, STEPS * stored.STEPS_SHOWN):
        async with house.context.database.work() as work:
            number = await stored.store(work, "haus.csv", "test", steps)
        with statements() as said:
            told = await ulf.call("GET", f"/provisioning/plans/{number}")
        costs.append(len(said))
    assert len(told["lines"]) == stored.STEPS_SHOWN
    assert told["plan"]["steps"] == len(STEPS) * stored.STEPS_SHOWN
    assert costs[0] == costs[1]


async def test_who_administers_nothing_sees_no_plan(house: House) -> None:
    async with house.context.database.work() as work:
        number = await stored.store(work, "haus.csv", "test", STEPS)
    olga = await house.client("olga")
    assert await olga.refused("GET", "/provisioning/plans") == (403, "forbidden")
    assert await olga.refused("GET", f"/provisioning/plans/{number}") == (403, "forbidden")


@pytest.mark.parametrize("number", ["7", "0", "-1", "x", "1" * 40, "²"])
async def test_a_plan_that_is_none_is_not_found(ulf: Client, number: str) -> None:
    assert await ulf.refused("GET", f"/provisioning/plans/{number}") == (404, "not-found")
