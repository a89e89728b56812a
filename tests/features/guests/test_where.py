# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Where there are guests and where not: labels, kinds of rooms, policies of departments, limits."""

import asyncio

import pytest

from fachwerk.core import identity, rooms
from fachwerk.core.policies import EVERYWHERE
from tests.features.guests.visit import enter, invite, secret_of, slug
from tests.house import Client, House, open_house
from tests.house.house import PEERS

pytestmark = pytest.mark.anyio
NEW = {"name": "Gina"}
PEER = next(iter(PEERS))


@pytest.fixture
async def ulf(house: House) -> Client:
    """The administrator."""
    async with house.context.database.work() as work:
        made = await identity.upsert_person(work, "test", "ulf", "Ulf", None, [identity.ADMIN])
    house.people["ulf"] = made.id
    return await house.client("ulf")


@pytest.mark.parametrize("label", ["internal", "confidential"])
async def test_a_room_that_stays_in_the_house_has_no_guests(house: House, olga: Client, label: str) -> None:
    await olga.call("PUT", f"/rooms/{house.room}/label", {"label": label})
    assert await olga.refused("POST", f"/rooms/{house.room}/guests", NEW) == (409, "label-forbids")


async def test_a_room_with_guests_stays_open_until_they_are_gone(house: House, olga: Client) -> None:
    invited = await invite(olga, house.room)
    await enter(house, await invite(olga, house.room, name="Gustav"))
    answer = await olga.http.put(f"/api/v1/rooms/{house.room}/label", json={"label": "internal"})
    assert (answer.status_code, answer.json()["data"]) == (409, {"guests": "Gina, Gustav"})
    for guest in (await olga.call("GET", f"/rooms/{house.room}/guests"))["items"]:
        await olga.call("DELETE", f"/guests/{guest['person_id']}", status=204)
    await olga.call("PUT", f"/rooms/{house.room}/label", {"label": "internal"})
    assert await slug(house, secret_of(invited)) == (404, "guest-link-unknown")


async def test_of_a_label_and_a_guest_at_once_one_is_refused(house: House, olga: Client, bea: Client) -> None:
    for _ in range(5):
        invited, labelled = await asyncio.gather(
            olga.http.post(f"/api/v1/rooms/{house.room}/guests", json=NEW),
            bea.http.put(f"/api/v1/rooms/{house.room}/label", json={"label": "internal"}),
        )
        assert sorted((invited.status_code, labelled.status_code)) in ([200, 409], [201, 409])
        if invited.is_success:
            await olga.call("DELETE", f"/guests/{invited.json()['person_id']}", status=204)
        await bea.call("PUT", f"/rooms/{house.room}/label", {"label": "open"})


async def test_another_ministry_is_told_who_is_a_guest(house: House, olga: Client) -> None:
    await olga.call("PUT", f"/rooms/{house.room}/peers/{PEER}", {"contact": "eva"}, status=204)
    await enter(house, await invite(olga, house.room))
    told = await house.bridge().call("GET", f"/federation/rooms/{house.room}/members")
    assert [one["name"] for one in told["items"] if "Gina" in one["name"]] == ["Gina (Gast)"]
    assert "Olga" in {one["name"] for one in told["items"]}


async def test_rooms_of_departments_and_of_two_have_no_guests(house: House, olga: Client, ada: Client) -> None:
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by=olga.id)
        await rooms.put_in(work, room, olga.id, "owner")
    assert await olga.refused("POST", f"/rooms/{room.id}/guests", NEW) == (403, "forbidden")
    direct = await olga.call("POST", "/direct", {"person_id": ada.id})
    assert await olga.refused("POST", f"/rooms/{direct['id']}/guests", NEW) == (403, "forbidden")
    assert await ada.refused("POST", f"/rooms/{house.room}/guests", NEW) == (403, "forbidden"), "ada leads nothing"


async def test_a_department_may_have_none(house: House, olga: Client, ulf: Client) -> None:
    waiting = await invite(olga, house.room)
    here = await enter(house, await invite(olga, house.room, name="Gustav"))
    preview = await ulf.call("GET", f"/policies/{house.departments['H']}/guests/preview?value=forbidden")
    assert preview["rooms"] == 1
    await ulf.call("PUT", f"/policies/{house.departments['H']}/guests", {"value": "forbidden"}, status=204)
    assert await olga.refused("POST", f"/rooms/{house.room}/guests", NEW) == (409, "policy-forbids")
    assert await slug(house, secret_of(waiting)) == (409, "policy-forbids")
    assert await olga.refused("POST", f"/guests/{here.id}/link") == (409, "policy-forbids")
    await here.call("GET", "/me")  # who is there stays
    await ulf.call("DELETE", f"/policies/{house.departments['H']}/guests", status=204)
    await ulf.call("PUT", f"/policies/{EVERYWHERE}/least_label", {"value": "internal"}, status=204)
    assert await olga.refused("POST", f"/rooms/{house.room}/guests", NEW) == (409, "policy-forbids")


async def test_rooms_and_sponsors_have_only_so_many(tmp_path: object, sqlite_url: str) -> None:
    few = {"guests": {"per_room": 2, "per_sponsor": 3}}
    async with open_house(tmp_path, sqlite_url, **few) as house:  # type: ignore[arg-type]
        await house.settle()
        olga = await house.client("olga")
        for _ in range(2):
            await invite(olga, house.room)
        answer = await olga.http.post(f"/api/v1/rooms/{house.room}/guests", json=NEW)
        assert (answer.status_code, answer.json()["data"]) == (409, {"whose": "room", "limit": 2})
        other = (await olga.call("POST", "/rooms", {"name": "Zweiter"}, status=201))["id"]
        made = await invite(olga, other)
        answer = await olga.http.post(f"/api/v1/rooms/{other}/guests", json=NEW)
        assert (answer.status_code, answer.json()["data"]) == (409, {"whose": "sponsor", "limit": 3})
        await olga.call("DELETE", f"/guests/{made['person_id']}", status=204)
        await invite(olga, other)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "   "},
        {"name": "x" * 101},
        {"name": "Gina", "organisation": "x" * 101},
        {"name": "Gina", "email": "nobody"},
        {"name": "Gina", "email": "a b@c.example"},
        {"name": "Gina", "ends_ms": -1},
        {"name": "Gina", "ends_ms": 1},
        {"name": "Gina", "ends_ms": 1 << 60},
        {"name": "Gina", "room_id": "x"},
    ],
)
async def test_an_invitation_that_does_not_fit_is_refused(house: House, olga: Client, body: dict[str, object]) -> None:
    assert await olga.refused("POST", f"/rooms/{house.room}/guests", body) == (422, "invalid")
    assert (await olga.call("GET", f"/rooms/{house.room}/guests"))["items"] == []
