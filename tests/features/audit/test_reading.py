# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Auditors read the trail page by page and by filters; nobody else does, and whoever reads it is in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from fachwerk.core import identity
from fachwerk.features.audit.service import chosen
from fachwerk.features.audit.wire import Filters
from fachwerk.kernel import audit
from fachwerk.kernel.audit import GENESIS, Entry
from tests.house import Client, House
from tests.house.house import NAMESPACE

pytestmark = pytest.mark.anyio


@pytest.fixture
async def nora(house: House) -> Client:
    """An auditor."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, "nora", "Nora", None, [identity.AUDITOR])
        house.people["nora"] = person.id
    return await house.client("nora")


@pytest.fixture
async def acts(house: House) -> None:
    """Thirty acts, a second apart, of three people on five things."""
    for number in range(30):
        house.clock.forward(1)
        async with house.context.database.work() as work:
            kind = "room.create" if number % 2 else "room.invite"
            work.audit(house.people[("ada", "bea", "cem")[number % 3]], kind, f"thing-{number % 5}", no=str(number))


async def test_an_auditor_reads_the_newest_first_and_page_by_page(house: House, nora: Client, acts: None) -> None:
    page = await nora.call("GET", "/audit?limit=20&action=room.create")
    assert [act["detail"]["no"] for act in page["items"][:15]] == [str(no) for no in range(29, 0, -2)]
    assert page["names"][house.people["ada"]] == "Ada"
    seen, cursor = [], ""
    while True:
        page = await nora.call("GET", f"/audit?limit=7&since={_at(house, -31)}{cursor}")
        seen += [act["detail"].get("no") for act in page["items"] if act["action"] != "audit.read"]
        if page["next"] is None:
            break
        cursor = f"&before={page['next']}"
    assert [no for no in seen if no] == [str(no) for no in range(29, -1, -1)]


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ("actor=ADA", lambda act, ada: act["actor_id"] == ada),
        ("action=room.invite", lambda act, ada: act["action"] == "room.invite"),
        ("subject=thing-2", lambda act, ada: act["subject"] == "thing-2"),
        ("actor=ADA&action=room.invite", lambda act, ada: (act["actor_id"], act["action"]) == (ada, "room.invite")),
    ],
)
async def test_a_filter_leaves_what_fits(house: House, nora: Client, acts: None, filters: str, fits: object) -> None:
    assert callable(fits)
    ada = house.people["ada"]
    everything = (await nora.call("GET", "/audit?limit=200"))["items"]
    found = (await nora.call("GET", f"/audit?limit=200&{filters.replace('ADA', ada)}"))["items"]
    assert found == [act for act in everything if fits(act, ada)]
    assert 0 < len(found) < len(everything)


async def test_a_span_of_time_has_its_beginning_and_not_its_end(house: House, nora: Client, acts: None) -> None:
    acts_ = (await nora.call("GET", "/audit?limit=200"))["items"]
    by_no = {act["detail"]["no"]: act["at"] for act in acts_ if "no" in act["detail"]}
    page = await nora.call("GET", f"/audit?since={by_no['10']}&until={by_no['13']}")
    assert [act["detail"]["no"] for act in page["items"]] == ["12", "11", "10"]


async def test_who_reads_the_trail_is_in_it_with_the_filters_and_no_more(house: House, nora: Client) -> None:
    await nora.call("GET", f"/audit?actor={house.people['ada']}&since=2026-01-02T03:04:05Z")
    (act,) = (await nora.call("GET", "/audit?action=audit.read"))["items"]
    assert (act["actor_id"], act["subject"]) == (nora.id, "audit")
    assert act["detail"] == {"actor": house.people["ada"], "since": "2026-01-02T03:04:05Z"}


async def test_nobody_else_reads_it_and_the_refusal_is_no_reading(house: House, olga: Client, nora: Client) -> None:
    assert await olga.refused("GET", "/audit") == (403, "forbidden")
    assert await olga.refused("GET", "/audit/export") == (403, "forbidden")
    assert (await nora.call("GET", "/audit?action=audit.read"))["items"] == []


async def test_an_administrator_reads_it_only_as_an_auditor(house: House) -> None:
    async with house.context.database.work() as work:
        admin = await identity.upsert_person(work, NAMESPACE, "nils", "Nils", None, ["fachwerk-admin"])
        house.people["nils"] = admin.id
    assert await (await house.client("nils")).refused("GET", "/audit") == (403, "forbidden")


async def test_the_client_learns_who_may_read_it_and_loses_it_with_the_role(house: House, nora: Client) -> None:
    ada = await house.client("ada")
    assert "audit.read" in (await nora.call("GET", "/me"))["actions"]
    assert "audit.read" not in (await ada.call("GET", "/me"))["actions"]
    async with house.context.database.work() as work:
        await identity.upsert_person(work, NAMESPACE, "nora", "Nora", None, [])
    assert "audit.read" not in (await nora.call("GET", "/me"))["actions"]
    assert await nora.refused("GET", "/audit") == (403, "forbidden")


@pytest.mark.parametrize(
    "query",
    [
        "actor=Ada+Lovelace", "actor=", "subject=" + "x" * 65, "since=yesterday", "since=2026-01-01T00:00:00",
        "before=x", "before=1", "limit=0", "limit=201", "name=ada",
    ],
)  # fmt: skip
async def test_what_is_no_filter_is_refused_and_gets_nowhere(nora: Client, query: str) -> None:
    assert await nora.refused("GET", f"/audit?{query}") == (422, "invalid")
    assert (await nora.call("GET", "/audit?action=audit.read"))["items"] == []


async def test_an_export_verifies_and_is_in_the_trail(house: House, nora: Client, acts: None) -> None:
    response = await nora.http.get("/api/v1/audit/export")
    assert response.headers["content-type"].startswith("application/jsonl")
    assert response.headers["content-disposition"] == 'attachment; filename="audit.jsonl"'
    lines = response.text.splitlines()
    entries = [msgspec.json.decode(line, type=Entry) for line in lines]

    async def walk() -> AsyncIterator[Entry]:
        for entry in entries:
            yield entry

    checked = await audit.check(walk(), start=GENESIS)
    assert checked.fault is None
    assert checked.last.number == len(entries)
    assert (entries[-1].action, entries[-1].actor) == ("audit.export", nora.id)
    rest = await nora.http.get(f"/api/v1/audit/export?since={len(entries)}")
    (last,) = rest.text.splitlines()
    assert msgspec.json.decode(last, type=Entry).previous == entries[-1].hash


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (Filters(actor="a-1"), "ix_audit_actor"),
        (Filters(action="x.1"), "ix_audit_action"),
        (Filters(subject="s-1"), "ix_audit_subject"),
        (Filters(since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 1, 2, tzinfo=UTC)), "ix_audit_time"),
        (Filters(before="9000000000000.50"), "ix_audit_time"),
        (Filters(actor="a-1", before="9000000000000.50"), "ix_audit_actor"),
        (Filters(), "ix_audit_time"),
    ],
)
async def test_a_filter_is_a_range_of_an_index_in_the_order_of_the_page(
    house: House, filters: Filters, index: str
) -> None:
    database = house.context.database
    async with database.work() as work:
        for number in range(3_000):
            work.audit(f"a-{number % 60}", f"x.{number % 60}", f"s-{number % 60}")
    dialect = sqlite.dialect() if database.is_sqlite else postgresql.dialect()  # type: ignore[no-untyped-call]
    asked = str(chosen(filters).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with database.work() as work:
        connection = await work.db.connection()
        await connection.execute(text("ANALYZE audit"))
        if not database.is_sqlite:  # so few rows are as cheap to read all and sort
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        plan = "\n".join(str(row) for row in (await connection.execute(text(f"{explain} {asked}"))).all())
    assert index in plan
    assert not [line for line in plan.splitlines() if "Sort" in line or "TEMP B-TREE" in line]


def _at(house: House, seconds: int) -> str:
    moment = datetime.fromtimestamp(house.clock.now_ms() / 1000 + seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
