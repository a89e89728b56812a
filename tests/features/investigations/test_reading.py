# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is read: what the person wrote in the range, wherever that was, and nothing else."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql, sqlite

from fachwerk.core.messages.model import MessageRow
from fachwerk.core.messages.written import Span, chosen
from tests.core.files.test_in_the_house import upload
from tests.features.investigations.case import opened, read, say
from tests.house import Client, House
from tests.house.house import DAY_MS
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
PAGE = "fachwerk.features.investigations.service.PAGE"


@pytest.fixture
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PAGE, 2)


async def test_their_own_words_from_every_room_with_marks(
    house: House, ivo: Client, gus: Client, ada: Client, bea: Client
) -> None:
    await say(ada, house.room, "lange her")
    house.clock.forward(7_200)
    since_ms = house.clock.now_ms()
    root = await say(bea, house.room, "von Bea")
    await say(ada, house.room, "Antwort", root_id=root)
    house.clock.forward(1)
    direct = (await ada.call("POST", "/direct", {"person_id": bea.id}))["id"]
    await say(ada, direct, "unter uns")
    await say(bea, direct, "auch von Bea")
    house.clock.forward(1)
    changed = await say(ada, house.room, "Tippfeler")
    await ada.call("PATCH", f"/messages/{changed}", {"text": "Tippfehler"})
    house.clock.forward(1)
    gone = await say(ada, house.room, "doch nicht")
    await ada.call("DELETE", f"/messages/{gone}", status=204)
    file = await upload(ada, house.room, b"plan", "plan.txt")
    await say(ada, house.room, "mit Datei", file_ids=[file])

    row = await opened(house, ivo, gus, ada.id, since_ms=since_ms)
    page = await read(ivo, row)
    assert page["next"] is None
    found = page["items"]
    assert [(one["text"], one["room"], one["direct"], one["reply"], one["files"]) for one in found] == [
        ("Antwort", "Haus", False, True, []),
        ("unter uns", "Bea", True, False, []),
        ("Tippfehler", "Haus", False, False, []),
        ("mit Datei", "Haus", False, False, ["plan.txt"]),
    ]
    assert [one["edited_at"] is not None for one in found] == [False, False, True, False]
    assert "Bea" not in [one["text"] for one in found]
    assert await ivo.refused("GET", f"/files/{file}/content") == (404, "not-found")
    assert await ivo.refused("GET", f"/rooms/{house.room}/messages") == (404, "not-found")


async def test_an_answer_is_kept_by_no_cache(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    row = await opened(house, ivo, gus, ada.id)
    response = await ivo.http.get(f"/api/v1/investigations/{row['id']}/messages")
    assert response.headers["cache-control"] == "no-store"


async def test_a_range_has_its_beginning_and_not_its_end(house: House, ivo: Client, gus: Client, ada: Client) -> None:
    at = {}
    for words in ("eins", "zwei", "drei", "vier"):
        house.clock.forward(60)
        at[words] = house.clock.now_ms()
        await say(ada, house.room, words)
        house.clock.forward(60)
    span = {"since_ms": at["zwei"], "until_ms": at["vier"]}
    row = await opened(house, ivo, gus, ada.id, **span)
    assert [one["text"] for one in (await read(ivo, row))["items"]] == ["zwei", "drei"]
    ids = "0" * 8 + "-0000-7000-8000-" + "0" * 12
    early = await read(ivo, row, f"0.{ids}")
    assert [one["text"] for one in early["items"]] == ["zwei", "drei"], "a made-up place leads not out of the range"
    late = await read(ivo, row, f"{at['vier']}.{ids}")
    assert late == {"items": [], "next": None}


async def test_a_text_that_was_changed_after_the_range_is_as_it_was(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    never = await say(ada, house.room, "erste Fassung")
    once = await say(ada, house.room, "Entwurf")
    house.clock.forward(60)
    await ada.call("PATCH", f"/messages/{once}", {"text": "zweiter Entwurf"})
    row = await opened(house, ivo, gus, ada.id)
    house.clock.forward(60)
    for number in (1, 2):
        house.clock.forward(1)
        await ada.call("PATCH", f"/messages/{never}", {"text": f"nachher {number}"})
        await ada.call("PATCH", f"/messages/{once}", {"text": f"auch nachher {number}"})
    found = (await read(ivo, row))["items"]
    assert [(one["text"], one["edited_at"] is None) for one in found] == [
        ("erste Fassung", True),
        ("zweiter Entwurf", False),
    ]


async def test_what_is_deleted_while_it_is_open_is_gone_from_the_next_page_on(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    gone = await say(ada, house.room, "weg damit")
    row = await opened(house, ivo, gus, ada.id)
    assert len((await read(ivo, row))["items"]) == 1
    await ada.call("DELETE", f"/messages/{gone}", status=204)
    assert (await read(ivo, row))["items"] == []


@pytest.mark.usefixtures("pages_of_two")
async def test_pages_follow_each_other_without_gap_or_double(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    for number in range(5):
        await say(ada, house.room, f"Nummer {number}")
    row = await opened(house, ivo, gus, ada.id)
    seen: list[str] = []
    after: str | None = ""
    pages = 0
    while after is not None:
        page = await read(ivo, row, after)
        pages += 1
        seen += [one["text"] for one in page["items"]]
        after = page["next"]
    assert seen == [f"Nummer {number}" for number in range(5)]
    (shown,) = (await ivo.call("GET", "/investigations"))["items"]
    assert shown["pages"] == pages == 3


async def test_the_number_of_queries_does_not_grow_with_rooms(
    house: House, ivo: Client, gus: Client, ada: Client
) -> None:
    counts = []
    for rooms in (1, 6):
        for number in range(rooms):
            name = f"Raum {rooms} {number}"
            room = (await ada.call("POST", "/rooms", {"name": name}, status=201))["id"]
            await say(ada, room, name)
        row = await opened(house, ivo, gus, ada.id)
        with statements() as said:
            await read(ivo, row)
        counts.append(len(said))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("after", [None, (2_500, "m-0000")])
async def test_a_page_is_a_range_of_an_index_in_its_order(house: House, after: tuple[int, str] | None) -> None:
    database = house.context.database
    rows = [
        {
            "id": f"m-{number:04}", "room_id": f"r-{number % 7}", "seq": number, "sender_id": f"p-{number % 40}",
            "client_id": f"c-{number}", "body_hash": b"", "at_ms": number, "text": "", "files": [], "replies": 0,
        }
        for number in range(4_000)
    ]  # fmt: skip
    dialect = sqlite.dialect() if database.is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = str(
        chosen(Span("p-7", 100, DAY_MS), after, 50).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )
    async with database.work() as work:
        connection = await work.db.connection()
        await connection.execute(insert(MessageRow), rows)
        await connection.execute(text("ANALYZE message"))
        if not database.is_sqlite:  # so few rows are as cheap to read all and sort
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = "\n".join(str(row) for row in (await connection.execute(text(f"{explain} {asked}"))).all())
    assert "message_written" in plan
    assert not [line for line in plan.splitlines() if "Sort" in line or "TEMP B-TREE" in line]
