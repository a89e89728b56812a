# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The person concerned learns of it at the end, once, and can read it later."""

from pathlib import Path

import pytest
from sqlmodel import select

from fachwerk.core import identity
from fachwerk.features.investigations import service
from fachwerk.features.investigations.model import Investigation
from fachwerk.kernel.events import EventRow
from tests.features.investigations.case import (
    HOUR_S,
    REASON,
    REFERENCE,
    ask,
    decide,
    employ,
    end,
    notices,
    opened,
    read,
    say,
    told,
    trail,
)
from tests.features.own_data.test_own_data import counts, export
from tests.house import Client, House, open_house

pytestmark = pytest.mark.anyio
NOTHING = {"told": 0, "waiting": []}


async def test_before_the_end_they_see_nothing_anywhere(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    await say(ada, house.room, "eins")
    async with ada.socket() as socket:
        await socket.hello()
        row = await opened(house, ivo, gus, ada.id)
        await read(ivo, row)
        await socket.say(t="ping", id="last")
        await socket.until(t="pong")
        assert [frame for frame in socket.heard if "investigation" in str(frame)] == []
    assert await told(ada) == []
    assert await notices(ada) == NOTHING
    assert (await counts(ada))["investigations"] == 0
    assert row["id"] not in str(await export(ada))
    confirm = f"/me/investigations/{row['id']}/confirm"
    assert await ada.refused("POST", confirm) == (404, "not-found")


async def test_at_the_end_they_learn_who_when_why_and_how_much(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    row = await opened(house, ivo, gus, ada.id)
    for _ in range(3):
        await read(ivo, row)
    async with house.verify(ada) as mirror:
        ended = await end(gus, row)
    assert mirror.list["investigations"].waiting == [row["id"]]
    assert await notices(ada) == {"told": 1, "waiting": [row["id"]]}
    (mine,) = await told(ada)
    assert mine == {
        "id": row["id"], "asked_by": "Ivo", "asked_at": row["asked_at"], "decided_by": "Gus",
        "decided_at": row["decided_at"], "reason": REASON, "reference": REFERENCE, "since": row["since"],
        "until": row["until"], "ended_at": ended["ended_at"], "pages": 3, "told_at": ended["ended_at"],
        "confirmed": False,
    }  # fmt: skip
    assert (await told(gus), await told(ivo)) == ([], [])


async def test_confirming_is_heard_on_all_devices_and_it_stays_readable(
    house: House, ivo: Client, gus: Client, ada: Client, bea: Client
) -> None:
    row = await opened(house, ivo, gus, ada.id)
    await read(ivo, row)
    await end(ivo, row)
    confirm = f"/me/investigations/{row['id']}/confirm"
    for one in (bea, ivo, gus):
        assert await one.refused("POST", confirm) == (404, "not-found")
    async with house.verify(ada) as mirror:
        await ada.call("POST", confirm, status=204)
        await ada.call("POST", confirm, status=204)
    assert mirror.list["investigations"].waiting == []
    assert await notices(ada) == {"told": 1, "waiting": []}
    (mine,) = await told(ada)
    assert mine["confirmed"]
    assert (await counts(ada))["investigations"] == 1
    (kept,) = (await export(ada))["investigations"]
    assert (kept["id"], kept["reason"], kept["pages"], kept["asked_by"]) == (row["id"], REASON, 1, ivo.id)


async def test_who_takes_part_finds_it_in_their_own_data(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    for one in (ivo, gus):
        (kept,) = (await export(one))["investigations_led"]
        assert (kept["id"], kept["person_id"]) == (row["id"], ada.id)
    assert (await export(ada))["investigations_led"] == []


async def test_they_are_told_exactly_once(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id, hours=1)
    await read(ivo, row)
    house.clock.forward(HOUR_S + 5)
    for _ in range(2):
        await house.run_due_jobs()
        async with house.context.database.work() as work:
            for due in (service.end_due, service.tell_due):
                await due(work, {"investigation": row["id"]})
    await end(gus, row)
    assert [action for action, _, _ in await trail(house)].count("investigation.tell") == 1
    async with house.context.database.read() as work:
        mine = select(EventRow.kind).where(EventRow.audience == f"user:{ada.id}")
        kinds = list(await work.db.exec(mine))
    assert kinds.count("investigation.told") == 1


async def test_nobody_is_told_of_what_was_never_read(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    await opened(house, ivo, gus, ada.id, hours=1)
    await decide(gus, await ask(house, ivo, ada.id), approve=False)
    house.clock.forward(200 * 86_400)
    await house.run_due_jobs()
    assert await notices(await house.device("ada")) == NOTHING
    assert [action for action, _, _ in await trail(house)].count("investigation.tell") == 0


async def test_telling_waits_as_long_as_was_said_at_the_approval(tmp_path: Path, database_url: str) -> None:
    async with open_house(tmp_path, database_url, investigations={"tell_after_days": 2}) as house:
        await house.settle()
        ivo = await employ(house, "ivo", [identity.INVESTIGATOR])
        gus = await employ(house, "gus", [identity.GUARDIAN])
        ada = await house.client("ada")
        row = await opened(house, ivo, gus, ada.id)
        await read(ivo, row)
        ended = await end(ivo, row)
        assert (ended["told_at"], ended["tells_at"] > ended["ended_at"]) == (None, True)
        house.clock.forward(47 * HOUR_S)
        ada = await house.device("ada")
        await house.run_due_jobs()
        assert (await told(ada), await notices(ada)) == ([], NOTHING)
        house.clock.forward(HOUR_S + 5)
        ada = await house.device("ada")
        await house.run_due_jobs()
        await house.run_due_jobs()
        assert [one["id"] for one in await told(ada)] == [row["id"]]


async def test_of_somebody_who_is_gone_it_is_kept(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    await read(ivo, row)
    async with house.context.database.work() as work:
        person = await work.db.get(identity.Person, ada.id)
        assert person
        person.active = False
        work.db.add(person)
    await end(ivo, row)
    async with house.context.database.read() as work:
        kept = (await work.db.exec(select(Investigation))).one()
    assert (kept.person_id, kept.reason, kept.pages) == (ada.id, REASON, 1)
    assert kept.told_ms is not None
    assert (await trail(house))[-1] == ("investigation.tell", gus.id, {"person": ada.id, "pages": "1"})
    assert [one["id"] for one in (await gus.call("GET", "/investigations"))["items"]] == [row["id"]]


async def test_the_trail_says_no_reason_and_names_nobody_before_they_are_told(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    row = await opened(house, ivo, gus, ada.id)
    await read(ivo, row)
    said = str(await trail(house))
    for words in (REASON, REFERENCE, ada.id, "Der Verdacht ist belegt."):
        assert words not in said
