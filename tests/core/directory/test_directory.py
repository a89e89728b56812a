# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who I am, finding people, and memberships that follow the provider."""

from typing import Any

import httpx2
import msgspec
import pytest
from sqlmodel import select

from fachwerk.core import directory, identity
from fachwerk.core.directory import Department, DepartmentMember, SurroundingsChanged
from fachwerk.core.directory.sync import SNAPSHOTS
from fachwerk.core.identity import Person
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.module import Received
from fachwerk.kernel.policy import Actor
from tests.core.identity.door import Browser, Door
from tests.core.identity.lying import LyingProvider

NAMES = ["Ümit Öztürk", "Jürgen Müller", "Anna Müller-Lüdenscheidt", "Paul Mueller", "Eva Strauß", "100% Prozent_"]


async def fill(door: Door, names: list[str], short: str = "R1") -> None:
    async with door.database.work() as work:
        place = (await work.db.exec(select(Department).where(Department.short == short))).one()
        for name in names:
            person = await identity.upsert_person(work, "demo", name, name, None, [])
            await directory.add_member(work, place.id, person.id)


async def search(browser: Browser, q: str, limit: int = 20) -> httpx2.Response:
    return await browser.http.get(
        browser.origin + "/api/v1/people",
        params={"q": q, "limit": limit},
        headers={"Cookie": f"__Host-fachwerk={browser.cookies['__Host-fachwerk']}"},
    )


async def names(browser: Browser, q: str, limit: int = 20) -> list[str]:
    response = await search(browser, q, limit)
    assert response.status_code == 200, response.text
    return [person["name"] for person in response.json()["items"]]


async def shorts(browser: Browser) -> list[str]:
    return [d["short"] for d in (await browser.me()).json()["departments"]]


def told(door: Door, kind: str) -> list[dict[str, Any]]:
    return [e for _, body in door.delivered if (e := msgspec.json.decode(body))["kind"] == kind]


async def test_me_and_my_departments(browser: Browser) -> None:
    await browser.sign_in("ada")
    me = (await browser.me()).json()
    assert set(me) == {"person", "departments", "administers", "demo", "roles", "actions"}
    assert me["person"] == {
        "id": me["person"]["id"], "name": "Ada Körner", "department": "R1", "active": True, "organisation": None,
        "guest": None,
    }  # fmt: skip
    assert [(d["name"], d["short"]) for d in me["departments"]] == [("Referat 1", "R1")]
    tree = (await browser.get("/api/v1/departments")).json()["items"]
    assert [d["short"] for d in tree] == ["A", "R1"]
    assert tree[1]["parent_id"] == tree[0]["id"]
    assert tree[0]["parent_id"] is None


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/people", "/api/v1/departments"])
async def test_strangers_learn_nothing(browser: Browser, path: str) -> None:
    response = await browser.get(path)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"


# ---- finding people


async def test_people_are_found_in_any_spelling(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    await fill(door, NAMES)
    muller = ["Anna Müller-Lüdenscheidt", "Jürgen Müller", "Paul Mueller"]
    for q in ("müller", "MUELLER", "muller", "Mu\u0308ll"):
        assert sorted(await names(browser, q)) == muller, q
    assert await names(browser, "strauss") == ["Eva Strauß"]
    assert await names(browser, "ozt") == ["Ümit Öztürk"]
    assert await names(browser, "denscheidt") == ["Anna Müller-Lüdenscheidt"], "the middle of a name is found too"
    assert await names(browser, "nobody") == []


async def test_names_that_begin_so_come_first(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    await fill(door, ["Xaver Pan", "Panja Lutz", "Lena Trepano"])
    assert await names(browser, "pan") == ["Panja Lutz", "Xaver Pan", "Lena Trepano"]
    assert await names(browser, "pan", limit=1) == ["Panja Lutz"]


async def test_signs_of_the_query_language_are_only_signs(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    await fill(door, NAMES)
    assert await names(browser, "%") == await names(browser, "_") == ["100% Prozent_"]
    for q in ("\\", "'; DROP TABLE person; --", "/%"):
        assert await names(browser, q) in ([], sorted(await names(browser, ""), key=identity.fold)), q
    refused = await search(browser, "\x00")
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"] == [{"pointer": "/q", "detail": "U+0000 is no text"}]


async def test_people_beside_and_people_who_left_are_not_found(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    await fill(door, ["Nina Nachbar"], "R2")
    await fill(door, ["Karla Chefin"], "A")
    await fill(door, ["Gerd Gegangen"])
    async with door.database.work() as work:
        gone = (await work.db.exec(select(Person).where(Person.name == "Gerd Gegangen"))).one()
        gone.active = False
        work.db.add(gone)
        others = (await work.db.exec(select(Person))).all()
    assert await names(browser, "") == ["Ada Körner", "Karla Chefin"]
    ids = {person.name: person.id for person in others}
    async with door.database.read() as work:
        ada = Actor(id=ids["Ada Körner"])
        cards = (await directory.people_by_id(work, ada, list(ids.values()))).items
        assert [(c.name, c.active) for c in cards] == [
            ("Ada Körner", True), ("Gerd Gegangen", False), ("Karla Chefin", True),
        ]  # fmt: skip
        cards = (await directory.people_by_id(work, ada, [ids["Nina Nachbar"]], also={ids["Nina Nachbar"]})).items
        assert [(c.name, c.department) for c in cards] == [("Nina Nachbar", "R2")]


@pytest.mark.parametrize("query", ["limit=0", "limit=51", "limit=x", "q=" + "x" * 101, "other=1"])
async def test_a_query_that_does_not_fit_is_refused(browser: Browser, query: str) -> None:
    await browser.sign_in("ada")
    response = await browser.get("/api/v1/people?" + query)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/" + query.split("=", maxsplit=1)[0]


# ---- memberships


async def test_memberships_follow_the_provider(door: Door, liar: LyingProvider, browser: Browser) -> None:
    await browser.sign_in("ada")
    assert await shorts(browser) == ["R1"]
    async with door.database.read() as work:
        other = (await work.db.exec(select(Department.id).where(Department.short == "R2"))).one()
    liar.lies = {"groups": [f"/departments/{other}", "/departments/A", "/staff/R1", "/departments/unknown", "R1"]}
    await browser.sign_in("ada")
    assert await shorts(browser) == ["A", "R2"]
    assert [d["short"] for d in told(door, "directory.changed")[-1]["surroundings"]["departments"]] == ["A", "R1", "R2"]
    async with door.database.read() as work:
        acts = [(r.action, r.detail) for r in await work.db.exec(select(AuditRow)) if "department" in r.action]
    assert sorted(action for action, _ in acts) == ["department.join"] * 3 + ["department.leave"]


async def test_a_provider_without_groups_says_nothing_about_them(
    door: Door, liar: LyingProvider, browser: Browser
) -> None:
    await browser.sign_in("ada")
    door.delivered.clear()
    liar.lies = {"groups": None}
    await browser.sign_in("ada")
    assert await shorts(browser) == ["R1"]
    liar.lies = {"groups": []}
    await browser.sign_in("ada")
    assert await shorts(browser) == []
    assert len(told(door, "directory.changed")) == 1


async def test_a_client_s_picture_is_replaced_whole(door: Door, liar: LyingProvider, browser: Browser) -> None:
    await browser.sign_in("ada")
    person_id = (await browser.me()).json()["person"]["id"]
    snapshot, actor = SNAPSHOTS["user"], Actor(id=person_id)
    async with door.database.read() as work:
        before = await snapshot.load(work, actor, person_id)
    door.delivered.clear()
    liar.lies = {"name": "Ada Neu", "groups": ["/departments/R2"]}
    await browser.sign_in("ada")
    after = before
    for audience, body in door.delivered:
        assert audience == f"user:{person_id}"
        event = msgspec.json.decode(body, type=SurroundingsChanged | identity.SessionEnded)
        after = snapshot.apply(after, Received(audience, 1, 0, event, person_id))
    async with door.database.read() as work:
        assert after == await snapshot.load(work, actor, person_id) != before


async def test_another_role_is_no_second_membership(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    async with door.database.work() as work:
        place = (await work.db.exec(select(DepartmentMember))).one()
        await directory.add_member(work, place.department_id, place.person_id, "lead")
    async with door.database.read() as work:
        assert (await work.db.exec(select(DepartmentMember))).one().role == "lead"
    await browser.sign_in("ada")
    async with door.database.read() as work:
        assert (await work.db.exec(select(DepartmentMember))).one().role == "lead", "the provider knows no roles"


async def test_a_department_needs_its_parent(door: Door) -> None:
    with pytest.raises(NotFound):
        async with door.database.work() as work:
            await directory.add_department(work, "Referat 9", "R9", "00000000-0000-7000-8000-000000000000")
