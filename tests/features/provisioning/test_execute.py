# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans carried out: in a real database of either make, with the provider in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from fachwerk.core.identity import Profile, RealmRefused
from fachwerk.features.provisioning import Busy, PlanRefused, org_now, read_org, service, stored, write_org
from fachwerk.features.provisioning.execute import leased
from fachwerk.features.provisioning.stored import LEASE_S
from fachwerk.kernel.db import Work
from tests.features.provisioning.office import HEAD, Desk, open_desk

HOUSE = (
    "department;A;Abteilung A;;;;\n"
    "department;A 1;Referat A 1;;A;;\n"
    "person;ada;Körner;Ada;A 1;ada@ministerium.example;x\n"
    "person;cem;Aydın;Cem;A 1;cem@ministerium.example;\n"
    "person;cem;Aydın;Cem;A;cem@ministerium.example;\n"
)
MOVED = (
    "department;B;Abteilung B;;;;\n"
    "department;A;Abteilung Alpha;;;;\n"
    "department;A 1;Referat A 1;;B;;\n"
    "person;ada;Körner-Roth;Ada;B;ada@ministerium.example;\n"
    "person;cem;Aydın;Cem;A;cem@ministerium.example;x\n"
)
PLACES = (
    "SELECT p.name, d.short, m.role FROM department_member m "
    "JOIN person p ON p.id = m.person_id JOIN department d ON d.id = m.department_id"
)
ROOMS = (
    "SELECT r.name, p.name, m.role FROM member m "
    "JOIN room r ON r.id = m.room_id JOIN person p ON p.id = m.person_id WHERE m.membership = 'joined'"
)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url) as desk:
        yield desk


async def test_a_house_is_made_and_then_left_alone(desk: Desk) -> None:
    assert await desk.apply(HOUSE) == 1
    assert await desk.ask(PLACES) == [
        ("Ada Körner", "A 1", "lead"), ("Cem Aydın", "A", "member"), ("Cem Aydın", "A 1", "member"),
    ]  # fmt: skip
    assert await desk.ask(ROOMS) == [
        ("Abteilung A", "Cem Aydın", "member"),
        ("Abteilung A – Ankündigungen", "Cem Aydın", "reader"),
        ("Referat A 1", "Ada Körner", "moderator"),
        ("Referat A 1", "Cem Aydın", "member"),
        ("Referat A 1 – Ankündigungen", "Ada Körner", "moderator"),
        ("Referat A 1 – Ankündigungen", "Cem Aydın", "reader"),
    ]
    assert desk.realm.calls == ["set_groups", "create"], "accounts are made in their groups"
    assert {group.name for group in desk.realm.groups_there.values()} == {"A", "A 1"}
    assert await desk.apply(HOUSE) is None
    assert sum(desk.done) == 11
    assert await desk.ask("SELECT action, count(*) FROM audit WHERE actor_id = 'operator' GROUP BY action") == [
        ("org.apply", 1), ("org.end", 1), ("org.step", 11), ("room.create", 4),
    ]  # fmt: skip


async def test_a_reorganisation_is_made_and_taken_back(desk: Desk) -> None:
    await desk.apply(HOUSE)
    before = await desk.state()
    number = await desk.apply(MOVED)
    assert number == 2
    assert await desk.ask(PLACES) == [("Ada Körner-Roth", "B", "member"), ("Cem Aydın", "A", "lead")]
    assert [(row[0], row[2]) for row in await desk.ask(ROOMS)] == [
        ("Abteilung Alpha", "moderator"), ("Abteilung Alpha – Ankündigungen", "moderator"),
        ("Abteilung B", "member"), ("Abteilung B – Ankündigungen", "reader"),
    ]  # fmt: skip
    assert {group.name: group.parent_id for group in desk.realm.groups_there.values()} == {
        "A": None, "B": None, "A 1": (await desk.state()).departments["B"].id,
    }  # fmt: skip
    assert await desk.undo(number) == 3
    assert await desk.state() == before
    assert len(await desk.ask(ROOMS)) == 6
    assert await desk.undo(3) == 4, "what was taken back can be taken back"
    assert await desk.apply(MOVED) is None


async def test_everything_can_be_taken_back_from_the_first_plan_on(desk: Desk) -> None:
    empty = await desk.state()
    number = await desk.apply(HOUSE)
    assert number
    await desk.undo(number)
    assert await desk.state() == empty
    assert await desk.ask("SELECT name, active FROM person WHERE active") == []
    assert await desk.ask("SELECT name, department_id FROM room") == [
        ("Abteilung A", None), ("Abteilung A – Ankündigungen", None),
        ("Referat A 1", None), ("Referat A 1 – Ankündigungen", None),
    ]  # fmt: skip
    assert await desk.apply(HOUSE) == 3
    assert await desk.ask("SELECT count(*) FROM room") == [(8,)], "a new department has new rooms"


async def test_who_is_not_named_leaves_when_the_file_is_complete(desk: Desk) -> None:
    await desk.apply(HOUSE)
    only_ada = "".join(line for line in HOUSE.splitlines(keepends=True) if "cem" not in line and ";A;Abt" not in line)
    only_ada = only_ada.replace(";;A;;", ";;;;")
    assert await desk.apply(only_ada) == 2
    assert len((await desk.state()).places) == 3, "left alone"
    before = await desk.state()
    number = await desk.apply(only_ada, complete=True)
    assert number == 3
    assert await desk.ask(PLACES) == [("Ada Körner", "A 1", "lead")]
    assert await desk.ask("SELECT name FROM person WHERE NOT active") == [("Cem Aydın",)]
    assert desk.realm.signed_out == ["cem"]
    assert set(desk.realm.groups_there) == {(await desk.state()).departments["A 1"].id}
    assert await desk.apply(only_ada, complete=True) is None
    await desk.undo(number)
    assert await desk.state() == before
    assert await desk.ask("SELECT name FROM person WHERE NOT active") == []


async def test_what_has_changed_since_is_not_overwritten_unasked(desk: Desk) -> None:
    await desk.apply(HOUSE)
    number = await desk.apply(MOVED)
    assert number
    ada = desk.realm.found["ada"]
    desk.realm.change(ada.subject, Profile("ada", "Ada", "Roth", "ada@ministerium.example"), enabled=True)
    with pytest.raises(
        PlanRefused, match=r"^has changed since: ~ account ada: Ada Körner <.*> is Ada Körner-Roth <.*>$"
    ):
        await desk.undo(number)
    await desk.undo(number, force=True)
    assert desk.realm.found["ada"].profile.name == "Körner"
    assert await desk.apply(HOUSE) is None


@pytest.mark.parametrize("changes", range(5))
async def test_an_apply_that_ends_anywhere_is_finished_later(desk: Desk, changes: int) -> None:
    await desk.apply(HOUSE)
    desk.realm.fails_after = changes
    with pytest.raises(RealmRefused):
        await desk.apply(MOVED)
    with pytest.raises(PlanRefused, match=r"^plan 2 is not finished"):
        await desk.apply(HOUSE)
    desk.realm.fails_after = None
    assert await desk.office.resume(desk.done.append) == 2
    assert await desk.office.resume(desk.done.append) is None
    assert await desk.apply(MOVED) is None
    assert (await desk.state()).half == frozenset()


@pytest.mark.parametrize("changes", range(5))
async def test_half_an_apply_can_be_taken_back(desk: Desk, changes: int) -> None:
    await desk.apply(HOUSE)
    before = await desk.state()
    desk.realm.fails_after = changes
    with pytest.raises(RealmRefused):
        await desk.apply(MOVED)
    desk.realm.fails_after = None
    await desk.undo(2)
    assert await desk.apply(HOUSE) is None
    assert (await desk.state())._replace(rooms={}, announcements={}) == before._replace(rooms={}, announcements={})


async def test_one_apply_at_a_time(desk: Desk) -> None:
    async with leased(desk.database, "another process"):
        with pytest.raises(Busy):
            await desk.apply(HOUSE)
        assert await desk.ask("SELECT count(*) FROM provisioning_plan") == [(0,)]
        desk.clock.forward(LEASE_S)
        assert await desk.apply(HOUSE) == 1, "the other one shows no sign of life"


async def test_what_is_exported_is_what_there_is(desk: Desk) -> None:
    await desk.apply(HOUSE + "person;eva;=1+1;'Eva;A;;\n")
    org, notes = org_now(await desk.state())
    written = write_org(org)
    assert notes == ()
    assert "person;eva;'=1+1;'Eva;A;;\n" in written
    assert await desk.apply(written.removeprefix(HEAD)) is None
    assert write_org(read_org(written.encode())) == written


async def test_a_taken_address_is_told_before_anything_is_done(desk: Desk) -> None:
    await desk.apply(HOUSE)
    with pytest.raises(PlanRefused, match=r"the address cem@ministerium\.example of eva is that of the account cem"):
        await desk.apply("department;A;Abteilung A;;;;\nperson;eva;Roth;Eva;A;cem@ministerium.example;\n")


async def test_what_only_one_side_knows_is_repaired(desk: Desk) -> None:
    await desk.apply(HOUSE)
    part = (await desk.state()).departments["A"].id
    desk.realm.leave(desk.realm.found["cem"].subject, part)
    desk.realm.groups_there.pop(part)
    assert (await desk.state()).half
    assert await desk.apply(HOUSE) == 2
    assert await desk.apply(HOUSE) is None
    assert part in desk.realm.found["cem"].departments


class Killed(BaseException):
    """As a power cut: nothing is tidied up."""


@pytest.mark.parametrize("transactions", range(1, 7))
async def test_an_apply_that_is_killed_between_two_transactions_is_finished_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, transactions: int
) -> None:
    """transactions: so many are committed; the next one never begins, and its process is no more."""
    await desk.apply(HOUSE)
    work, begun = desk.database.work, 0

    @asynccontextmanager
    async def dying() -> AsyncIterator[Work]:
        nonlocal begun
        begun += 1
        if begun > transactions:
            raise Killed
        async with work() as one:
            yield one

    with monkeypatch.context() as dead:
        dead.setattr(desk.database, "work", dying)
        with pytest.raises(Killed):
            await desk.apply(MOVED)
    assert (await desk.state()).rooms.keys() == (await desk.state()).departments.keys(), "no half department"
    assert (await desk.state()).announcements.keys() == (await desk.state()).departments.keys(), "no half department"
    if transactions == 1:  # it held the lease and had stored nothing
        assert await desk.office.resume(desk.done.append) is None
        desk.clock.forward(LEASE_S)
        assert await desk.apply(MOVED) == 2
    else:
        resuming = asyncio.create_task(desk.office.resume(desk.done.append))
        await asyncio.sleep(0.05)
        assert not resuming.done(), "the lease of who was killed still holds"
        desk.clock.forward(LEASE_S)
        assert await resuming == 2
    assert await desk.apply(MOVED) is None


async def test_resume_waits_only_so_long_for_who_is_alive(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.realm.fails_after = 1
    with pytest.raises(RealmRefused):
        await desk.apply(HOUSE)
    monkeypatch.setattr(service, "LONG_S", 2.0)
    monkeypatch.setattr(service, "POLL_S", 0.5)
    async with leased(desk.database, "another process"):
        with pytest.raises(Busy):
            await desk.office.resume(desk.done.append)


async def test_an_undo_brings_back_what_was_said_in_the_room(desk: Desk) -> None:
    await desk.apply(HOUSE)
    before = await desk.state()
    number = await desk.apply(HOUSE.partition("\n")[0].replace(";A;", ";Z;") + "\n", complete=True)
    assert number
    assert (await desk.state()).departments.keys() == {"Z"}
    assert await desk.ask("SELECT count(*) FROM member WHERE membership = 'joined'") == [(0,)]
    await desk.undo(number)
    assert (await desk.state()).rooms == before.rooms
    assert (await desk.state()).announcements == before.announcements
    assert len(await desk.ask(ROOMS)) == 6


async def test_a_lost_lease_stops_an_apply(desk: Desk) -> None:
    async with leased(desk.database, "slow"):
        desk.clock.forward(LEASE_S)
        await desk.apply(HOUSE)
        async with desk.database.work() as work:
            with pytest.raises(Busy):
                await stored.renew(work, "slow")


async def test_steps_that_belong_to_another_provider_are_left_alone(desk: Desk) -> None:
    await desk.apply(HOUSE)
    other = replace(desk.office, issuer="https://other.example/realms/x")
    with pytest.raises(PlanRefused, match="plan 1 was for the people of"):
        await other.plan_undo(1, force=False)
    with pytest.raises(PlanRefused, match="there is no plan 9"):
        await desk.office.plan_undo(9, force=False)
