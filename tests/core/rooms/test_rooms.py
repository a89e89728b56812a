# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms: making, coming, going, on either store."""

from typing import Any

import pytest

from fachwerk.core import directory, rooms
from fachwerk.kernel.ids import new_id
from tests.house import Client, House

pytestmark = pytest.mark.anyio


async def test_who_makes_a_room_owns_it_and_the_others_are_invited(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(ada), house.verify(cem):
        room = await make(ada, person_ids=[cem.id])
    assert room["role"] == "owner"
    invitation = await row(cem, room["id"])
    assert (invitation["membership"], invitation["invited_by"]) == ("invited", ada.id)
    assert await cem.refused("GET", f"/rooms/{room['id']}/state") == (403, "forbidden")


async def test_taking_up_an_invitation_opens_the_room(house: House, ada: Client, cem: Client) -> None:
    room = (await make(ada, person_ids=[cem.id]))["id"]
    async with house.verify(ada, room), house.verify(cem):
        joined = await cem.call("POST", f"/rooms/{room}/join")
    assert (joined["membership"], joined["posts"] - joined["read_posts"]) == ("joined", 0)
    async with house.verify(cem, room):
        await ada.call("POST", f"/rooms/{room}/messages", {"client_id": "client-0001", "text": "da"}, status=201)


async def test_declining_an_invitation_ends_it(house: House, ada: Client, cem: Client) -> None:
    room = (await make(ada, person_ids=[cem.id]))["id"]
    async with house.verify(ada, room), house.verify(cem):
        await cem.call("POST", f"/rooms/{room}/leave", status=204)
    assert await cem.refused("POST", f"/rooms/{room}/join") == (404, "not-found")


async def test_an_open_room_is_for_its_department_alone(house: House, ada: Client, cem: Client, dora: Client) -> None:
    room = (await make(ada, open=True, department_id=house.departments["A"]))["id"]
    found = await cem.call("GET", "/rooms/open?q=plan")
    assert [(r["id"], r["members"]) for r in found["items"]] == [(room, 1)]
    assert (await dora.call("GET", "/rooms/open"))["items"] == []
    async with house.verify(cem), house.verify(ada, room):
        await cem.call("POST", f"/rooms/{room}/join")
    assert await dora.refused("POST", f"/rooms/{room}/join") == (404, "not-found")


async def test_two_people_have_one_direct_room(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(ada), house.verify(cem):
        first = await ada.call("POST", "/direct", {"person_id": cem.id})
    again = await cem.call("POST", "/direct", {"person_id": ada.id})
    assert first["id"] == again["id"]
    assert (first["other_id"], again["other_id"]) == (cem.id, ada.id)
    assert await ada.refused("POST", f"/rooms/{first['id']}/leave") == (403, "forbidden")


async def test_nobody_is_drawn_in_from_a_department_that_one_does_not_see(ada: Client, dora: Client) -> None:
    assert await ada.refused("POST", "/direct", {"person_id": dora.id}) == (422, "invalid")
    body = {"name": "Plan", "person_ids": [dora.id]}
    assert await ada.refused("POST", "/rooms", body) == (422, "invalid")


async def test_removing_somebody_closes_the_room_on_their_sockets(house: House, bea: Client, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        async with house.verify(bea, house.room):
            await bea.call("DELETE", f"/rooms/{house.room}/members/{ada.id}", status=204)
        await socket.until(t="closed", a=f"room:{house.room}")
        await socket.say(t="sub", a=f"room:{house.room}")
        refused = await socket.until(t="problem")
    assert refused["problem"]["status"] == 404
    assert await ada.refused("GET", f"/rooms/{house.room}/state") == (404, "not-found")


async def test_the_last_owner_cannot_go(house: House, olga: Client, bea: Client) -> None:
    assert await olga.refused("POST", f"/rooms/{house.room}/leave") == (409, "last-owner")
    path = f"/rooms/{house.room}/members/{bea.id}"
    async with house.verify(bea, house.room), house.verify(bea):
        await olga.call("PUT", path, {"role": "owner"}, status=204)
    await olga.call("POST", f"/rooms/{house.room}/leave", status=204)


async def test_a_new_role_counts_at_once_on_an_open_socket(house: House, olga: Client, rita: Client) -> None:
    async with rita.following(house.room) as socket:
        assert (await socket.send(house.room, "x", "client-0001"))["problem"]["status"] == 403
        await olga.call("PUT", f"/rooms/{house.room}/members/{rita.id}", {"role": "member"}, status=204)
        await socket.until(kind="room.opened")
        assert (await socket.send(house.room, "x", "client-0002"))["t"] == "ack"


async def test_renaming_shows_everywhere(house: House, bea: Client, ada: Client) -> None:
    async with house.verify(ada, house.room), house.verify(ada):
        await bea.call("PATCH", f"/rooms/{house.room}", {"name": "Neues Haus", "topic": "frisch"})
    assert (await row(ada, house.room))["name"] == "Neues Haus"
    assert await ada.refused("PATCH", f"/rooms/{house.room}", {"name": "x"}) == (403, "forbidden")


async def test_a_room_of_a_department_follows_the_directory(house: House, dora: Client) -> None:
    department = house.departments["A"]
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, department, "Abteilung A", by="test")
        await directory.add_member(work, department, house.people["ada"])
        await work.settle()
    async with house.verify(dora), house.context.database.work() as work:
        await directory.add_member(work, department, dora.id)
    assert (await row(dora, room.id))["kind"] == "department"
    assert await dora.refused("POST", f"/rooms/{room.id}/leave") == (403, "forbidden")


async def test_announcements_are_written_by_those_who_lead_and_read_by_all(
    house: House, ada: Client, bea: Client
) -> None:
    department = house.departments["A"]
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, department, "Abteilung A", by="test", announces=True)
        await directory.add_member(work, department, ada.id, "lead")
        await work.settle()
    mine = await row(bea, room.id)
    assert (mine["name"], mine["announces"], mine["role"]) == ("Abteilung A – Ankündigungen", True, "reader")
    assert (await row(ada, room.id))["role"] == "moderator"
    assert not (await row(ada, house.room))["announces"]
    said = {"client_id": new_id(), "text": "Dienstfrei am 24."}
    message = await ada.call("POST", f"/rooms/{room.id}/messages", said, status=201)
    assert [one["id"] for one in (await bea.call("GET", f"/rooms/{room.id}/messages"))["items"]] == [message["id"]]
    assert await bea.refused("POST", f"/rooms/{room.id}/messages", said) == (403, "forbidden")
    async with house.context.database.work() as work:
        await directory.add_member(work, department, ada.id, "deputy")
    assert (await row(ada, room.id))["role"] == "moderator", "a deputy may what the lead may"
    async with house.context.database.work() as work:
        await directory.add_member(work, department, ada.id, "member")
        await directory.change_department(work, department, "Abteilung Alpha", None)
    assert (await row(ada, room.id))["role"] == "reader"
    assert (await row(ada, room.id))["name"] == "Abteilung Alpha – Ankündigungen"


async def test_the_state_lists_what_the_server_would_allow(house: House, rita: Client, olga: Client) -> None:
    hers = await rita.call("GET", f"/rooms/{house.room}/state")
    assert "message.read" in hers["allowed"]
    assert "message.post" not in hers["allowed"]
    assert "message.edit" in hers["allowed_own"]
    owners = await olga.call("GET", f"/rooms/{house.room}/state")
    assert {"message.post", "member.set_role", "room.rename"} <= set(owners["allowed"])


async def test_names_of_people_in_shared_rooms_are_known(house: House, ada: Client, dora: Client) -> None:
    assert (await ada.call("GET", f"/people/by-id?id={dora.id}"))["items"] == []
    async with house.context.database.work() as work:
        here = await rooms.place(work, dora.id, house.room)
        await rooms.put_in(work, here.room, dora.id, "member")
    assert [p["name"] for p in (await ada.call("GET", f"/people/by-id?id={dora.id}&id={ada.id}"))["items"]] == [
        "Ada",
        "Dora",
    ]


async def make(client: Client, **more: Any) -> dict[str, Any]:
    room: dict[str, Any] = await client.call("POST", "/rooms", {"name": "Plan", **more}, status=201)
    return room


async def row(client: Client, room_id: str) -> dict[str, Any]:
    rows = (await client.call("GET", "/rooms"))["items"]
    found: dict[str, Any] = next(row for row in rows if row["id"] == room_id)
    return found


async def test_lists_of_those_who_do_not_follow_a_room_show_its_new_name(
    house: House, olga: Client, rita: Client
) -> None:
    async with rita.socket() as socket:
        await socket.hello()
        await olga.call("PATCH", f"/rooms/{house.room}", {"name": "Neu"})
        shown = (await socket.until(a=f"room:{house.room}", kind="room.shown"))["e"]
    assert (shown["room_id"], shown["name"], shown["label"]) == (house.room, "Neu", "open")
