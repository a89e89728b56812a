# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A room's label is more than a word: it keeps other ministries and strangers out."""

from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.kernel.audit import AuditRow
from tests.house import Client, House

pytestmark = pytest.mark.anyio


async def make(client: Client, **more: Any) -> str:
    room = await client.call("POST", "/rooms", {"name": "Plan"} | more, status=201)
    return str(room["id"])


async def label(client: Client, room: str, wanted: str) -> dict[str, Any]:
    row: dict[str, Any] = await client.call("PUT", f"/rooms/{room}/label", {"label": wanted})
    return row


async def test_a_confidential_room_lets_in_nobody_without_an_invitation(house: House, ada: Client, cem: Client) -> None:
    room = await make(ada, open=True, department_id=house.departments["A"])
    async with house.verify(ada, room):
        row = await label(ada, room, "confidential")
    assert (row["label"], row["open"]) == ("confidential", False)
    assert await cem.refused("POST", f"/rooms/{room}/join") == (404, "not-found")
    assert (await cem.call("GET", "/rooms/open"))["items"] == []
    await ada.call("POST", f"/rooms/{room}/members", {"person_id": cem.id}, status=204)
    await cem.call("POST", f"/rooms/{room}/join")
    assert (await label(ada, room, "internal"))["open"] is False, "the door does not open again by itself"


async def test_an_internal_room_stays_open_to_its_department(house: House, ada: Client, cem: Client) -> None:
    room = await make(ada, open=True, department_id=house.departments["A"])
    async with house.verify(ada, room):
        await label(ada, room, "internal")
    async with house.verify(cem):
        assert (await cem.call("POST", f"/rooms/{room}/join"))["label"] == "internal"


async def test_a_room_is_labelled_when_it_is_made(house: House, ada: Client) -> None:
    room = await ada.call("POST", "/rooms", {"name": "Plan", "label": "confidential"}, status=201)
    assert room["label"] == "confidential"
    contradiction = {"name": "Plan", "label": "confidential", "open": True, "department_id": house.departments["A"]}
    assert await ada.refused("POST", "/rooms", contradiction) == (422, "invalid")
    assert await ada.refused("PUT", f"/rooms/{room['id']}/label", {"label": "secret"}) == (422, "invalid")


async def test_those_who_lead_a_room_label_it_and_nobody_else(house: House, ada: Client, bea: Client) -> None:
    assert await ada.refused("PUT", f"/rooms/{house.room}/label", {"label": "internal"}) == (403, "forbidden")
    async with house.verify(ada, house.room), house.verify(bea, house.room):
        assert (await label(bea, house.room, "internal"))["label"] == "internal"
    await label(bea, house.room, "internal")
    async with house.context.database.read() as work:
        noted = select(AuditRow.actor_id, AuditRow.detail).where(
            col(AuditRow.action) == "room.label", col(AuditRow.subject) == house.room
        )
        assert (await work.db.exec(noted)).all() == [(bea.id, {"before": "open", "after": "internal"})]
