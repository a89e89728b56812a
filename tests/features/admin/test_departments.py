# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who administers a department sees and changes what belongs to it and to all below, and nothing beside or above."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, identity, rooms
from fachwerk.core.directory.administrators import OF_DEPARTMENT_MAX
from fachwerk.features.admin.wire import PAGE
from fachwerk.kernel.audit import AuditRow
from tests.features.guests.visit import invite
from tests.house import Client, House
from tests.house.house import DAY_MS, NAMESPACE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
NOBODY = "00000000-0000-7000-8000-000000000000"
FORBIDDEN = (403, "forbidden")


@pytest.fixture
async def ulf(house: House) -> Client:
    """Administers the installation. Further: a department below A with pia in it, and ada in charge of A."""
    async with house.context.database.work() as work:
        ulf = await identity.upsert_person(work, NAMESPACE, "ulf", "Ulf", None, [identity.ADMIN])
        pia = await identity.upsert_person(work, NAMESPACE, "pia", "Pia", None, [identity.AUDITOR])
        below = await directory.add_department(work, "Referat A 1", "A 1", house.departments["A"])
        await directory.add_member(work, below.id, pia.id)
        await directory.add_member(work, house.departments["B"], pia.id)
        house.people |= {"ulf": ulf.id, "pia": pia.id}
        house.departments["A 1"] = below.id
        await directory.appoint(work, house.departments["A"], house.people["ada"], by=ulf.id, until_ms=None)
    return await house.client("ulf")


def path(house: House, department: str, person: str) -> str:
    return f"/admin/departments/{house.departments[department]}/administrators/{house.people[person]}"


def moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


async def found(house: House, department: str | None, *names: str) -> str:
    """A room of a department, of these people, that nobody looks after."""
    async with house.context.database.work() as work:
        of = house.departments[department] if department else None
        room = await rooms.found(
            work, kind="group", name=f"Raum {department}", by=house.people["olga"], department_id=of
        )
        for name in names:
            await rooms.put_in(work, room, house.people[name], "member")
    return room.id


async def acts(house: House, subject: str, action: str) -> list[tuple[str, dict[str, Any]]]:
    chosen = select(AuditRow).where(col(AuditRow.subject) == subject, col(AuditRow.action) == action)
    async with house.context.database.read() as work:
        return [(row.actor_id, row.detail) for row in await work.db.exec(chosen.order_by(col(AuditRow.number)))]


async def end_at_provider(house: House, name: str, *, enabled: bool) -> None:
    """What the provider tells of somebody whose groups are as before."""
    async with house.context.database.work() as work:
        account = identity.Account(name, name.title(), None, enabled=enabled, groups=("/departments/A",))
        await identity.take_over(work, NAMESPACE, name, account, arrives=False)


# ---- appointing


async def test_who_is_appointed_is_told_so_at_once_and_so_is_who_is_dismissed(house: House, ulf: Client) -> None:
    bea, of_a = await house.client("bea"), house.departments["A"]
    assert await bea.refused("GET", "/admin/departments") == FORBIDDEN
    until = house.clock.now_ms() + 30 * DAY_MS
    async with house.verify(bea) as mirror:
        await ulf.call("PUT", path(house, "A", "bea"), {"until": moment(until)}, status=204)
    assert mirror.list["directory"].administers == (of_a,)
    me = await bea.call("GET", "/me")
    (given,) = me["administers"]
    assert (given["id"], given["short"], given["until"][:10]) == (of_a, "A", moment(until)[:10])
    assert {"admin.list", "policy.set", "guest.list", "admin.label_room"} <= set(me["actions"])
    assert not {"admin.read", "admin.appoint", "admin.end_sessions", "org.read", "audit.read"} & set(me["actions"])
    await bea.call("GET", "/admin/departments")
    async with house.verify(bea) as mirror:
        await ulf.call("DELETE", path(house, "A", "bea"), status=204)
    assert mirror.list["directory"].administers == ()
    assert await bea.refused("GET", "/admin/departments") == FORBIDDEN
    me = await bea.call("GET", "/me")
    assert (me["administers"], [one for one in me["actions"] if one.startswith(("admin.", "policy."))]) == ([], [])


async def test_appointing_is_in_the_trail_and_twice_is_once(house: House, ulf: Client) -> None:
    until = house.clock.now_ms() + DAY_MS
    for end in (None, None, moment(until), moment(until)):
        await ulf.call("PUT", path(house, "A", "bea"), {"until": end}, status=204)
    for _ in range(2):
        await ulf.call("DELETE", path(house, "A", "bea"), status=204)
    bea, of_a = house.people["bea"], house.departments["A"]
    appointed = await acts(house, of_a, "department.appoint_admin")
    assert [(by, detail["person"], detail["until"][:7]) for by, detail in appointed[1:]] == [
        (ulf.id, bea, "lasting"), (ulf.id, bea, moment(until)[:7]),
    ]  # fmt: skip
    assert await acts(house, of_a, "department.dismiss_admin") == [(ulf.id, {"person": bea})]


async def test_the_tree_and_the_roll_say_who_administers_what(house: House, ulf: Client) -> None:
    units = {unit["short"]: unit for unit in (await ulf.call("GET", "/admin/departments"))["items"]}
    ada = {"person_id": house.people["ada"], "name": "Ada", "until": None}
    assert [(short, unit["admins"]) for short, unit in units.items()] == [
        ("H", []), ("A", [ada]), ("A 1", []), ("B", []),
    ]  # fmt: skip
    people = {row["name"]: row["administers"] for row in (await ulf.call("GET", "/admin/people"))["items"]}
    assert {name: given for name, given in people.items() if given} == {"Ada": ["A"]}


async def test_only_people_of_ours_who_may_sign_in_are_appointed_and_only_to_what_is_there(
    house: House, ulf: Client
) -> None:
    async with house.context.database.work() as work:
        eva = await identity.external(work, "@eva:b.example", "Eva", "Ministerium B")
        house.people |= {"eva": eva.id, "nobody": NOBODY}
    house.departments["nowhere"] = NOBODY
    await end_at_provider(house, "cem", enabled=False)
    for department, person in (("A", "eva"), ("A", "nobody"), ("A", "cem"), ("nowhere", "bea")):
        assert await ulf.refused("PUT", path(house, department, person), {"until": None}) == (404, "not-found")


async def test_an_end_that_cannot_be_is_refused(house: House, ulf: Client) -> None:
    now = house.clock.now_ms()
    for until in (moment(now - 1), moment(now + 1_900 * DAY_MS), "2027-01-01T00:00:00", "morgen", 7):
        assert await ulf.refused("PUT", path(house, "A", "bea"), {"until": until}) == (422, "invalid")


async def test_a_department_has_not_more_administrators_than_it_may(house: House, ulf: Client) -> None:
    async with house.context.database.work() as work:
        for number in range(OF_DEPARTMENT_MAX):
            person = await identity.upsert_person(work, NAMESPACE, f"p{number}", f"Person {number}", None, [])
            house.people[f"p{number}"] = person.id
    for number in range(OF_DEPARTMENT_MAX - 1):
        await ulf.call("PUT", path(house, "A", f"p{number}"), {"until": None}, status=204)
    last = path(house, "A", f"p{OF_DEPARTMENT_MAX - 1}")
    assert await ulf.refused("PUT", last, {"until": None}) == (409, "too-many-administrators")
    await ulf.call("PUT", path(house, "A 1", f"p{OF_DEPARTMENT_MAX - 1}"), {"until": None}, status=204)


@pytest.mark.usefixtures("ulf")
async def test_what_was_given_to_them_they_give_to_nobody(house: House) -> None:
    ada = await house.client("ada")
    for person in ("bea", "ada"):
        for department in ("A", "A 1", "B"):
            assert await ada.refused("PUT", path(house, department, person), {"until": None}) == FORBIDDEN
            assert await ada.refused("DELETE", path(house, department, person)) == FORBIDDEN


# ---- how it ends


async def test_the_right_ends_with_the_day_and_a_worker_says_so(house: House, ulf: Client) -> None:
    bea = await house.client("bea")
    await ulf.call("PUT", path(house, "A 1", "bea"), {"until": moment(house.clock.now_ms() + 3_600_000)}, status=204)
    await bea.call("GET", "/admin/people")
    house.clock.forward(3_601)
    assert await bea.refused("GET", "/admin/people") == FORBIDDEN
    assert (await bea.call("GET", "/me"))["administers"] == []
    async with bea.socket() as socket:
        await socket.hello()
        await house.run_due_jobs()
        told = await socket.until(kind="directory.changed")
        assert told["e"]["surroundings"]["administers"] == []
    assert await acts(house, house.departments["A 1"], "department.end_admin") == [(bea.id, {"why": "expired"})]


@pytest.mark.usefixtures("ulf")
async def test_who_is_disabled_loses_it_and_does_not_have_it_back(house: House) -> None:
    ada = house.people["ada"]
    await end_at_provider(house, "ada", enabled=False)
    assert await acts(house, house.departments["A"], "department.end_admin") == [(ada, {"why": "disabled"})]
    await end_at_provider(house, "ada", enabled=True)
    back = await house.client("ada")
    assert await back.refused("GET", "/admin/people") == FORBIDDEN


@pytest.mark.usefixtures("ulf")
async def test_what_the_provider_tells_of_them_otherwise_changes_nothing(house: House) -> None:
    ada = await house.client("ada")
    told: tuple[tuple[str, ...], ...] = (("/departments/B",), ())
    for groups in told:
        async with house.context.database.work() as work:
            account = identity.Account("ada", "Ada Neu", None, enabled=True, groups=groups)
            await identity.take_over(work, NAMESPACE, "ada", account, arrives=False)
        assert [one["short"] for one in (await ada.call("GET", "/me"))["administers"]] == ["A"]


async def test_a_department_that_ends_is_administered_by_nobody(house: House, ulf: Client) -> None:
    bea, ended = await house.client("bea"), house.departments["A 1"]
    await ulf.call("PUT", path(house, "A 1", "bea"), {"until": None}, status=204)
    async with house.verify(bea), house.context.database.work() as work:
        await directory.remove_department(work, ended)
    assert await bea.refused("GET", "/admin/people") == FORBIDDEN
    assert await acts(house, ended, "department.end_admin") == [(bea.id, {"why": "department"})]


@pytest.mark.usefixtures("ulf")
async def test_the_right_goes_where_the_department_goes(house: House) -> None:
    ada = await house.client("ada")
    assert {unit["short"] for unit in (await ada.call("GET", "/admin/departments"))["items"]} == {"A", "A 1"}
    async with house.context.database.work() as work:
        await directory.change_department(work, house.departments["A 1"], "Referat A 1", house.departments["B"])
        await directory.change_department(work, house.departments["B"], "Abteilung B", house.departments["A"])
    assert {unit["short"] for unit in (await ada.call("GET", "/admin/departments"))["items"]} == {"A", "A 1", "B"}
    async with house.context.database.work() as work:
        await directory.change_department(work, house.departments["B"], "Abteilung B", house.departments["H"])
    assert {unit["short"] for unit in (await ada.call("GET", "/admin/departments"))["items"]} == {"A"}


# ---- what they see


@pytest.mark.usefixtures("ulf")
async def test_lists_hold_what_is_theirs_and_count_nothing_else(house: House) -> None:
    ada = await house.client("ada")
    units = (await ada.call("GET", "/admin/departments"))["items"]
    assert [(unit["short"], unit["people"]) for unit in units] == [("A", 6), ("A 1", 1)]
    people = {row["name"]: row for row in (await ada.call("GET", "/admin/people"))["items"]}
    assert sorted(people) == ["Ada", "Bea", "Cem", "Olga", "Pia", "Rita"]
    assert people["Pia"] == {
        "id": house.people["pia"], "name": "Pia", "active": True, "roles": [], "sessions": None, "administers": [],
        "departments": [{"short": "A 1", "role": "member"}],
    }  # fmt: skip
    for beside in ("B", "H"):
        answer = await ada.call("GET", f"/admin/people?department={house.departments[beside]}")
        assert house.people["dora"] not in {row["id"] for row in answer["items"]}
    assert (await ada.call("GET", "/admin/people?q=dora"))["items"] == []
    assert await ada.refused("GET", f"/admin/people?cursor={house.people['dora']}") == (404, "not-found")
    below = await ada.call("GET", f"/admin/people?department={house.departments['A 1']}")
    assert [row["name"] for row in below["items"]] == ["Pia"]


@pytest.mark.usefixtures("ulf")
async def test_pages_go_on_within_what_is_theirs(house: House) -> None:
    async with house.context.database.work() as work:
        for number in range(PAGE + 7):
            for department in ("A 1", "B"):
                name = f"Person {number:03} {department}"
                person = await identity.upsert_person(work, NAMESPACE, name, name, None, [])
                await directory.add_member(work, house.departments[department], person.id)
    ada = await house.client("ada")
    first = await ada.call("GET", "/admin/people?q=person")
    second = await ada.call("GET", f"/admin/people?q=person&cursor={first['next']}")
    assert second["next"] is None
    names = [row["name"] for row in itertools.chain(first["items"], second["items"])]
    assert names == [f"Person {number:03} A 1" for number in range(PAGE + 7)]


@pytest.mark.usefixtures("ulf")
async def test_what_concerns_the_whole_installation_is_not_theirs(house: House) -> None:
    ada, room = await house.client("ada"), await found(house, "A 1", "pia")
    a, b = house.departments["A"], house.departments["B"]
    for method, asked in (
        ("GET", "/admin/overview"), ("GET", "/admin/openings"), ("GET", "/provisioning"), ("GET", "/audit"),
        ("GET", "/provisioning/plans"), ("GET", "/investigations"), ("PUT", f"/admin/departments/{a}/openings/{b}"),
        ("DELETE", f"/admin/people/{house.people['pia']}/sessions"),
    ):  # fmt: skip
        assert await ada.refused(method, asked) == FORBIDDEN, asked
    for asked in (f"/rooms/{room}/messages", f"/rooms/{room}/state", f"/rooms/{room}/readers"):
        assert await ada.refused("GET", asked) == (404, "not-found"), asked


@pytest.mark.usefixtures("ulf")
async def test_who_reads_a_room_is_said_to_be_none_of_them(house: House) -> None:
    bea = await house.client("bea")
    assert (await bea.call("GET", f"/rooms/{house.room}/readers"))["administrators"] is False


# ---- rooms


@pytest.mark.usefixtures("ulf")
async def test_they_look_after_rooms_of_theirs_and_of_nobody_else(house: House) -> None:
    ada = await house.client("ada")
    below, beside, above, free = [await found(house, one, "cem", "dora") for one in ("A 1", "B", "H", None)]
    listed = (await ada.call("GET", "/admin/rooms"))["items"]
    assert {room["id"] for room in listed} == {below, house.room}
    assert (await ada.call("GET", f"/admin/rooms?department={house.departments['B']}"))["items"] == []
    for room in (beside, above, free, NOBODY):
        assert await ada.refused("PUT", f"/admin/rooms/{room}/label", {"label": "confidential"}) == FORBIDDEN
        assert await ada.refused("PUT", f"/admin/rooms/{room}/owner", {"person_id": house.people["cem"]}) == FORBIDDEN
        assert await ada.refused("GET", f"/admin/rooms/{room}/heirs") == FORBIDDEN
    await ada.call("PUT", f"/admin/rooms/{below}/label", {"label": "internal"}, status=204)
    assert await ada.refused("PUT", f"/admin/rooms/{below}/label", {"label": "open"}) == (409, "label-widens")
    assert await ada.refused("PUT", f"/admin/rooms/{below}/owner", {"person_id": ada.id}) == (409, "no-heir")
    await ada.call("PUT", f"/admin/rooms/{below}/owner", {"person_id": house.people["cem"]}, status=204)
    assert await acts(house, below, "room.hand_over") == [(ada.id, {"person": house.people["cem"]})]
    assert await ada.refused("GET", f"/rooms/{below}/messages") == (404, "not-found")


# ---- guests


@pytest.mark.usefixtures("ulf")
async def test_they_end_guests_in_rooms_of_theirs_and_see_no_others(house: House) -> None:
    olga, dora = await house.client("olga"), await house.client("dora")
    theirs = await invite(olga, house.room)
    elsewhere = await dora.call("POST", "/rooms", {"name": "B", "department_id": house.departments["B"]}, status=201)
    beside = await invite(dora, elsewhere["id"])
    pia = await house.client("pia")
    async with house.context.database.work() as work:
        await directory.appoint(work, house.departments["A"], pia.id, by=house.people["ulf"], until_ms=None)
    (shown,) = (await pia.call("GET", "/guests"))["items"]
    assert (shown["person_id"], shown["allowed"]) == (theirs["person_id"], ["guest.end"])
    assert await pia.refused("DELETE", f"/guests/{beside['person_id']}") == (404, "not-found")
    assert await pia.refused("DELETE", f"/guests/{NOBODY}") == (404, "not-found")
    await pia.call("DELETE", f"/guests/{theirs['person_id']}", status=204)
    assert (await pia.call("GET", "/guests"))["items"] == []
    assert len((await (await house.client("ulf")).call("GET", "/guests"))["items"]) == 1


# ---- policies


async def _standing(client: Client, short: str, policy: str = "guests") -> dict[str, Any]:
    places = {place["short"]: place for place in (await client.call("GET", "/policies"))["places"]}
    (found,) = (one for one in places[short]["policies"] if one["policy"] == policy)
    return {name: value for name, value in found.items() if name not in {"policy", "beyond"}}


@pytest.mark.usefixtures("ulf")
async def test_they_see_and_narrow_policies_of_their_departments(house: House) -> None:
    ada, (a, below) = await house.client("ada"), (house.departments["A"], house.departments["A 1"])
    assert [place["short"] for place in (await ada.call("GET", "/policies"))["places"]] == ["A", "A 1"]
    shown = await ada.call("GET", f"/policies/{a}/guests/preview?value=forbidden")
    assert (shown["value"], shown["departments"]) == ("forbidden", 2)
    await ada.call("PUT", f"/policies/{a}/guests", {"value": "forbidden"}, status=204)
    assert await _standing(ada, "A 1") == {
        "value": "forbidden", "own": None, "set_at": a, "delegated": False, "choices": ["forbidden"],
    }  # fmt: skip
    for asked in ("PUT", "GET"):
        query = ("", {"value": "allowed"}) if asked == "PUT" else ("/preview?value=allowed", None)
        assert await ada.refused(asked, f"/policies/{below}/guests{query[0]}", query[1]) == (409, "policy-forbids")
    await ada.call("DELETE", f"/policies/{a}/guests", status=204)
    await ada.call("DELETE", f"/policies/{a}/guests", status=204)
    assert (await _standing(ada, "A"))["value"] == "allowed"
    assert [detail["after"] for _, detail in await acts(house, a, "policy.set")] == ["forbidden", "inherited"]


@pytest.mark.usefixtures("ulf")
async def test_they_set_none_beside_above_or_for_the_whole_house(house: House) -> None:
    ada = await house.client("ada")
    for place in (house.departments["B"], house.departments["H"], "everywhere", NOBODY):
        asked = f"/policies/{place}/guests"
        assert await ada.refused("PUT", asked, {"value": "forbidden"}) == FORBIDDEN
        assert await ada.refused("DELETE", asked) == FORBIDDEN
        assert await ada.refused("GET", f"{asked}/preview?value=forbidden") == FORBIDDEN


async def test_what_administrators_of_the_installation_have_set_is_not_theirs_to_change(
    house: House, ulf: Client
) -> None:
    ada, a = await house.client("ada"), house.departments["A"]
    await ulf.call("PUT", f"/policies/{a}/guests", {"value": "allowed"}, status=204)
    assert (await _standing(ada, "A"))["choices"] == []
    for value in ("forbidden", "allowed"):
        assert await ada.refused("PUT", f"/policies/{a}/guests", {"value": value}) == (409, "policy-set-above")
    assert await ada.refused("DELETE", f"/policies/{a}/guests") == (409, "policy-set-above")
    await ada.call("PUT", f"/policies/{house.departments['A 1']}/guests", {"value": "forbidden"}, status=204)
    await ulf.call("PUT", f"/policies/{house.departments['A 1']}/guests", {"value": "forbidden"}, status=204)
    assert (await _standing(ada, "A 1"))["choices"] == [], "it is theirs no more"


async def test_what_they_set_does_not_stand_against_what_is_set_above_it_later(house: House, ulf: Client) -> None:
    ada, a, h = await house.client("ada"), house.departments["A"], house.departments["H"]
    await ada.call("PUT", f"/policies/{a}/least_label", {"value": "internal"}, status=204)
    await ada.call("PUT", f"/policies/{a}/guests", {"value": "allowed"}, status=204)
    await ulf.call("PUT", f"/policies/{h}/least_label", {"value": "confidential"}, status=204)
    await ulf.call("PUT", f"/policies/{h}/guests", {"value": "forbidden"}, status=204)
    for policy, value in (("least_label", "confidential"), ("guests", "forbidden")):
        standing = await _standing(ada, "A", policy)
        assert (standing["value"], standing["set_at"], standing["delegated"]) == (value, "above", True)
    rulings = (await ada.call("GET", f"/policies/{a}"))["items"]
    assert {one["policy"]: one["value"] for one in rulings}["guests"] == "forbidden"
    olga = await house.client("olga")
    assert await olga.refused("POST", f"/rooms/{house.room}/guests", {"name": "Gina"}) == (409, "policy-forbids")


async def test_what_they_set_stays_when_they_are_dismissed(house: House, ulf: Client) -> None:
    ada, a = await house.client("ada"), house.departments["A"]
    await ada.call("PUT", f"/policies/{a}/guests", {"value": "forbidden"}, status=204)
    await ulf.call("DELETE", path(house, "A", "ada"), status=204)
    assert await ada.refused("DELETE", f"/policies/{a}/guests") == FORBIDDEN
    assert (await _standing(ulf, "A"))["own"] == "forbidden"
    await ulf.call("DELETE", f"/policies/{a}/guests", status=204)


# ---- what it costs


@pytest.mark.usefixtures("ulf")
async def test_no_question_costs_more_in_a_larger_department(house: House) -> None:
    ada = await house.client("ada")
    asked = ("/admin/departments", "/admin/people", "/admin/rooms", "/guests", "/policies", "/me")

    async def costs() -> list[int]:
        counted = []
        for one in asked:
            with statements() as said:
                await ada.call("GET", one)
            counted.append(len(said))
        return counted

    before = await costs()
    async with house.context.database.work() as work:
        for number in range(20):
            made = await directory.add_department(work, f"Referat {number}", f"A {number + 2}", house.departments["A"])
            person = await identity.upsert_person(work, NAMESPACE, f"p{number}", f"Person {number}", None, [])
            await directory.add_member(work, made.id, person.id)
            await rooms.found(work, kind="group", name="Raum", by=person.id, department_id=made.id)
            await directory.appoint(work, made.id, person.id, by=house.people["ulf"], until_ms=None)
    assert await costs() == before
