# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who can read this: what is said agrees with who really can."""

from typing import Any

import pytest
from sqlmodel import col, update

from fachwerk.core import directory, identity, rooms
from fachwerk.core.identity import Person
from fachwerk.features.federation import service as federation
from tests.api.world import HELLO_SHA256, start_upload
from tests.house import Client, House
from tests.house.house import NAMESPACE, PEERS
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
PEER, OTHER = PEERS


async def readers(client: Client, room: str) -> dict[str, Any]:
    answer: dict[str, Any] = await client.call("GET", f"/rooms/{room}/readers")
    return answer


def named(answer: dict[str, Any]) -> set[str]:
    return {person for group in answer["groups"] for person in group["person_ids"]}


async def test_everybody_named_can_read_and_nobody_else(house: House, ada: Client) -> None:
    answer = await readers(ada, house.room)
    for name in house.people:
        client = await house.client(name)
        can = (await client.http.get(f"/api/v1/rooms/{house.room}/messages")).status_code == 200
        assert can == (client.id in named(answer)), name
    told = [(group["role"], group["count"]) for group in answer["groups"]]
    assert told == [("owner", 1), ("moderator", 1), ("member", 2), ("reader", 1)]
    assert (answer["invited"], answer["roles"], answer["copies"]) == (0, [], [])


async def test_who_was_invited_or_may_open_to_is_counted_and_not_named(house: House, ada: Client, bea: Client) -> None:
    room = await ada.call(
        "POST",
        "/rooms",
        {"name": "Offen", "open": True, "department_id": house.departments["A"], "person_ids": [bea.id]},
        status=201,
    )
    answer = await readers(ada, room["id"])
    assert named(answer) == {ada.id}
    assert answer["invited"] == 1
    assert answer["open_to"] == {"department": "Abteilung A", "count": 3}  # cem, olga, rita
    await ada.call("PUT", f"/rooms/{room['id']}/label", {"label": "confidential"})
    assert (await readers(ada, room["id"]))["open_to"] is None


async def test_a_disabled_person_is_no_reader(house: House, ada: Client, cem: Client) -> None:
    async with house.context.database.work() as work:
        await work.db.exec(update(Person).where(col(Person.id) == cem.id).values(active=False))
    assert cem.id not in named(await readers(ada, house.room))


async def test_other_ministries_are_named_and_what_they_have_stays_theirs(
    house: House, ada: Client, olga: Client
) -> None:
    for server in (PEER, OTHER):
        await olga.call("PUT", f"/rooms/{house.room}/peers/{server}", {"contact": "eva"}, status=204)
    async with house.context.database.work() as work:
        eva = await identity.external(work, f"@eva:{PEER}", "Eva", "Ministerium B")
        await federation.admit(work, house.room, eva.id)
    message = await ada.call(
        "POST", f"/rooms/{house.room}/messages", {"client_id": "client-0001", "text": "x"}, status=201
    )
    path = f"/federation/rooms/{house.room}/peers/{PEER}/status"
    await house.bridge().call("PUT", path, {"delivered_seq": message["seq"]}, status=204)
    answer = await readers(ada, house.room)
    theirs = [group for group in answer["groups"] if group["organisation"]]
    assert [(group["role"], group["guest"], group["person_ids"]) for group in theirs] == [("member", False, [eva.id])]
    assert [group["organisation"] for group in theirs] == ["Ministerium B"]
    assert answer["copies"] == [
        {"name": "Ministerium B", "current": True},
        {"name": "Ministerium C", "current": True},
    ]
    for server in (PEER, OTHER):
        await olga.call("DELETE", f"/rooms/{house.room}/peers/{server}", status=204)
    after = await readers(ada, house.room)
    assert eva.id not in named(after)
    assert after["copies"] == [{"name": "Ministerium B", "current": False}], "nothing had crossed to the other one"


async def test_a_file_is_its_uploaders_until_it_is_sent(house: House, ada: Client, cem: Client) -> None:
    upload = await start_upload(ada, house.room)
    patch = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert (await ada.http.patch(f"/api/v1/uploads/{upload}", headers=patch, content=b"hello")).status_code == 204
    await ada.call("POST", f"/uploads/{upload}/finish", {"sha256": HELLO_SHA256}, status=201)
    answer = await ada.call("GET", f"/files/{upload}/readers")
    assert (named(answer), answer["groups"][0]["role"]) == ({ada.id}, "uploader")
    assert await cem.refused("GET", f"/files/{upload}/readers") == (404, "not-found")
    sent = {"client_id": "client-0001", "text": "", "file_ids": [upload]}
    await ada.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    assert named(await cem.call("GET", f"/files/{upload}/readers")) == named(await readers(cem, house.room))


async def test_a_full_room_is_answered_in_a_fixed_number_of_queries(house: House, olga: Client) -> None:
    async def queries() -> int:
        with statements() as said:
            await readers(olga, house.room)
        return len(said)

    few = await queries()
    async with house.context.database.work() as work:
        room = (await rooms.place(work, olga.id, house.room)).room
        for number in range(300):
            person = await identity.upsert_person(work, NAMESPACE, f"p{number}", f"Person {number}", None, [])
            await directory.add_member(work, house.departments["A"], person.id)
            await rooms.put_in(work, room, person.id, "member")
    assert await queries() == few
    answer = await readers(olga, house.room)
    members = next(group for group in answer["groups"] if group["role"] == "member")
    assert (members["count"], len(members["person_ids"])) == (302, 20)
