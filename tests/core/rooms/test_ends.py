# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Places in rooms that end by themselves, on either store."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, rooms
from fachwerk.core.identity import upsert_person
from fachwerk.core.rooms import ends, service
from fachwerk.core.rooms import jobs as room_jobs
from fachwerk.core.rooms.events import EndChanged
from fachwerk.features.calls import service as calls
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.jobs import JobRow
from tests.house import Client, House
from tests.house.house import NAMESPACE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
HOUR_S = 3600.0


async def test_a_place_ends_by_itself_like_that_of_somebody_removed(house: House, bea: Client, ada: Client) -> None:
    end = at(house, 1)
    async with house.verify(bea, house.room) as seen, house.verify(ada, house.room):
        await set_end(bea, house.room, ada, end)
    assert [event for event in seen.events if isinstance(event, EndChanged)] == [
        EndChanged(person_id=ada.id, until=end)
    ]
    assert (await row(ada, house.room))["until"] == end
    assert await members(bea, house.room) >= {(ada.id, "joined", end)}
    async with ada.following(house.room) as socket:
        assert await house.run_due_jobs() > 0
        assert (await socket.send(house.room, "noch da", "client-0001"))["t"] == "ack"
        house.clock.forward(HOUR_S)
        async with house.verify(bea, house.room):
            await house.run_due_jobs()
        await socket.until(t="closed", a=f"room:{house.room}")
        refused = await socket.send(house.room, "weg", "client-0002")
    assert refused["problem"]["status"] == 404
    assert await ada.refused("GET", f"/rooms/{house.room}/state") == (404, "not-found")
    assert ada.id not in {who for who, _, _ in await members(bea, house.room)}


async def test_whose_time_is_over_is_cut_off_from_the_call(house: House, bea: Client, ada: Client) -> None:
    call = await ada.call("POST", f"/rooms/{house.room}/call")
    async with house.context.database.work() as work:
        assert await calls.note_joined(work, house.context.policy, call["id"], ada.id)
    await set_end(bea, house.room, ada, at(house, 1))
    house.clock.forward(HOUR_S)
    await house.run_due_jobs()
    async with house.context.database.read() as work:
        assert await calls.calls_of(work, ada.id) == []
        waiting = (await work.db.exec(select(JobRow.body).where(col(JobRow.name) == "calls.cut_off"))).all()
    assert waiting == [{"call_id": call["id"], "person_id": ada.id}], (
        "it waits for the media server, which is not there"
    )


async def test_an_end_is_moved_and_lifted(house: House, bea: Client, ada: Client) -> None:
    await set_end(bea, house.room, ada, at(house, 1))
    await set_end(bea, house.room, ada, at(house, 3))
    house.clock.forward(2 * HOUR_S)
    await house.run_due_jobs()
    async with house.verify(ada, house.room):
        await set_end(bea, house.room, ada, None)
    assert (await row(ada, house.room))["until"] is None
    house.clock.forward(2 * HOUR_S)
    await house.run_due_jobs()
    assert (await row(ada, house.room))["membership"] == "joined"


async def test_an_invitation_carries_the_end_into_the_place(house: House, ada: Client, cem: Client) -> None:
    room, end = (await ada.call("POST", "/rooms", {"name": "Projekt"}, status=201))["id"], at(house, 1)
    async with house.verify(ada, room), house.verify(cem):
        await ada.call("POST", f"/rooms/{room}/members", {"person_id": cem.id, "until": end}, status=204)
    assert (await row(cem, room))["until"] == end
    async with house.verify(ada, room), house.verify(cem):
        joined = await cem.call("POST", f"/rooms/{room}/join")
    assert joined["until"] == end
    assert await members(ada, room) == {(ada.id, "joined", None), (cem.id, "joined", end)}
    house.clock.forward(HOUR_S)
    async with house.verify(ada, room), house.verify(cem):
        await house.run_due_jobs()
    assert await members(ada, room) == {(ada.id, "joined", None)}
    await ada.call("POST", f"/rooms/{room}/members", {"person_id": cem.id}, status=204)
    assert (await cem.call("POST", f"/rooms/{room}/join"))["until"] is None, "a new invitation begins anew"


async def test_an_invitation_whose_time_is_over_is_none(house: House, ada: Client, cem: Client) -> None:
    room = (await ada.call("POST", "/rooms", {"name": "Projekt"}, status=201))["id"]
    body = {"person_id": cem.id, "until": at(house, 1)}
    await ada.call("POST", f"/rooms/{room}/members", body, status=204)
    house.clock.forward(HOUR_S)
    assert await cem.refused("POST", f"/rooms/{room}/join") == (404, "not-found"), "before the job came by, too"
    async with house.verify(ada, room), house.verify(cem):
        await house.run_due_jobs()
    assert await members(ada, room) == {(ada.id, "joined", None)}


async def test_who_leaves_early_is_not_out_again_later(house: House, bea: Client, ada: Client) -> None:
    await set_end(bea, house.room, ada, at(house, 1))
    await ada.call("POST", f"/rooms/{house.room}/leave", status=204)
    await ada.call("POST", f"/rooms/{house.room}/join")
    assert (await row(ada, house.room))["until"] is None
    house.clock.forward(HOUR_S)
    await house.run_due_jobs()
    assert (await row(ada, house.room))["membership"] == "joined"


@pytest.mark.parametrize(
    ("until", "detail"),
    [
        (-1, "the end is in the past"),
        (24 * 1831, "more than 1830 days ahead"),
        ("2026-12-31T12:00:00", None),
        ("9999-12-31T23:59:59Z", "more than 1830 days ahead"),
        ("0001-01-01T00:00:00+14:00", "the end is in the past"),
        ("gestern", None),
        (True, None),
    ],
)
async def test_an_end_that_cannot_be_is_refused_with_its_place(
    house: House, bea: Client, ada: Client, until: Any, detail: str | None
) -> None:
    if isinstance(until, int) and not isinstance(until, bool):
        until = at(house, until)
    for method, path, body in (
        ("PUT", f"/rooms/{house.room}/members/{ada.id}/end", {"until": until}),
        ("POST", f"/rooms/{house.room}/members", {"person_id": ada.id, "until": until}),
    ):
        response = await bea.http.request(method, f"/api/v1{path}", json=body)
        assert response.status_code == 422, response.text
        (fault,) = response.json()["errors"]
        assert fault["pointer"] == "/until"
        assert detail in (None, fault["detail"])
    assert (await row(ada, house.room))["until"] is None


async def test_who_may_set_an_end(house: House, olga: Client, bea: Client, ada: Client, dora: Client) -> None:
    path, body = f"/rooms/{house.room}/members/{ada.id}/end", {"until": at(house, 1)}
    assert await ada.refused("PUT", path, body) == (403, "forbidden")
    assert await dora.refused("PUT", path, body) == (404, "not-found")
    stranger = f"/rooms/{house.room}/members/{dora.id}/end"
    assert await bea.refused("PUT", stranger, body) == (404, "not-found")
    await set_end(olga, house.room, bea, at(house, 1))
    own = f"/rooms/{house.room}/members/{bea.id}/end"
    assert await bea.refused("PUT", own, {"until": None}) == (403, "forbidden"), "nobody moves their own end"


async def test_an_owner_gets_an_end_only_beside_one_who_stays(house: House, olga: Client, bea: Client) -> None:
    owners = f"/rooms/{house.room}/members"
    assert await bea.refused("PUT", f"{owners}/{olga.id}/end", {"until": at(house, 1)}) == (409, "last-owner")
    await olga.call("PUT", f"{owners}/{bea.id}", {"role": "owner"}, status=204)
    await set_end(olga, house.room, bea, at(house, 1))
    assert await bea.refused("PUT", f"{owners}/{olga.id}/end", {"until": at(house, 2)}) == (409, "last-owner")
    assert await olga.refused("POST", f"/rooms/{house.room}/leave") == (409, "last-owner"), "bea does not stay"
    house.clock.forward(HOUR_S)
    await house.run_due_jobs()
    assert {(who, end) for who, _, end in await members(olga, house.room)} >= {(olga.id, None)}
    assert bea.id not in {who for who, _, _ in await members(olga, house.room)}


async def test_of_two_owners_only_one_gets_an_end_at_the_same_time(house: House, olga: Client, bea: Client) -> None:
    path = f"/rooms/{house.room}/members"
    await olga.call("PUT", f"{path}/{bea.id}", {"role": "owner"}, status=204)
    body = {"until": at(house, 1)}
    answers = await asyncio.gather(
        olga.http.put(f"/api/v1{path}/{bea.id}/end", json=body), bea.http.put(f"/api/v1{path}/{olga.id}/end", json=body)
    )
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_rooms_that_follow_the_directory_have_no_ends(house: House, ada: Client, cem: Client) -> None:
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by="test")
        await directory.add_member(work, house.departments["A"], ada.id, "lead")
    end = at(house, 1)
    assert (await row(ada, room.id))["role"] == "moderator"
    path = f"/rooms/{room.id}/members"
    assert await ada.refused("PUT", f"{path}/{cem.id}/end", {"until": end}) == (403, "forbidden")
    assert await ada.refused("POST", path, {"person_id": cem.id, "until": end}) == (422, "invalid")
    direct = (await ada.call("POST", "/direct", {"person_id": cem.id}))["id"]
    assert await ada.refused("PUT", f"/rooms/{direct}/members/{cem.id}/end", {"until": end}) == (403, "forbidden")


async def test_what_was_done_is_in_the_audit_trail(house: House, bea: Client, ada: Client) -> None:
    end = at(house, 1)
    await set_end(bea, house.room, ada, end)
    await set_end(bea, house.room, ada, end)
    await set_end(bea, house.room, ada, None)
    await set_end(bea, house.room, ada, end)
    house.clock.forward(HOUR_S)
    await house.run_due_jobs()
    async with house.context.database.read() as work:
        chosen = select(AuditRow).where(col(AuditRow.action).in_(("member.set_end", "member.end")))
        found = (await work.db.exec(chosen.order_by(AuditRow.id))).all()
    told = {"person": ada.id}
    assert [(one.actor_id, one.action, one.subject, one.detail) for one in found] == [
        (bea.id, "member.set_end", house.room, told | {"until": end}),
        (bea.id, "member.set_end", house.room, told | {"until": "lasting"}),
        (bea.id, "member.set_end", house.room, told | {"until": end}),
        (ada.id, "member.end", house.room, {}),
    ]


async def test_many_end_at_once_and_in_several_transactions(
    house: House, olga: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_jobs, "BATCH", 3)
    async with house.context.database.work() as work:
        room = (await rooms.place(work, olga.id, house.room)).room
        for number in range(7):
            person = await upsert_person(work, NAMESPACE, f"p{number}", f"P {number}", None, [])
            await rooms.put_in(work, room, person.id, "member", house.clock.now_ms() + 1000)
    house.clock.forward(2)
    async with house.verify(olga, house.room):
        await house.run_due_jobs()
    assert len(await members(olga, house.room)) == 5


async def test_without_an_end_that_has_come_nothing_is_written(house: House, bea: Client, ada: Client) -> None:
    await set_end(bea, house.room, ada, at(house, 1))
    with statements() as said:
        await room_jobs.end_places(house.context, {})
    asked = [one for one in said if "member" in one]
    assert len(asked) == 1
    assert not [one for one in said if one.startswith(("INSERT", "UPDATE", "BEGIN IMMEDIATE"))]


async def test_an_end_that_is_moved_in_the_same_moment_is_moved(house: House, bea: Client, ada: Client) -> None:
    await set_end(bea, house.room, ada, at(house, 1))
    house.clock.forward(HOUR_S)
    later = house.clock.now_ms() + 60_000
    async with house.context.database.work() as moving:
        member = await service.held_member(moving, house.room, ada.id)
        member.until_ms = later
        moving.db.add(member)
        await moving.db.flush()
        if not house.context.database.is_sqlite:  # one writer at a time there
            async with house.context.database.work() as ending:
                assert await ends.end_over(ending, 10) == 0
    await house.run_due_jobs()
    assert (await row(ada, house.room))["until"] == rfc3339(later)


def at(house: House, hours: float) -> str:
    """A moment in so many hours."""
    return rfc3339(house.clock.now_ms() + int(hours * HOUR_S * 1000))


async def set_end(client: Client, room_id: str, of: Client, until: str | None) -> None:
    await client.call("PUT", f"/rooms/{room_id}/members/{of.id}/end", {"until": until}, status=204)


async def row(client: Client, room_id: str) -> Any:
    """The room in this person's list."""
    return next(one for one in (await client.call("GET", "/rooms"))["items"] if one["id"] == room_id)


async def members(client: Client, room_id: str) -> set[tuple[str, str, str | None]]:
    """(person, membership, end) of everybody in the room."""
    state = await client.call("GET", f"/rooms/{room_id}/state")
    return {(one["person_id"], one["membership"], one["until"]) for one in state["state"]["rooms"]["members"]}
