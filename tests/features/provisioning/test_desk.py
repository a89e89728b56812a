# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An administrator has a file planned, looks at it, has it carried out and taken back; on either store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, identity
from fachwerk.core.identity import Profile
from fachwerk.features.provisioning import Site, drafts, jobs, stored
from fachwerk.features.provisioning.model import DraftRow, DraftStepRow
from fachwerk.features.provisioning.routes import UPLOAD_MAX_BYTES
from fachwerk.features.provisioning.stored import LEASE_S
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.db import Database
from tests.cli.realm import MemoryRealm
from tests.features.provisioning.office import HEAD
from tests.house import Client, House

pytestmark = pytest.mark.anyio
NAMESPACE = "demo"
NEW = HEAD + "department;N;Abteilung N;;;;\nperson;eva;Klein;Eva;N;;x\n"
WRONG = HEAD + "department;N;Abteilung N;;;;\nperson;eva;Klein;Eva;M;;x\nperson;Uwe;Roth;Uwe;N;kein;\n"


@dataclass
class Desk:
    """An administrator at work. ulf, una: two of them. eva: whom the files are about."""

    house: House
    ulf: Client
    una: Client
    eva: Client

    async def upload(self, content: str, query: str = "?name=haus.csv", by: Client | None = None) -> dict[str, Any]:
        answer = await (by or self.ulf).http.post(f"/api/v1/provisioning/drafts{query}", content=content.encode())
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def planned(self, content: str, query: str = "?name=haus.csv", by: Client | None = None) -> dict[str, Any]:
        """A draft after the worker had it."""
        draft = (await self.upload(content, query, by))["draft"]
        await self.house.run_due_jobs()
        return await self.draft(draft["id"])

    async def draft(self, draft_id: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ulf.call("GET", f"/provisioning/drafts/{draft_id}"))["draft"]
        return found

    async def apply(self, draft_id: str, body: Mapping[str, Any] | None = None) -> int:
        """Have it carried out; the worker has not had it yet."""
        begun = await self.ulf.call("POST", f"/provisioning/drafts/{draft_id}/apply", dict(body or {}))
        return int(begun["plan"])

    async def plan(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ulf.call("GET", f"/provisioning/plans/{number}"))["plan"]
        return found

    async def rooms(self) -> list[str]:
        """The department's rooms that eva is in."""
        return sorted(room["name"] for room in (await self.eva.call("GET", "/rooms"))["items"])

    async def shorts(self) -> list[str]:
        async with self.house.context.database.read() as work:
            return sorted(one.short for one in await directory.all_departments(work))

    async def acts(self, action: str) -> list[str]:
        """Who did that, in order."""
        async with self.house.context.database.read() as work:
            chosen = select(AuditRow.actor_id).where(AuditRow.action == action).order_by(col(AuditRow.number))
            names = {person_id: name for name, person_id in self.house.people.items()}
            return [names.get(actor, actor) for actor in (await work.db.exec(chosen)).all()]

    def use(self, site: Site) -> None:
        """Be set up otherwise from now on."""
        ports = self.house.context.ports
        assert isinstance(ports, dict)
        ports[Site] = site


@pytest.fixture
async def desk(house: House) -> Desk:
    async with house.context.database.work() as work:
        for name, roles in (("ulf", [identity.ADMIN]), ("una", [identity.ADMIN]), ("eva", [])):
            shown = "Eva Klein" if name == "eva" else name.title()
            house.people[name] = (await identity.upsert_person(work, NAMESPACE, name, shown, None, roles)).id
    return Desk(house, *[await house.client(name) for name in ("ulf", "una", "eva")])


async def test_a_faulty_file_is_told_by_line_and_changes_nothing(desk: Desk) -> None:
    told = await desk.upload(WRONG)
    assert told["draft"] is None
    assert [(fault["where"], fault["what"]["name"], fault["what"]["about"]) for fault in told["faults"]] == [
        ("line 3", "no_department", {"key": "M"}),
        ("line 4", "bad_login", {"value": "Uwe"}),
        ("line 4", "bad_email", {"value": "kein"}),
    ]
    assert told["faults_total"] == 3
    assert (await desk.ulf.call("GET", "/provisioning"))["drafts"] == []
    assert await desk.shorts() == ["A", "B", "H"]


async def test_a_file_is_planned_looked_at_carried_out_and_taken_back(desk: Desk) -> None:
    asked = (await desk.upload(NEW))["draft"]
    assert (asked["state"], asked["source"], asked["created_by"]) == ("planning", "haus.csv", "Ulf")
    await desk.house.run_due_jobs()
    told = await desk.ulf.call("GET", f"/provisioning/drafts/{asked['id']}")
    draft = told["draft"]
    assert (draft["state"], draft["steps"], draft["removals"], draft["too_much"]) == ("planned", 4, 0, [])
    assert [(one["kind"], one["verb"], one["steps"]) for one in told["counts"]] == [
        ("announcements", "add", 1), ("department", "add", 1), ("place", "add", 1), ("room", "add", 1),
    ]  # fmt: skip
    lines = (await desk.ulf.call("GET", f"/provisioning/drafts/{draft['id']}/steps"))["items"]
    assert [(line["kind"], line["target"]) for line in lines] == [
        ("department", "N"), ("room", "N"), ("announcements", "N"), ("place", "eva N"),
    ]  # fmt: skip
    assert await desk.shorts() == ["A", "B", "H"], "a plan changes nothing"
    assert await desk.rooms() == []

    number = await desk.apply(draft["id"])
    assert (await desk.plan(number))["left"] == 4
    assert await desk.ulf.refused("GET", f"/provisioning/drafts/{draft['id']}") == (404, "not-found")
    await desk.house.run_due_jobs()
    plan = await desk.plan(number)
    assert (plan["left"], plan["running"], plan["failure"]) == (0, False, [])
    assert (plan["planned_by"], plan["begun_by"]) == ("Ulf", "Ulf")
    assert plan["ended_at"]
    assert await desk.rooms() == ["Abteilung N", "Abteilung N – Ankündigungen"]

    back = await desk.ulf.call("POST", f"/provisioning/plans/{number}/undo", {})
    await desk.house.run_due_jobs()
    assert (await desk.draft(back["id"]))["removals"] == 4
    assert await desk.rooms() != [], "an undo is looked at, too"
    assert (await desk.draft(back["id"]))["too_much"] != []
    second = await desk.apply(back["id"], {"removals": 4})
    await desk.house.run_due_jobs()
    assert (await desk.plan(second))["undoes"] == number
    assert await desk.rooms() == []
    assert await desk.shorts() == ["A", "B", "H"]
    assert await desk.acts("org.plan") == ["ulf", "ulf"]
    assert await desk.acts("org.apply") == ["ulf", "ulf"]
    assert await desk.acts("org.end") == ["ulf", "ulf"]
    assert await desk.acts("org.step") == ["ulf"] * 8
    again = await desk.planned(NEW)
    assert again["steps"] == 4, "what was taken back can be made again"


async def test_the_same_file_again_has_nothing_to_do(desk: Desk) -> None:
    await desk.apply((await desk.planned(NEW))["id"])
    await desk.house.run_due_jobs()
    draft = await desk.planned(NEW)
    assert (draft["state"], draft["steps"]) == ("planned", 0)
    refused = await desk.ulf.refused("POST", f"/provisioning/drafts/{draft['id']}/apply", {})
    assert refused == (409, "not-planned")


async def test_many_removals_are_confirmed_by_their_number(desk: Desk) -> None:
    draft = await desk.planned(NEW, "?name=haus.csv&complete=true")
    assert draft["removals"] == 3
    assert [one["name"] for one in draft["too_much"]] == ["removes_departments"]
    path = f"/provisioning/drafts/{draft['id']}/apply"
    for body in ({}, {"removals": 2}, {"removals": None}):
        assert await desk.ulf.refused("POST", path, body) == (409, "removals-unconfirmed")
    assert await desk.ulf.refused("POST", path, {"removals": "3"}) == (422, "invalid")
    await desk.apply(draft["id"], {"removals": 3})
    await desk.house.run_due_jobs()
    assert await desk.shorts() == ["N"]


async def test_only_one_plan_is_carried_out_at_a_time(desk: Desk) -> None:
    one, other = await desk.planned(NEW), await desk.planned(NEW.replace("N", "O"), by=desk.una)
    number = await desk.apply(one["id"])
    path = f"/provisioning/drafts/{other['id']}/apply"
    assert await desk.una.refused("POST", path, {}) == (409, "apply-at-work")
    async with desk.house.context.database.work() as work:
        await stored.claim(work, "a command on the server")
    assert await desk.una.refused("POST", path, {}) == (409, "apply-at-work")
    assert await desk.ulf.refused("POST", f"/provisioning/plans/{number}/resume") == (409, "apply-at-work")
    refused = await desk.planned(NEW)
    assert (refused["state"], [one["name"] for one in refused["said"]]) == ("refused", ["unfinished"])


async def test_one_asks_and_another_one_has_it_carried_out(desk: Desk) -> None:
    draft = await desk.planned(NEW, by=desk.una)
    plan = await desk.plan(await desk.apply(draft["id"]))
    assert (plan["planned_by"], plan["begun_by"]) == ("Una", "Ulf")


async def test_a_new_file_takes_the_place_of_the_one_before(desk: Desk) -> None:
    first = await desk.planned(NEW)
    hers = await desk.planned(NEW, by=desk.una)
    second = await desk.planned(NEW)
    listed = (await desk.ulf.call("GET", "/provisioning"))["drafts"]
    assert {one["id"] for one in listed} == {hers["id"], second["id"]}
    assert await desk.ulf.refused("GET", f"/provisioning/drafts/{first['id']}/steps") == (404, "not-found")
    await desk.ulf.call("DELETE", f"/provisioning/drafts/{hers['id']}", status=204)
    assert len((await desk.ulf.call("GET", "/provisioning"))["drafts"]) == 1


async def test_a_draft_is_forgotten_after_a_day_and_the_file_at_once(desk: Desk) -> None:
    asked = (await desk.upload(NEW))["draft"]
    async with desk.house.context.database.read() as work:
        org = await drafts.asked_for(work, asked["id"])
        assert org
        assert [person.name for person in org.people] == ["Klein"]
    await desk.house.run_due_jobs()
    async with desk.house.context.database.read() as work:
        assert await drafts.asked_for(work, asked["id"]) is None
    desk.house.clock.forward(drafts.KEPT_S - 60)
    await desk.house.run_due_jobs()
    assert (await desk.draft(asked["id"]))["steps"] == 4
    desk.house.clock.forward(jobs.SWEEP_S)
    await desk.house.run_due_jobs()
    async with desk.house.context.database.read() as work:
        for table in (DraftRow, DraftStepRow):
            assert (await work.db.exec(select(table))).all() == []


async def test_what_somebody_else_did_meanwhile_is_not_overwritten(desk: Desk) -> None:
    draft = await desk.planned(NEW)
    async with desk.house.context.database.work() as work:
        await directory.add_department(work, "Nachbarn", "N")
    number = await desk.apply(draft["id"])
    await desk.house.run_due_jobs()
    plan = await desk.plan(number)
    assert (plan["left"], [one["name"] for one in plan["failure"]]) == (4, ["changed"])
    assert plan["ended_at"], "nobody must take it back: nothing of it was done"
    async with desk.house.context.database.read() as work:
        assert [one.name for one in await directory.all_departments(work) if one.short == "N"] == ["Nachbarn"]
    assert await desk.ulf.refused("POST", f"/provisioning/plans/{number}/resume") == (409, "plan-ended")


async def test_a_plan_that_stands_still_says_why_and_goes_on(desk: Desk) -> None:
    realm = MemoryRealm(fails_after=1)

    async def provider(_database: Database) -> MemoryRealm:
        return realm

    desk.use(Site(NAMESPACE, provider))
    number = await desk.apply((await desk.planned(NEW.replace("eva", "ida")))["id"])
    await desk.house.run_due_jobs()
    plan = await desk.plan(number)
    assert (plan["left"], plan["running"], plan["ended_at"]) == (2, False, None)
    assert plan["failure"] == [{"name": "refused", "about": {"text": "the sign-in service does not answer"}}]
    left = await desk.ulf.call("GET", f"/provisioning/plans/{number}/steps?left=true")
    assert [line["kind"] for line in left["items"]] == ["account", "place"]
    realm.fails_after = None
    await desk.una.call("POST", f"/provisioning/plans/{number}/resume", status=204)
    assert (await desk.plan(number))["failure"] == []
    await desk.house.run_due_jobs()
    plan = await desk.plan(number)
    assert (plan["left"], plan["failure"]) == (0, [])
    assert plan["ended_at"]
    assert await desk.acts("org.resume") == ["una"]
    assert [there.profile for there in realm.found.values()] == [Profile("ida", "Eva", "Klein", None)]


async def test_a_half_done_plan_is_taken_back(desk: Desk) -> None:
    realm = MemoryRealm(fails_after=1)

    async def provider(_database: Database) -> MemoryRealm:
        return realm

    desk.use(Site(NAMESPACE, provider))
    number = await desk.apply((await desk.planned(NEW.replace("eva", "ida")))["id"])
    await desk.house.run_due_jobs()
    realm.fails_after = None
    back = await desk.ulf.call("POST", f"/provisioning/plans/{number}/undo", {})
    await desk.house.run_due_jobs()
    draft = await desk.draft(back["id"])
    second = await desk.apply(back["id"], {"removals": draft["removals"]})
    await desk.house.run_due_jobs()
    assert (await desk.plan(second))["left"] == 0
    assert (await desk.plan(number))["ended_at"]
    assert "N" not in await desk.shorts()


async def test_the_worker_waits_while_another_apply_is_at_work(desk: Desk) -> None:
    number = await desk.apply((await desk.planned(NEW))["id"])
    async with desk.house.context.database.work() as work:
        await stored.claim(work, "a worker that was killed")
    await desk.house.run_due_jobs()
    plan = await desk.plan(number)
    assert (plan["running"], plan["left"]) == (True, 4)
    desk.house.clock.forward(LEASE_S)
    await desk.house.run_due_jobs()
    assert (await desk.plan(number))["left"] == 0


async def test_a_provider_that_is_away_is_told_at_the_draft(desk: Desk) -> None:
    class Away(MemoryRealm):
        def accounts(self) -> Any:
            raise identity.RealmRefused("Keycloak refused or does not answer: timeout")

    async def provider(_database: Database) -> MemoryRealm:
        return Away()

    desk.use(Site(NAMESPACE, provider))
    draft = await desk.planned(NEW)
    assert (draft["state"], draft["said"][0]["name"]) == ("refused", "refused")


async def test_where_only_commands_may_nothing_is_offered(desk: Desk) -> None:
    desk.use(Site(NAMESPACE, None))
    assert (await desk.ulf.call("GET", "/provisioning"))["ready"] is False
    response = await desk.ulf.http.post("/api/v1/provisioning/drafts", content=NEW.encode())
    assert (response.status_code, response.json()["type"]) == (409, "urn:fachwerk:problem:org-only-by-command")


async def test_a_file_beyond_the_limit_is_refused_before_it_is_read(desk: Desk) -> None:
    response = await desk.ulf.http.post("/api/v1/provisioning/drafts", content=b"x" * (UPLOAD_MAX_BYTES + 1))
    assert (response.status_code, response.json()["data"]) == (413, {"limit_bytes": UPLOAD_MAX_BYTES})


async def test_a_file_of_a_stranger_is_not_even_read(desk: Desk) -> None:
    response = await desk.eva.http.post("/api/v1/provisioning/drafts", content=b"x" * (UPLOAD_MAX_BYTES + 1))
    assert response.status_code == 403


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"\x00", b"kind\n" + b"x" * 100_000, b'"'])
async def test_whatever_is_sent_is_told_by_line(desk: Desk, content: bytes) -> None:
    response = await desk.ulf.http.post("/api/v1/provisioning/drafts", content=content)
    assert response.status_code == 200
    assert response.json()["draft"] is None
    assert response.json()["faults"][0]["where"].startswith("line ")
