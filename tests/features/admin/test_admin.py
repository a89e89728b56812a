# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administrators see the whole house and nothing of what people do in it; they can sign somebody out."""

import itertools

import pytest
from sqlmodel import col, select, update
from websockets.exceptions import ConnectionClosedError

from fachwerk.core import directory, identity
from fachwerk.core.identity import Session
from fachwerk.core.identity.sessions import END_AT_PROVIDER
from fachwerk.features.admin.wire import PAGE
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.jobs import JobRow
from tests.house import Client, House
from tests.house.house import NAMESPACE, PEOPLE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-7000-8000-000000000000"
SIGNED_OUT = 4401
"""Close code of a socket whose session has ended."""
READING = ("/admin/overview", "/admin/departments", "/admin/openings", "/admin/people", "/admin/rules")


@pytest.fixture
async def ulf(house: House) -> Client:
    """The administrator, of no department."""
    async with house.context.database.work() as work:
        person = await identity.upsert_person(work, NAMESPACE, "ulf", "Ulf", None, [identity.ADMIN])
        house.people["ulf"] = person.id
    return await house.client("ulf")


async def hire(house: House, count: int, *, department: str, names: str = "Person") -> None:
    """Further people of one department."""
    async with house.context.database.work() as work:
        for number in range(count):
            name = f"{names} {number:03}"
            person = await identity.upsert_person(work, NAMESPACE, name, name, None, [])
            await directory.add_member(work, house.departments[department], person.id)


async def leave(house: House, name: str) -> None:
    """Somebody is disabled at the provider."""
    async with house.context.database.work() as work:
        account = identity.Account(name, PEOPLE[name], None, enabled=False, groups=("/departments/A",))
        await identity.take_over(work, NAMESPACE, name, account, arrives=False)


async def test_nobody_else_reads_or_signs_out(house: House) -> None:
    async with house.context.database.work() as work:
        nora = await identity.upsert_person(work, NAMESPACE, "nora", "Nora", None, [identity.AUDITOR])
        house.people["nora"] = nora.id
    ada = await house.client("ada")
    for client in (ada, await house.client("olga"), await house.client("nora")):
        for path in READING:
            assert await client.refused("GET", path) == (403, "forbidden")
        assert await client.refused("DELETE", f"/admin/people/{house.people['ada']}/sessions") == (403, "forbidden")
        assert not [action for action in (await client.call("GET", "/me"))["actions"] if action.startswith("admin.")]
    await ada.call("GET", "/me")


async def test_an_administrator_is_told_so_and_is_no_member_anywhere(house: House, ulf: Client) -> None:
    assert {"admin.read", "admin.end_sessions"} <= set((await ulf.call("GET", "/me"))["actions"])
    assert await ulf.refused("GET", f"/rooms/{house.room}/messages") == (404, "not-found")
    assert (await ulf.call("GET", "/people?q="))["items"] == [
        {"id": ulf.id, "name": "Ulf", "department": None, "active": True, "organisation": None, "guest": None}
    ]


async def test_the_overview_counts_what_there_is(house: House, ulf: Client) -> None:
    await leave(house, "rita")
    async with house.context.database.work() as work:
        await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        await identity.machine(work, "bridge", "Brücke")
    ada = await house.client("ada")
    await house.new_client("ada")
    await ada.call("POST", "/direct", {"person_id": house.people["bea"]})
    assert await ulf.call("GET", "/admin/overview") == {
        "people_active": len(PEOPLE),  # with Ulf, without Rita
        "people_disabled": 1,
        "departments": 3,
        "rooms": {"group": 1, "department": 0, "direct": 1},
        "sessions": 3,
        "files_bytes": 0,
    }


async def test_the_tree_counts_everybody_once_and_names_who_leads(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["A"], house.people["olga"], "lead")
        await directory.add_member(work, house.departments["B"], house.people["olga"])
        below = await directory.add_department(work, "Referat A 1", "A 1", house.departments["A"])
        await directory.add_member(work, below.id, house.people["ada"], "deputy")
    await leave(house, "rita")
    units = (await ulf.call("GET", "/admin/departments"))["items"]
    assert [(u["short"], u["people"], u["leads"], u["deputies"]) for u in units] == [
        ("H", 5, [], []), ("A", 4, ["Olga"], []), ("A 1", 1, [], ["Ada"]), ("B", 2, [], []),
    ]  # fmt: skip
    places = {unit["id"]: place for place, unit in enumerate(units)}
    assert all(places[u["parent_id"]] < places[u["id"]] for u in units if u["parent_id"])


async def test_a_department_has_as_many_people_as_its_number_says(house: House, ulf: Client) -> None:
    for unit in (await ulf.call("GET", "/admin/departments"))["items"]:
        found = (await ulf.call("GET", f"/admin/people?department={unit['id']}"))["items"]
        assert len([person for person in found if person["active"]]) == unit["people"]


@pytest.mark.parametrize("text", ["müller", "MUELLER", "Mull", "jörg mü"])
async def test_people_are_found_in_any_spelling(house: House, ulf: Client, text: str) -> None:
    async with house.context.database.work() as work:
        await identity.upsert_person(work, NAMESPACE, "j", "Jörg Müller", None, [])
    found = (await ulf.call("GET", f"/admin/people?q={text}"))["items"]
    assert [person["name"] for person in found] == ["Jörg Müller"]


async def test_a_row_tells_departments_roles_and_whether_signed_in_and_no_more(house: House, ulf: Client) -> None:
    await house.client("ada")
    await house.new_client("ada")
    await leave(house, "rita")
    async with house.context.database.work() as work:
        await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        await identity.machine(work, "bridge", "Brücke")
    rows = {row["name"]: row for row in (await ulf.call("GET", "/admin/people"))["items"]}
    assert set(rows) == {*PEOPLE.values(), "Ulf"}
    belongs = [{"short": "A", "role": "member"}]
    assert rows["Ada"] == {
        "id": house.people["ada"], "name": "Ada", "active": True, "roles": [], "departments": belongs, "sessions": 2,
        "administers": [],
    }  # fmt: skip
    assert (rows["Rita"]["active"], rows["Rita"]["sessions"]) == (False, 0)
    assert (rows["Ulf"]["roles"], rows["Ulf"]["departments"], rows["Ulf"]["sessions"]) == (["fachwerk-admin"], [], 1)


async def test_every_page_goes_on_behind_the_last_one(house: House, ulf: Client) -> None:
    await hire(house, 2 * PAGE + 1, department="B")
    await hire(house, 1, department="A", names="Person 000 auch")
    seen, query = [], f"?q=person&department={house.departments['B']}"
    cursor = ""
    while True:
        page = await ulf.call("GET", f"/admin/people{query}{cursor}")
        seen.append([person["name"] for person in page["items"]])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert [len(names) for names in seen] == [PAGE, PAGE, 1]
    assert list(itertools.chain(*seen)) == [f"Person {number:03}" for number in range(2 * PAGE + 1)]


@pytest.mark.parametrize("query", ["cursor=x", "department=A", "limit=7", "q=" + "x" * 101])
async def test_what_is_no_search_is_refused(ulf: Client, query: str) -> None:
    assert await ulf.refused("GET", f"/admin/people?{query}") == (422, "invalid")


async def test_a_cursor_that_is_nobody_is_not_found(ulf: Client) -> None:
    assert await ulf.refused("GET", f"/admin/people?cursor={NOBODY}") == (404, "not-found")


async def test_no_question_costs_more_in_a_larger_house(house: House, ulf: Client) -> None:
    asked = [*READING, f"/admin/people?q=a&department={house.departments['A']}"]

    async def costs() -> list[int]:
        counted = []
        for path in asked:
            with statements() as said:
                await ulf.call("GET", path)
            counted.append(len(said))
        return counted

    before = await costs()
    await hire(house, PAGE - len(PEOPLE), department="A")
    async with house.context.database.work() as work:
        for number in range(20):
            await directory.add_department(work, f"Referat {number}", f"A {number}", house.departments["A"])
    assert await costs() == before


async def test_who_is_signed_out_is_so_on_all_devices_and_at_once(house: House, ulf: Client) -> None:
    ada, phone = await house.client("ada"), await house.new_client("ada")
    async with phone.socket() as socket:
        await socket.hello()
        await ulf.call("DELETE", f"/admin/people/{ada.id}/sessions", status=204)
        with pytest.raises(ConnectionClosedError) as closed:
            await socket.until(t="never")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SIGNED_OUT
    for client in (ada, phone):
        assert await client.refused("GET", "/me") == (401, "not-signed-in")
    await phone.http.aclose()
    found = (await ulf.call("GET", "/admin/people?q=ada"))["items"]
    assert [person["sessions"] for person in found] == [0]
    again = await house.new_client("ada")
    assert (await again.call("GET", "/me"))["person"]["id"] == ada.id
    await again.http.aclose()


async def test_the_provider_ends_its_sessions_of_who_is_signed_out_too(house: House, ulf: Client) -> None:
    ada = await house.client("ada")
    async with house.context.database.work() as work:
        hers = update(Session).where(col(Session.person_id) == ada.id)
        await work.db.exec(hers.values(idp_sid="desk", id_token="a token"))
    await ulf.call("DELETE", f"/admin/people/{ada.id}/sessions", status=204)
    async with house.context.database.read() as work:
        told = (await work.db.exec(select(JobRow.body).where(col(JobRow.name) == END_AT_PROVIDER))).all()
    assert told == [{"id_token": "a token", "person_id": ada.id}]


async def test_signing_out_is_the_administrators_act_in_the_trail(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        nora = await identity.upsert_person(work, NAMESPACE, "nora", "Nora", None, [identity.AUDITOR])
        house.people["nora"] = nora.id
    ada = await house.client("ada")
    await ulf.call("DELETE", f"/admin/people/{ada.id}/sessions", status=204)
    (act,) = (await (await house.client("nora")).call("GET", "/audit?action=person.sign_out"))["items"]
    assert (act["actor_id"], act["subject"], act["detail"]) == (ulf.id, ada.id, {})


async def test_only_people_of_our_own_can_be_signed_out(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        eva = await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        bridge = await identity.machine(work, "bridge", "Brücke")
    for person_id in (eva.id, bridge.id, NOBODY, "x"):
        assert await ulf.refused("DELETE", f"/admin/people/{person_id}/sessions") == (404, "not-found")


async def test_the_rules_shown_are_those_that_decide(house: House, ulf: Client) -> None:
    shown = await ulf.call("GET", "/admin/rules")
    table = [(row["action"], " or ".join(row["any_of"]), row["stranger"]) for row in shown["rules"]]
    assert table == house.context.policy.table()
    assert {row["role"]: row["means"] for row in shown["roles"]} == identity.ROLES


async def test_a_department_is_opened_to_another_and_closed_again(house: House, ulf: Client) -> None:
    one, to = house.departments["A"], house.departments["B"]
    path = f"/admin/departments/{one}/openings/{to}"
    dora, ada = await house.client("dora"), await house.client("ada")
    assert ada.id not in {card["id"] for card in (await dora.call("GET", "/people"))["items"]}
    for _ in range(2):
        await ulf.call("PUT", path, status=204)
        assert (await ulf.call("GET", "/admin/openings"))["items"] == [{"department": one, "to": to}]
    assert ada.id in {card["id"] for card in (await dora.call("GET", "/people"))["items"]}
    assert dora.id not in {card["id"] for card in (await ada.call("GET", "/people"))["items"]}
    assert one in {found["id"] for found in (await dora.call("GET", "/departments"))["items"]}
    for _ in range(2):
        await ulf.call("DELETE", path, status=204)
    assert ada.id not in {card["id"] for card in (await dora.call("GET", "/people"))["items"]}
    chosen = select(AuditRow).where(col(AuditRow.subject) == one).order_by(col(AuditRow.number))
    async with house.context.database.read() as work:
        acts = [(row.action, row.actor_id, row.detail) for row in await work.db.exec(chosen)]
    assert acts[-2:] == [("department.open", ulf.id, {"to": "B"}), ("department.close", ulf.id, {"to": "B"})]


async def test_what_cannot_be_opened(house: House, ulf: Client) -> None:
    one = house.departments["A"]
    assert await ulf.refused("PUT", f"/admin/departments/{one}/openings/{one}") == (422, "invalid")
    assert await ulf.refused("PUT", f"/admin/departments/{one}/openings/{NOBODY}") == (404, "not-found")
    ada = await house.client("ada")
    path = f"/admin/departments/{one}/openings/{house.departments['B']}"
    for method in ("PUT", "DELETE"):
        assert await ada.refused(method, path) == (403, "forbidden")
