# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administrators see rooms from outside, find one an owner that has none, and get into none of them by it."""

from typing import Any

import pytest
from sqlmodel import col, select, update

from fachwerk.core import directory, identity, rooms
from fachwerk.core.rooms import Room, service
from fachwerk.features.admin.rooms import UNUSED_MS
from fachwerk.features.admin.wire import PAGE
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.events import AudienceRow
from tests.house import Client, House
from tests.house.house import NAMESPACE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ulf(house: House) -> Client:
    """The administrator, of department A like most."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, "ulf", "Ulf", None, [identity.ADMIN])
        house.people["ulf"] = person.id
        await directory.add_member(work, house.departments["A"], person.id)
    return await house.client("ulf")


async def _listed(ulf: Client, query: str = "") -> dict[str, dict[str, Any]]:
    return {room["name"]: room for room in (await ulf.call("GET", f"/admin/rooms{query}"))["items"]}


async def _orphan(house: House, *names: str, department: str = "A", label: str = "open") -> str:
    """A room of these people that nobody looks after."""
    async with house.context.database.work() as work:
        room = await rooms.found(
            work, kind="group", name="Waise", by=house.people["olga"], department_id=house.departments[department]
        )
        for name in names:
            await rooms.put_in(work, room, house.people[name], "member")
        if label != "open":
            await rooms.relabel(work, house.context.policy, house.people["olga"], room.id, "internal")
    return room.id


async def _disable(house: House, name: str) -> None:
    async with house.context.database.work() as work:
        who = await identity.person(work, house.people[name])
        assert who
        await identity.take_over(work, NAMESPACE, who.subject, None, arrives=False)


async def test_rooms_are_seen_from_outside(house: House, ulf: Client, ada: Client, dora: Client) -> None:
    await ada.call("POST", "/direct", {"person_id": house.people["cem"]})
    async with house.context.database.work() as work:
        await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by="test")
    listed = await _listed(ulf)
    assert set(listed) == {"Haus", "Abteilung A"}, "no conversation of two"
    used_on = listed["Haus"].pop("used_on")
    assert len(used_on) == len("2026-01-31")
    assert listed["Haus"] == {
        "id": house.room,
        "kind": "group",
        "name": "Haus",
        "label": "open",
        "department_id": house.departments["A"],
        "members": 5,
        "leaders": ["Olga"],
    }
    for path in (f"/rooms/{house.room}/state", f"/rooms/{house.room}/messages"):
        assert await ulf.refused("GET", path) == (404, "not-found")
    assert await dora.refused("GET", "/admin/rooms") == (403, "forbidden")


async def test_who_leads_a_department_looks_after_its_room(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, house.departments["B"], "Abteilung B", by="test")
    assert (await _listed(ulf, "?unled=true"))["Abteilung B"]["id"] == room.id
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["B"], house.people["dora"], "lead")
    assert await _listed(ulf, "?unled=true") == {}
    assert (await _listed(ulf))["Abteilung B"]["leaders"] == ["Dora"]


async def test_a_room_of_a_department_that_ended_is_not_listed(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, house.departments["B"], "Abteilung B", by="test")
        await rooms.close_department_room(work, room.id)
    assert set(await _listed(ulf)) == {"Haus"}
    assert await ulf.refused("GET", f"/admin/rooms/{room.id}/heirs") == (404, "not-found")


async def test_the_last_use_is_not_told_of_a_room_of_two(house: House, ulf: Client) -> None:
    await _orphan(house, "ada", "cem")
    assert (await _listed(ulf))["Waise"]["used_on"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [("?q=hau", {"Haus"}), ("?q=%25", set()), ("?kind=department", set()), ("?kind=group&label=internal", {"Waise"}),
     ("?unled=true", {"Waise"}), ("?unused=true", set())],
)  # fmt: skip
async def test_rooms_are_looked_for(house: House, ulf: Client, query: str, found: set[str]) -> None:
    await _orphan(house, "dora", department="B", label="internal")
    assert set(await _listed(ulf, query)) == found


async def test_rooms_below_a_department_are_its_too(house: House, ulf: Client) -> None:
    await _orphan(house, "dora", department="B")
    assert set(await _listed(ulf, f"?department={house.departments['H']}")) == {"Haus", "Waise"}
    assert set(await _listed(ulf, f"?department={house.departments['B']}")) == {"Waise"}


async def test_what_nobody_uses_is_found_after_half_a_year(house: House, ulf: Client, ada: Client) -> None:
    await _orphan(house, "ada")
    async with house.context.database.work() as work:
        long_ago = work.now_ms - UNUSED_MS - 1
        await work.db.exec(update(Room).values(created_ms=long_ago))
        await work.db.exec(update(AudienceRow).values(changed_ms=long_ago))
    assert set(await _listed(ulf, "?unused=true")) == {"Haus", "Waise"}
    await ada.call("POST", f"/rooms/{house.room}/messages", {"client_id": "client-0001", "text": "da"}, status=201)
    assert set(await _listed(ulf, "?unused=true")) == {"Waise"}


async def test_pages_cost_the_same_however_many_there_are(house: House, ulf: Client) -> None:
    with statements() as few:
        await ulf.call("GET", "/admin/rooms")
    async with house.context.database.work() as work:
        for number in range(PAGE + 3):
            await rooms.found(work, kind="group", name=f"Raum {number}", by="test")
    with statements() as said:
        first = await ulf.call("GET", "/admin/rooms")
    second = await ulf.call("GET", f"/admin/rooms?cursor={first['next']}")
    names = [room["name"] for room in first["items"] + second["items"]]
    assert names == [f"Raum {number}" for number in range(PAGE + 2, -1, -1)] + ["Haus"]
    assert second["next"] is None
    assert len(said) == len(few)


async def test_a_room_that_nobody_looks_after_gets_an_owner_out_of_it(
    house: House, ulf: Client, olga: Client, ada: Client
) -> None:
    await _disable(house, "olga")
    room = (await _listed(ulf, "?unled=true"))["Haus"]
    assert room["leaders"] == []
    heirs = (await ulf.call("GET", f"/admin/rooms/{house.room}/heirs"))["items"]
    assert [one["name"] for one in heirs] == ["Ada", "Bea", "Cem", "Rita"]
    assert [one["name"] for one in (await ulf.call("GET", f"/admin/rooms/{house.room}/heirs?q=AD"))["items"]] == ["Ada"]
    async with house.verify(ada, house.room):
        body = {"person_id": house.people["bea"]}
        await ulf.call("PUT", f"/admin/rooms/{house.room}/owner", body, status=204)
    assert (await _listed(ulf))["Haus"]["leaders"] == ["Bea"]
    assert await ulf.refused("PUT", f"/admin/rooms/{house.room}/owner", body) == (409, "room-is-led")
    async with house.context.database.read() as work:
        chosen = select(AuditRow).where(AuditRow.action == "room.hand_over").order_by(col(AuditRow.number))
        (act,) = (await work.db.exec(chosen)).all()
    assert (act.actor_id, act.subject, act.detail) == (ulf.id, house.room, {"person": house.people["bea"]})


async def test_nobody_gets_into_a_room_by_it(house: House, ulf: Client) -> None:
    room = await _orphan(house, "ada")
    async with house.context.database.work() as work:
        eva = await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        await service.admit_external(work, (await rooms.by_ids(work, [room]))[0], eva.id)
    for person_id in (house.people["cem"], house.people["ulf"], eva.id, work.ids()):
        refused = await ulf.refused("PUT", f"/admin/rooms/{room}/owner", {"person_id": person_id})
        assert refused == (409, "no-heir")


async def test_administrators_do_not_make_themselves_the_owner(house: House, ulf: Client) -> None:
    room = await _orphan(house, "ulf", "ada")
    assert [one["name"] for one in (await ulf.call("GET", f"/admin/rooms/{room}/heirs"))["items"]] == ["Ada"]
    refused = await ulf.refused("PUT", f"/admin/rooms/{room}/owner", {"person_id": ulf.id})
    assert refused == (409, "no-heir")


async def test_where_nobody_is_left_it_goes_to_who_leads_the_department(house: House, ulf: Client) -> None:
    room = await _orphan(house, "ada")
    await _disable(house, "ada")
    assert (await ulf.call("GET", f"/admin/rooms/{room}/heirs"))["items"] == []
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["A"], house.people["cem"], "deputy")
    await ulf.call("PUT", f"/admin/rooms/{room}/owner", {"person_id": house.people["cem"]}, status=204)
    cem = await house.client("cem")
    rows = {row["id"]: row for row in (await cem.call("GET", "/rooms"))["items"]}
    assert (rows[room]["role"], rows[room]["membership"]) == ("owner", "joined")


async def test_a_label_is_only_made_narrower(house: House, ulf: Client, ada: Client) -> None:
    path = f"/admin/rooms/{house.room}/label"
    async with house.verify(ada, house.room):
        await ulf.call("PUT", path, {"label": "confidential"}, status=204)
    assert (await _listed(ulf))["Haus"]["label"] == "confidential"
    for label in ("open", "internal"):
        assert await ulf.refused("PUT", path, {"label": label}) == (409, "label-widens")
    assert await ulf.refused("PUT", path, {"label": "secret"}) == (422, "invalid")


async def test_a_conversation_of_two_is_no_room_to_look_after(house: House, ulf: Client, ada: Client) -> None:
    room = (await ada.call("POST", "/direct", {"person_id": house.people["cem"]}))["id"]
    assert await ulf.refused("PUT", f"/admin/rooms/{room}/label", {"label": "internal"}) == (404, "not-found")
    body = {"person_id": house.people["cem"]}
    assert await ulf.refused("PUT", f"/admin/rooms/{room}/owner", body) == (404, "not-found")
