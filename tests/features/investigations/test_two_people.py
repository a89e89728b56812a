# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One asks, another one decides, for a time; every step is in the trail."""

from typing import Any

import pytest

from fachwerk.core import identity
from fachwerk.features.investigations import service
from fachwerk.features.investigations.rules import UNDECIDED_MAX
from tests.features.guests.visit import enter, invite
from tests.features.investigations.case import (
    HOUR_S,
    REASON,
    REFERENCE,
    ask,
    decide,
    employ,
    end,
    listed,
    notices,
    opened,
    question,
    read,
    refused,
    say,
    told,
    trail,
)
from tests.house import Client, House
from tests.house.house import DAY_MS, NAMESPACE

pytestmark = pytest.mark.anyio
NOT_OPEN, DECIDED = (409, "investigation-not-open"), (409, "investigation-decided")
HIDDEN, FORBIDDEN = (404, "not-found"), (403, "forbidden")


async def test_from_the_question_to_the_end(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    await say(ada, house.room, "eins")
    row = await ask(house, ivo, ada.id)
    assert (row["state"], row["person"], row["asked_by"], row["allowed"]) == (
        "asked",
        "Ada",
        "Ivo",
        ["investigation.end"],
    )
    assert await refused(ivo, row) == NOT_OPEN
    (seen,) = await listed(gus)
    assert (seen["id"], seen["reason"], seen["reference"], seen["hours"]) == (row["id"], REASON, REFERENCE, 24)
    assert seen["allowed"] == ["investigation.decide"]
    decided = await decide(gus, row)
    assert (decided["state"], decided["decided_by"], decided["allowed"]) == ("open", "Gus", ["investigation.end"])
    (mine,) = await listed(ivo)
    assert mine["allowed"] == ["investigation.read", "investigation.end"]
    assert [message["text"] for message in (await read(ivo, row))["items"]] == ["eins"]
    assert await refused(gus, row) == HIDDEN, "whoever decides reads nothing"
    ended = await end(ivo, row)
    assert (ended["state"], ended["pages"], ended["allowed"]) == ("ended", 1, [])
    assert await refused(ivo, row) == NOT_OPEN
    assert await trail(house) == [
        ("investigation.ask", ivo.id, {"since": row["since"], "until": row["until"], "hours": "24"}),
        ("investigation.approve", gus.id, {"until": decided["ends_at"]}),
        ("investigation.read", ivo.id, {"page": "1"}),
        ("investigation.end", ivo.id, {"why": "ended", "pages": "1"}),
        ("investigation.tell", gus.id, {"person": ada.id, "pages": "1"}),
    ]


async def test_who_has_both_roles_does_not_decide_on_their_own_question(house: House, ada: Client, gus: Client) -> None:
    both = await employ(house, "bo", [identity.INVESTIGATOR, identity.GUARDIAN])
    row = await ask(house, both, ada.id)
    answer = {"approve": True, "sentence": "Ich darf das."}
    assert await both.refused("POST", f"/investigations/{row['id']}/decision", answer) == HIDDEN
    await decide(gus, row)
    await read(both, row)


async def test_nobody_investigates_themselves_nor_decides_on_themselves(house: House, ivo: Client, gus: Client) -> None:
    assert await ivo.refused("POST", "/investigations", question(house, ivo.id)) == FORBIDDEN
    row = await ask(house, ivo, gus.id)
    assert await listed(gus) == []
    for path, body in (("decision", {"approve": False, "sentence": "Nein."}), ("end", None)):
        assert await gus.refused("POST", f"/investigations/{row['id']}/{path}", body) == HIDDEN
    other = await employ(house, "gerd", [identity.GUARDIAN])
    await decide(other, row)
    await end(ivo, row)
    assert await listed(gus) == []


async def test_others_learn_nothing_of_it(house: House, ivo: Client, gus: Client, ada: Client, bea: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    other = await employ(house, "ina", [identity.INVESTIGATOR])
    admin = await employ(house, "ulf", [identity.ADMIN, identity.AUDITOR])
    assert await listed(other) == []
    for one in (other, admin, bea, ada):
        assert await refused(one, row) == HIDDEN
        assert await one.refused("POST", f"/investigations/{row['id']}/end") == HIDDEN
    for one in (admin, bea, ada):
        assert await one.refused("GET", "/investigations") == FORBIDDEN
        assert await one.refused("GET", "/investigations/people?q=a") == FORBIDDEN
        assert await one.refused("POST", "/investigations", question(house, bea.id)) == FORBIDDEN


async def test_a_role_that_was_taken_away_ends_the_reading(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    await read(ivo, row)
    async with house.context.database.work() as work:
        await identity.upsert_person(work, NAMESPACE, "ivo", "Ivo", None, [])
    assert await refused(ivo, row) == HIDDEN
    assert await ivo.refused("GET", "/investigations") == FORBIDDEN
    await end(gus, row)


async def test_a_no_opens_nothing_and_tells_nobody(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await ask(house, ivo, ada.id)
    answer = await decide(gus, row, approve=False)
    assert (answer["state"], answer["sentence"], answer["ends_at"]) == ("refused", "Es gibt keinen Beleg.", None)
    assert await refused(ivo, row) == NOT_OPEN
    yes = {"approve": True, "sentence": "Doch."}
    assert await gus.refused("POST", f"/investigations/{row['id']}/decision", yes) == DECIDED
    await end(ivo, row)
    house.clock.forward(400 * 86_400)
    await house.run_due_jobs()
    assert [action for action, _, _ in await trail(house)] == ["investigation.ask", "investigation.refuse"]


async def test_a_question_is_taken_back_by_who_asked_and_refused_by_who_decides(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    row = await ask(house, ivo, ada.id)
    assert await gus.refused("POST", f"/investigations/{row['id']}/end") == NOT_OPEN
    assert (await end(ivo, row))["state"] == "withdrawn"
    assert (await end(ivo, row))["state"] == "withdrawn"
    yes = {"approve": True, "sentence": "Ja."}
    assert await gus.refused("POST", f"/investigations/{row['id']}/decision", yes) == DECIDED
    assert (await trail(house))[-1] == ("investigation.end", ivo.id, {"why": "withdrawn"})
    assert await told(ada) == []


async def test_the_clock_ends_it_whatever_the_worker_does(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id, hours=2)
    house.clock.forward(2 * HOUR_S - 60)
    await house.run_due_jobs()
    await read(ivo, row)
    house.clock.forward(61)
    assert await refused(ivo, row) == NOT_OPEN
    (shown,) = await listed(ivo)
    assert (shown["state"], shown["ended_at"], shown["allowed"]) == ("ended", shown["ends_at"], [])
    house.clock.forward(HOUR_S)
    await house.run_due_jobs()
    await house.run_due_jobs()
    (shown,) = await listed(ivo)
    assert shown["ended_at"] == shown["ends_at"]
    assert (await trail(house))[-2:] == [
        ("investigation.end", ivo.id, {"why": "expired", "pages": "1"}),
        ("investigation.tell", gus.id, {"person": ada.id, "pages": "1"}),
    ]


async def test_ending_late_is_noted_as_the_end_by_time(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id, hours=1)
    house.clock.forward(HOUR_S + 1)
    ended = await end(gus, row)
    assert ended["ended_at"] == ended["ends_at"]
    assert (await trail(house))[-1] == ("investigation.end", ivo.id, {"why": "expired", "pages": "0"})


async def test_either_of_the_two_ends_it_early_and_once(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    assert (await end(gus, row))["state"] == "ended"
    assert (await end(ivo, row))["state"] == "ended"
    house.clock.forward(25 * HOUR_S)
    await house.run_due_jobs()
    ends = [entry for entry in await trail(house) if entry[0] == "investigation.end"]
    assert ends == [("investigation.end", gus.id, {"why": "ended", "pages": "0"})]


async def test_a_guest_may_be_concerned_and_is_told(house: House, ivo: Client, gus: Client, olga: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    await say(gina, house.room, "Guten Tag")
    found = (await ivo.call("GET", "/investigations/people?q=gina"))["items"]
    assert [(one["name"], one["guest"]) for one in found] == [("Gina", "Planungsbüro Nord")]
    row = await opened(house, ivo, gus, gina.id)
    assert row["guest"]
    assert [one["text"] for one in (await read(ivo, row))["items"]] == ["Guten Tag"]
    await end(ivo, row)
    (mine,) = await told(gina)
    await gina.call("POST", f"/me/investigations/{mine['id']}/confirm", status=204)
    assert (await notices(gina)) == {"told": 1, "waiting": []}


async def test_people_of_other_ministries_are_none_of_it(house: House, ivo: Client) -> None:
    async with house.context.database.work() as work:
        eva = await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        robot = await identity.machine(work, "robot", "Robot")
    for one in (eva, robot):
        assert await ivo.refused("POST", "/investigations", question(house, one.id)) == (422, "invalid")
    nobody = house.room
    assert await ivo.refused("POST", "/investigations", question(house, nobody)) == (422, "invalid")
    assert (await ivo.call("GET", "/investigations/people?q=ev"))["items"] == []


async def test_whoever_asks_finds_all_of_the_house_and_who_is_gone(house: House, ivo: Client) -> None:
    assert (await ivo.call("GET", "/people?q=dora"))["items"] == [], "elsewhere they see no other department"
    async with house.context.database.work() as work:
        dora = await work.db.get(identity.Person, house.people["dora"])
        assert dora
        dora.active = False
        work.db.add(dora)
    (found,) = (await ivo.call("GET", "/investigations/people?q=dor"))["items"]
    assert (found["id"], found["active"]) == (house.people["dora"], False)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"hours": 73}, "/hours"),
        ({"hours": 0}, "/hours"),
        ({"since_ms": -1}, "/since_ms"),
        ({"since_ms": 1 << 53}, "/until_ms"),
        ({"since_ms": 0}, "/until_ms"),
        ({"until_ms": 0}, "/until_ms"),
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 2_001}, "/reason"),
        ({"reference": ""}, "/reference"),
        ({"person_id": "ada"}, "/person_id"),
        ({"approve": True}, "/approve"),
    ],
)
async def test_a_question_that_does_not_fit_names_the_place(
    house: House, ivo: Client, ada: Client, change: dict[str, Any], pointer: str
) -> None:
    response = await ivo.http.post("/api/v1/investigations", json=question(house, ada.id) | change)
    assert response.status_code == 422, response.text
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert await trail(house) == []


async def test_what_is_said_wrongly_changes_nothing(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await ask(house, ivo, ada.id)
    path = f"/investigations/{row['id']}"
    wrong: list[Any] = [{"approve": True}, {"approve": True, "sentence": " "}, {"approve": "ja", "sentence": "Ja."}, []]
    for body in wrong:
        assert await gus.refused("POST", f"{path}/decision", body) == (422, "invalid")
    await decide(gus, row)
    for after in ("1", "x.y", "1." + "g" * 36, "-1." + row["id"], "9" * 16 + "." + row["id"]):
        assert await ivo.refused("GET", f"{path}/messages?after={after}") == (422, "invalid")
    for name in ("x", house.room):
        assert await ivo.refused("GET", f"/investigations/{name}/messages") == HIDDEN
    assert [action for action, _, _ in await trail(house)] == ["investigation.ask", "investigation.approve"]


async def test_only_so_many_questions_wait(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    rows = [await ask(house, ivo, ada.id) for _ in range(UNDECIDED_MAX)]
    too_many = (409, "too-many-investigations")
    assert await ivo.refused("POST", "/investigations", question(house, ada.id)) == too_many
    await decide(gus, rows[0], approve=False)
    await ask(house, ivo, ada.id)


async def test_the_list_comes_page_by_page_newest_first(
    house: House, ivo: Client, gus: Client, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fachwerk.features.investigations.routes.PAGE", 2)
    ids = [(await ask(house, ivo, ada.id))["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await gus.call("GET", f"/investigations{cursor}")
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"?cursor={page['next']}"
    assert seen == ids[::-1]
    assert (page["max_hours"], page["max_days"], page["tell_after_days"]) == (72, 92, 0)


async def test_what_was_written_after_the_question_is_not_in_it(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    await say(ada, house.room, "vorher")
    row = await ask(house, ivo, ada.id, until_ms=house.clock.now_ms() + 30 * DAY_MS)
    house.clock.forward(60)
    await say(ada, house.room, "nachher")
    await decide(gus, row)
    house.clock.forward(60)
    assert [one["text"] for one in (await read(ivo, row))["items"]] == ["vorher"]


async def test_a_job_for_what_is_gone_does_nothing(house: House) -> None:
    async with house.context.database.work() as work:
        for due in (service.end_due, service.tell_due):
            await due(work, {"investigation": house.room})
    assert await trail(house) == []
