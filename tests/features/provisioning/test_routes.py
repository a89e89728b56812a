# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administrators see which plans were carried out and what they did; nobody else does."""

import pytest

from fachwerk.core import identity
from fachwerk.features.provisioning import stored
from fachwerk.features.provisioning.state import Part, Who
from fachwerk.features.provisioning.steps import AccountStep, DepartmentStep, PlaceStep
from fachwerk.features.provisioning.wire import STEPS_PAGE
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
    assert told["counts"] == [
        {"kind": "account", "verb": "add", "steps": 1, "left": 1},
        {"kind": "department", "verb": "add", "steps": 1, "left": 0},
    ]
    lines = (await ulf.call("GET", f"/provisioning/plans/{second}/steps"))["items"]
    assert [line["done"] for line in lines] == [True, False]


async def test_steps_are_told_by_what_they_are(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        number = await stored.store(work, "haus.csv", "test", STEPS)
    told = await ulf.call("GET", f"/provisioning/plans/{number}/steps")
    nothing = {"name": None, "parent": None, "email": None, "enabled": None, "role": None}
    assert [(line["kind"], line["verb"], line["target"], line["after"]) for line in told["items"]] == [
        ("department", "add", "Z 9", nothing | {"name": "Referat Z 9", "parent": "Z"}),
        ("account", "add", "eva.klein", nothing | {"name": "Eva Klein", "enabled": True}),
        ("place", "add", "eva.klein Z 9", nothing | {"role": "lead"}),
    ]
    assert {line["before"] for line in told["items"]} == {None}
    assert told["next"] is None


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("?kind=place", [2]), ("?verb=add", [0, 1, 2]), ("?verb=remove", []), ("?q=EVA", [1, 2]), ("?q=%25", []),
     ("?left=true", [1, 2]), ("?cursor=1", [2])],
)  # fmt: skip
async def test_steps_are_looked_for(house: House, ulf: Client, query: str, numbers: list[int]) -> None:
    async with house.context.database.work() as work:
        number = await stored.store(work, "haus.csv", "test", STEPS)
        await stored.done(work, number, [0])
    told = await ulf.call("GET", f"/provisioning/plans/{number}/steps{query}")
    assert [line["number"] for line in told["items"]] == numbers


async def test_a_long_plan_is_told_in_pages_and_costs_no_more_questions(house: House, ulf: Client) -> None:
    costs, seen = [], []
    for steps in (STEPS, STEPS * STEPS_PAGE):
        async with house.context.database.work() as work:
            number = await stored.store(work, "haus.csv", "test", steps)
        cursor: str | None = ""
        while cursor is not None:
            with statements() as said:
                page = await ulf.call("GET", f"/provisioning/plans/{number}/steps{cursor}")
            costs.append(len(said))
            seen += [line["number"] for line in page["items"]]
            cursor = None if page["next"] is None else f"?cursor={page['next']}"
    assert seen == [*range(len(STEPS)), *range(len(STEPS) * STEPS_PAGE)]
    assert len(set(costs)) == 1


async def test_old_plans_are_a_page_further(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        for _ in range(stored.HISTORY_MAX + 1):
            await stored.store(work, "haus.csv", "test", STEPS[:1])
    newest = await ulf.call("GET", "/provisioning/plans")
    assert [one["number"] for one in newest["items"]] == list(range(stored.HISTORY_MAX + 1, 1, -1))
    oldest = await ulf.call("GET", f"/provisioning/plans?before={newest['next']}")
    assert ([one["number"] for one in oldest["items"]], oldest["next"]) == ([1], None)


async def test_who_administers_nothing_sees_no_plan(house: House) -> None:
    async with house.context.database.work() as work:
        number = await stored.store(work, "haus.csv", "test", STEPS)
    olga = await house.client("olga")
    assert await olga.refused("GET", "/provisioning/plans") == (403, "forbidden")
    for path in ("", "/steps"):
        assert await olga.refused("GET", f"/provisioning/plans/{number}{path}") == (403, "forbidden")


@pytest.mark.parametrize("number", ["7", "0", "-1", "x", "1" * 40, "²"])
async def test_a_plan_that_is_none_is_not_found(ulf: Client, number: str) -> None:
    for path in ("", "/steps"):
        assert await ulf.refused("GET", f"/provisioning/plans/{number}{path}") == (404, "not-found")
    for verb in ("undo", "resume"):
        assert await ulf.refused("POST", f"/provisioning/plans/{number}/{verb}", {}) == (404, "not-found")
