# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administrators set policies at departments, see beforehand what that does, and nobody else does either."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, rooms
from fachwerk.core.policies import EVERYWHERE
from fachwerk.core.rooms.model import Label
from fachwerk.kernel.audit import AuditRow
from tests.house import Client, House
from tests.house.house import PEERS
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
PEER, OTHER = PEERS
UNKNOWN = "00000000-0000-7000-8000-000000000000"


async def put(client: Client, place: str, policy: str, value: str) -> None:
    await client.call("PUT", f"/policies/{place}/{policy}", {"value": value}, status=204)


async def tree(client: Client) -> dict[str, dict[str, Any]]:
    """What the tree says of each place, by short name and policy."""
    places = (await client.call("GET", "/policies"))["places"]
    return {place["short"]: {one["policy"]: one for one in place["policies"]} for place in places}


async def make_room(house: House, department: str | None, label: Label) -> None:
    async with house.context.database.work() as work:
        department_id = house.departments[department] if department else None
        room = await rooms.found(work, kind="group", name="Raum", by=house.people["ada"], department_id=department_id)
        room.label = label
        work.db.add(room)
        await rooms.put_in(work, room, house.people["ada"], "owner")


async def test_nothing_is_set_at_first_and_everything_is_allowed(house: House, ulf: Client) -> None:
    answer = await ulf.call("GET", "/policies")
    assert answer["policies"] == [
        {"name": "least_label", "values": ["open", "internal", "confidential"]},
        {"name": "federation", "values": ["allowed", "denied"]},
        {"name": "guests", "values": ["allowed", "forbidden"]},
    ]
    assert [(p["id"], p["parent_id"], p["name"], p["short"]) for p in answer["places"]] == [
        (EVERYWHERE, None, "", ""),
        (house.departments["H"], None, "Abteilung H", "H"),
        (house.departments["A"], house.departments["H"], "Abteilung A", "A"),
        (house.departments["B"], house.departments["H"], "Abteilung B", "B"),
    ]
    unset = {"own": None, "set_at": None, "beyond": 0, "delegated": False}
    for place in answer["places"]:
        assert place["policies"] == [
            {"policy": "least_label", "value": "open", **unset, "choices": ["open", "internal", "confidential"]},
            {"policy": "federation", "value": "allowed", **unset, "choices": ["allowed", "denied"]},
            {"policy": "guests", "value": "allowed", **unset, "choices": ["allowed", "forbidden"]},
        ]


async def test_what_is_set_holds_below_until_it_is_taken_away_again(house: House, ulf: Client) -> None:
    places = house.departments
    await put(ulf, EVERYWHERE, "federation", "denied")
    await put(ulf, places["H"], "least_label", "internal")
    await put(ulf, places["A"], "least_label", "confidential")

    async def labels() -> dict[str, tuple[str, str | None]]:
        return {s: (p["least_label"]["value"], p["least_label"]["set_at"]) for s, p in (await tree(ulf)).items()}

    assert await labels() == {
        "": ("open", None),
        "H": ("internal", places["H"]),
        "A": ("confidential", places["A"]),
        "B": ("internal", places["H"]),
    }
    assert {p["federation"]["value"] for p in (await tree(ulf)).values()} == {"denied"}
    await ulf.call("DELETE", f"/policies/{places['A']}/least_label", status=204)
    assert (await labels())["A"] == ("internal", places["H"])
    await ulf.call("DELETE", f"/policies/{places['A']}/least_label", status=204)
    await ulf.call("DELETE", f"/policies/{places['H']}/least_label", status=204)
    assert set((await labels()).values()) == {("open", None)}


async def test_a_department_that_moves_follows_those_above_its_new_place(house: House, ulf: Client) -> None:
    places = house.departments
    await put(ulf, places["A"], "federation", "denied")
    async with house.context.database.work() as work:
        below = await directory.add_department(work, "Referat 1", "1", places["A"])
    assert (await tree(ulf))["1"]["federation"]["set_at"] == places["A"]
    async with house.context.database.work() as work:
        await directory.change_department(work, below.id, "Referat 1", places["B"])
    assert (await tree(ulf))["1"]["federation"] == {
        "policy": "federation", "value": "allowed", "own": None, "set_at": None, "beyond": 0,
        "delegated": False, "choices": ["allowed", "denied"],
    }  # fmt: skip
    await put(ulf, below.id, "federation", "denied")
    async with house.context.database.work() as work:
        await directory.change_department(work, below.id, "Referat 1", None)
    assert (await tree(ulf))["1"]["federation"]["value"] == "denied", "what is set at it goes with it"


async def test_a_preview_says_how_many_rooms_would_be_beyond_and_changes_nothing(house: House, ulf: Client) -> None:
    for department in ("A", "B", None):
        await make_room(house, department, "open")
    await make_room(house, "A", "internal")
    await (await house.client("ada")).call("POST", "/direct", {"person_id": house.people["bea"]})
    before = await tree(ulf)
    h, a = house.departments["H"], house.departments["A"]

    async def preview(place: str, value: str) -> dict[str, Any]:
        query = f"?value={value}" if value else ""
        found: dict[str, Any] = await ulf.call("GET", f"/policies/{place}/least_label/preview{query}")
        return found

    # with the house's own room, which is open and of A
    assert await preview(a, "internal") == {"value": "internal", "departments": 1, "rooms": 2}
    assert await preview(a, "confidential") == {"value": "confidential", "departments": 1, "rooms": 3}
    assert await preview(h, "internal") == {"value": "internal", "departments": 3, "rooms": 3}
    assert await preview(EVERYWHERE, "internal") == {"value": "internal", "departments": 3, "rooms": 4}
    assert await preview(a, "open") == {"value": "open", "departments": 0, "rooms": 0}
    assert await tree(ulf) == before
    await put(ulf, a, "least_label", "internal")
    assert await preview(h, "confidential") == {"value": "confidential", "departments": 2, "rooms": 1}
    assert await preview(a, "") == {"value": "open", "departments": 1, "rooms": 0}


async def test_rooms_beyond_are_counted_where_they_are(house: House, ulf: Client) -> None:
    for department in ("B", None):
        await make_room(house, department, "open")
    await make_room(house, "A", "internal")
    await put(ulf, EVERYWHERE, "least_label", "internal")
    await put(ulf, house.departments["A"], "least_label", "confidential")
    beyond = {short: place["least_label"]["beyond"] for short, place in (await tree(ulf)).items()}
    assert beyond == {"": 1, "H": 0, "A": 2, "B": 1}


async def test_rooms_of_a_department_that_has_ended_keep_what_was_set_at_it(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        house.departments["1"] = (await directory.add_department(work, "Referat 1", "1", house.departments["A"])).id
    await make_room(house, "1", "open")
    await put(ulf, house.departments["1"], "least_label", "internal")
    async with house.context.database.work() as work:
        await directory.remove_department(work, house.departments["1"])
        room = (
            await work.db.exec(select(rooms.Room.id).where(rooms.Room.department_id == house.departments["1"]))
        ).one()
    found = await tree(ulf)
    assert set(found) == {"", "H", "A", "B"}
    assert found[""]["least_label"]["beyond"] == 1, "counted with those of no department"
    ada = await house.client("ada")
    assert (await ada.call("GET", f"/rooms/{room}/policies"))["items"] == [
        {"policy": "least_label", "value": "internal", "department": None},
        {"policy": "federation", "value": "allowed", "department": None},
        {"policy": "guests", "value": "allowed", "department": None},
    ]
    assert await ulf.refused("PUT", f"/policies/{house.departments['1']}/least_label", {"value": "open"}) == (
        404, "not-found",
    )  # fmt: skip
    async with house.context.database.work() as work:
        own, above = house.departments["1"], house.departments["B"]
        await directory.add_department(work, "Referat 1", "1", above, department_id=own)
    assert (await tree(ulf))["1"]["least_label"] == {
        "policy": "least_label", "value": "internal", "own": "internal", "set_at": own, "beyond": 1,
        "delegated": False, "choices": ["open", "internal", "confidential"],
    }  # fmt: skip


async def test_each_change_is_in_the_trail_and_what_changes_nothing_is_not(house: House, ulf: Client) -> None:
    place = house.departments["A"]
    for value in ("denied", "denied", "allowed"):
        await put(ulf, place, "federation", value)
    for _ in range(2):
        await ulf.call("DELETE", f"/policies/{place}/federation", status=204)
    await ulf.call("GET", f"/policies/{place}/federation/preview?value=denied")
    async with house.context.database.read() as work:
        noted = select(AuditRow.actor_id, AuditRow.subject, AuditRow.detail).where(col(AuditRow.action) == "policy.set")
        acts = (await work.db.exec(noted.order_by(col(AuditRow.number)))).all()
    changes = [("inherited", "denied"), ("denied", "allowed"), ("allowed", "inherited")]
    assert acts == [
        (ulf.id, place, {"policy": "federation", "before": before, "after": after}) for before, after in changes
    ]


async def test_of_two_at_once_the_last_one_holds(house: House, ulf: Client) -> None:
    place = house.departments["A"]
    for _ in range(5):
        await asyncio.gather(*(put(ulf, place, "federation", value) for value in ("denied", "allowed")))
        assert (await tree(ulf))["A"]["federation"]["own"] in {"denied", "allowed"}
        await ulf.call("DELETE", f"/policies/{place}/federation", status=204)


async def test_nobody_else_sees_or_sets_them(house: House, olga: Client) -> None:
    path = f"/policies/{house.departments['A']}/federation"
    assert await olga.refused("GET", "/policies") == (403, "forbidden")
    assert await olga.refused("GET", f"{path}/preview?value=denied") == (403, "forbidden")
    assert await olga.refused("PUT", path, {"value": "denied"}) == (403, "forbidden")
    assert await olga.refused("DELETE", path) == (403, "forbidden")


async def test_everybody_sees_what_holds_in_their_own_departments_and_rooms(
    house: House, ulf: Client, ada: Client, dora: Client
) -> None:
    await put(ulf, house.departments["H"], "least_label", "internal")
    await put(ulf, house.departments["A"], "federation", "denied")
    holds = [
        {"policy": "least_label", "value": "internal", "department": "Abteilung H"},
        {"policy": "federation", "value": "denied", "department": "Abteilung A"},
        {"policy": "guests", "value": "allowed", "department": None},
    ]
    assert (await ada.call("GET", f"/policies/{house.departments['A']}"))["items"] == holds
    assert (await ada.call("GET", f"/rooms/{house.room}/policies"))["items"] == holds
    everywhere = (await ada.call("GET", f"/policies/{EVERYWHERE}"))["items"]
    assert [one["value"] for one in everywhere] == ["open", "allowed", "allowed"]
    assert await dora.refused("GET", f"/policies/{house.departments['A']}") == (404, "not-found")
    assert await dora.refused("GET", f"/rooms/{house.room}/policies") == (404, "not-found")


@pytest.mark.parametrize(
    ("place", "policy", "value", "refusal"),
    [
        (UNKNOWN, "federation", "denied", (404, "not-found")),
        ("nowhere", "federation", "denied", (404, "not-found")),
        (EVERYWHERE, "recording", "denied", (404, "not-found")),
        (EVERYWHERE, "federation", "internal", (422, "invalid")),
        (EVERYWHERE, "federation", "", (422, "invalid")),
        (EVERYWHERE, "federation", "x" * 33, (422, "invalid")),
    ],
)
async def test_what_does_not_exist_is_not_set(
    ulf: Client, place: str, policy: str, value: str, refusal: tuple[int, str]
) -> None:
    assert await ulf.refused("PUT", f"/policies/{place}/{policy}", {"value": value}) == refusal
    assert await ulf.refused("GET", f"/policies/{place}/{policy}/preview?value={value}") == refusal


async def test_asking_costs_the_same_however_deep_and_large_the_house_is(house: House, ulf: Client) -> None:
    ada = await house.client("ada")
    asked = [
        (ulf, "/policies"),
        (ulf, f"/policies/{house.departments['H']}/federation/preview?value=denied"),
        (ada, f"/policies/{house.departments['A']}"),
        (ada, f"/rooms/{house.room}/policies"),
    ]

    async def costs() -> list[int]:
        counted = []
        for client, path in asked:
            with statements() as said:
                await client.call("GET", path)
            counted.append(len([one for one in said if "department_policy" in one or "room" in one]))
        return counted

    before = await costs()
    # one for the values and one for the rooms of each policy that is counted; of a place or a room the values alone
    assert before == [5, 3, 1, 2]
    above = house.departments["A"]
    async with house.context.database.work() as work:
        for number in range(20):
            above = (await directory.add_department(work, f"Stufe {number}", f"A {number}", above)).id
            await rooms.found(work, kind="group", name="Raum", by=house.people["ada"], department_id=above)
        (await work.db.get_one(rooms.Room, house.room)).department_id = above
    await put(ulf, above, "federation", "denied")
    assert await costs() == before
