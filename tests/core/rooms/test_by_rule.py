# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Members by rule, on either store."""

import asyncio
from random import Random
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, rooms
from fachwerk.core.identity import ADMIN, PersonAttribute, PersonReported, upsert_person
from fachwerk.core.rooms import by_rule
from fachwerk.core.rooms.about_rules import Means
from fachwerk.core.rooms.model import Member
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.policy import Actor
from tests.house import Client, House
from tests.house.house import NAMESPACE
from tests.house.queries import statements

PROFESSION, VALUES = PersonAttribute(name="beruf", rules="owners"), ["Arzt", "Jurist"]
pytestmark = pytest.mark.anyio


async def test_who_is_meant_is_in_and_goes_when_meant_no_longer(house: House, hans: Client, dora: Client) -> None:
    room = await make(hans)
    async with house.verify(hans, room), house.verify(dora):
        await set_rules(hans, room, rule(house, "B"))
    assert await members(hans, room) == {hans.id: False, dora.id: True}
    async with house.verify(dora, room), house.verify(hans, room), house.context.database.work() as work:
        await directory.add_member(work, house.departments["B"], house.people["ada"])
    assert await members(hans, room) == {hans.id: False, dora.id: True, house.people["ada"]: True}
    async with dora.following(room) as socket:
        async with house.verify(hans, room), house.context.database.work() as work:
            await directory.remove_member(work, house.departments["B"], dora.id)
        await socket.until(t="closed", a=f"room:{room}")
    assert await dora.refused("GET", f"/rooms/{room}/state") == (404, "not-found")
    async with house.verify(hans, room):
        await set_rules(hans, room)
    assert await members(hans, room) == {hans.id: False}


async def test_a_rule_about_all_below_and_one_about_those_who_lead(
    house: House, hans: Client, ada: Client, dora: Client
) -> None:
    room = await make(hans)
    await set_rules(hans, room, rule(house, "H", leading=True, below=True))
    assert await members(hans, room) == {hans.id: False}
    roles: list[tuple[Client, directory.DepartmentRole]] = [(ada, "lead"), (dora, "deputy")]
    for one, role in roles:
        async with house.context.database.work() as work:
            await directory.add_member(
                work, (await directory.places(work, [one.id]))[one.id][0].department_id, one.id, role
            )
    assert await members(hans, room) == {hans.id: False, ada.id: True, dora.id: True}
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["A"], ada.id, "member")
    assert await members(hans, room) == {hans.id: False, dora.id: True}
    await set_rules(hans, room, rule(house, "H", below=True))
    assert len(await members(hans, room)) == 7, "everybody"
    await set_rules(hans, room, rule(house, "H"))
    assert await members(hans, room) == {hans.id: False}


async def test_a_department_that_moves_takes_its_people_along(house: House, hans: Client, dora: Client) -> None:
    room = await make(hans)
    async with house.context.database.work() as work:
        below = await directory.add_department(work, "Referat B 1", "B 1", house.departments["B"])
        await directory.add_member(work, below.id, dora.id)
        await directory.remove_member(work, house.departments["B"], dora.id)
    await set_rules(hans, room, rule(house, "B", below=True))
    assert dora.id in await members(hans, room)
    async with house.context.database.work() as work:
        await directory.change_department(work, below.id, "Referat B 1", house.departments["A"])
    assert dora.id not in await members(hans, room)
    async with house.context.database.work() as work:
        await directory.change_department(work, below.id, "Referat B 1", house.departments["B"])
    assert dora.id in await members(hans, room)
    async with house.context.database.work() as work:
        await directory.remove_department(work, below.id)
    assert dora.id not in await members(hans, room)


async def test_who_was_invited_by_hand_stays(house: House, hans: Client, ada: Client, cem: Client) -> None:
    room = await make(hans, ada, cem)
    await ada.call("POST", f"/rooms/{room}/join")
    async with house.verify(cem):
        await set_rules(hans, room, rule(house, "A"))
    found = await members(hans, room)
    assert (found[ada.id], found[cem.id]) == (False, True), "an open invitation was taken up by the rule"
    await set_rules(hans, room)
    assert await members(hans, room) == {hans.id: False, ada.id: False}


async def test_whom_a_rule_means_neither_leaves_nor_is_removed(house: House, hans: Client, ada: Client) -> None:
    room = await make(hans, ada)
    await ada.call("POST", f"/rooms/{room}/join")
    cem = await house.client("cem")
    await set_rules(hans, room, rule(house, "A"))
    for one in (ada, cem):
        assert await one.refused("POST", f"/rooms/{room}/leave") == (409, "in-by-rule")
        assert await hans.refused("DELETE", f"/rooms/{room}/members/{one.id}") == (409, "in-by-rule")
    end = {"until": rfc3339(house.clock.now_ms() + 60_000)}
    assert await hans.refused("PUT", f"/rooms/{room}/members/{cem.id}/end", end) == (409, "in-by-rule")
    await set_rules(hans, room)
    await hans.call("DELETE", f"/rooms/{room}/members/{ada.id}", status=204)


async def test_an_end_lets_whom_a_rule_means_stay_by_the_rule(house: House, hans: Client, ada: Client) -> None:
    room = await make(hans, ada)
    await ada.call("POST", f"/rooms/{room}/join")
    end = {"until": rfc3339(house.clock.now_ms() + 60_000)}
    await hans.call("PUT", f"/rooms/{room}/members/{ada.id}/end", end, status=204)
    await set_rules(hans, room, rule(house, "A"))
    house.clock.forward(60)
    async with house.verify(hans, room), house.verify(ada, room):
        await house.run_due_jobs()
    assert (await members(hans, room))[ada.id] is True


async def test_whom_somebody_gives_a_role_is_in_by_hand(house: House, hans: Client, ada: Client) -> None:
    room = await make(hans)
    await set_rules(hans, room, rule(house, "A"))
    async with house.verify(ada, room):
        await hans.call("PUT", f"/rooms/{room}/members/{ada.id}", {"role": "owner"}, status=204)
    await set_rules(hans, room)
    assert await members(hans, room) == {hans.id: False, ada.id: False}


async def test_a_rule_is_only_about_departments_that_one_sees(house: House, ada: Client) -> None:
    room = await make(ada)
    assert await refused(ada, room, rule(house, "B")) == (422, "invalid"), "beside one's own"
    assert await refused(ada, room, rule(house, "H", below=True)) == (422, "invalid"), "above, with what is beside"
    assert await refused(ada, room, {"department_id": room}) == (422, "invalid"), "there is none"
    await set_rules(ada, room, rule(house, "H"))
    async with house.context.database.work() as work:
        await directory.open_to(work, directory.Opening(house.departments["B"], house.departments["A"]))
    await set_rules(ada, room, rule(house, "H"), rule(house, "B"))
    async with house.context.database.work() as work:
        await directory.close_to(work, directory.Opening(house.departments["B"], house.departments["A"]))
    await set_rules(ada, room, rule(house, "B"))
    assert await refused(ada, room, rule(house, "B", leading=True)) == (422, "invalid"), "what was there may stay"


async def test_many_are_moved_only_when_that_is_confirmed(house: House, hans: Client) -> None:
    room = await make(hans)
    async with house.context.database.work() as work:
        for number in range(51):
            person = await upsert_person(work, NAMESPACE, f"p{number}", f"P {number}", None, [])
            await directory.add_member(work, house.departments["B"], person.id)
    body = {"rules": [rule(house, "B")]}
    assert await hans.call("POST", f"/rooms/{room}/rules/preview", body) == {"coming": 52, "going": 0, "step": 1}
    assert await members(hans, room) == {hans.id: False}
    assert await hans.refused("PUT", f"/rooms/{room}/rules", body) == (409, "moves-many")
    assert (await hans.call("GET", f"/rooms/{room}/rules"))["items"] == []
    with statements() as said:
        async with house.verify(hans, room):
            await hans.call("PUT", f"/rooms/{room}/rules", body | {"confirmed": True})
    assert len(await members(hans, room)) == 53
    asked = [one for one in said if one.startswith("SELECT") and "FROM member" in one and "member.person_id" in one]
    assert len(asked) < 20, "what is asked does not grow with the people"
    assert await hans.call("POST", f"/rooms/{room}/rules/preview", {"rules": []}) == {
        "coming": 0,
        "going": 52,
        "step": 1,
    }
    assert await hans.refused("PUT", f"/rooms/{room}/rules", {"rules": []}) == (409, "moves-many")


async def test_only_the_owner_of_a_group_room_sets_rules(house: House, olga: Client, bea: Client, dora: Client) -> None:
    body = {"rules": [rule(house, "A")]}
    for method, path in (("GET", "rules"), ("PUT", "rules"), ("POST", "rules/preview")):
        sent = None if method == "GET" else body
        assert await bea.refused(method, f"/rooms/{house.room}/{path}", sent) == (403, "forbidden")
        assert await dora.refused(method, f"/rooms/{house.room}/{path}", sent) == (404, "not-found")
    assert (await olga.call("PUT", f"/rooms/{house.room}/rules", body))["items"] == [
        {
            "department_id": house.departments["A"],
            "department": "Abteilung A",
            "below": False,
            "leading": False,
            "attribute": None,
        }
    ]
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by="test")
        await rooms.put_in(work, room, olga.id, "owner")
    assert await olga.refused("PUT", f"/rooms/{room.id}/rules", body) == (403, "forbidden")


@pytest.mark.parametrize("body", [{}, {"rules": [{}]}, {"rules": [{"department_id": "x"}]}, {"rules": "A"}])
async def test_what_is_no_rule_is_refused(house: House, olga: Client, body: Any) -> None:
    assert await olga.refused("PUT", f"/rooms/{house.room}/rules", body) == (422, "invalid")
    many = {"rules": [rule(house, "A")] * 21}
    assert await olga.refused("POST", f"/rooms/{house.room}/rules/preview", many) == (422, "invalid")


async def test_what_was_done_is_in_the_audit_trail(house: House, olga: Client) -> None:
    await set_rules(olga, house.room, rule(house, "A", leading=True))
    await set_rules(olga, house.room, rule(house, "A", leading=True))
    await set_rules(olga, house.room, rule(house, "A", below=True))
    async with house.context.database.read() as work:
        chosen = select(AuditRow.action, AuditRow.detail).where(
            col(AuditRow.action).in_(("room.add_rule", "room.remove_rule"))
        )
        found = (await work.db.exec(chosen.order_by(AuditRow.id))).all()
    about = {"department": house.departments["A"]}
    assert [tuple(one) for one in found] == [
        ("room.add_rule", about | {"scope": "itself", "people": "leading"}),
        ("room.add_rule", about | {"scope": "below", "people": "all"}),
        ("room.remove_rule", about | {"scope": "itself", "people": "leading"}),
    ]


async def test_who_comes_while_the_rule_is_made_is_not_forgotten(house: House, hans: Client, ada: Client) -> None:
    room = await make(hans)
    if house.context.database.is_sqlite:
        return  # one writer at a time
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["B"], ada.id)
        await work.settle()
        setting = asyncio.create_task(set_rules(hans, room, rule(house, "B")))
        await asyncio.sleep(0.3)
        assert not setting.done(), "it waits for whoever is just coming"
    await setting
    assert ada.id in await members(hans, room)


async def test_a_change_of_one_person_asks_about_that_person_alone(house: House, hans: Client, ada: Client) -> None:
    async def cost() -> int:
        with statements() as said:
            async with house.context.database.work() as work:
                await by_rule.renew_person(work, ada.id)
        return len(said)

    await set_rules(hans, await make(hans), rule(house, "A"))
    few = await cost()
    for _ in range(12):
        await set_rules(hans, await make(hans), rule(house, "B"))
    assert await cost() == few


@pytest.mark.parametrize("seed", range(4))
async def test_members_are_those_of_a_plain_model(house: House, hans: Client, seed: int) -> None:
    """Random changes of the directory, attributes, rules and by hand; after each the room is as the model says."""
    chance, house_of = Random(seed), Plain({short: {"A": "H", "B": "H"}.get(short) for short in ("H", "A", "B")})
    async with house.context.database.work() as work:
        for short, above in (("A 1", "A"), ("A 2", "A"), ("B 1", "B")):
            made = await directory.add_department(work, short, short, house.departments[above])
            house.departments[short], house_of.above[short] = made.id, above
        for person_id, department_id, role in await directory.all_members(work):
            short = next(name for name, one in house.departments.items() if one == department_id)
            house_of.places[person_id, short] = role
    rooms_ = [await make(hans) for _ in range(3)]
    house_of.hand = {room: {hans.id} for room in rooms_}
    house_of.rules = {room: set() for room in rooms_}
    people = [person for key, person in house.people.items() if key != "hans"]
    for step in range(40):
        person, short, room = chance.choice(people), chance.choice(sorted(house.departments)), chance.choice(rooms_)
        match chance.choice(["come", "come", "go", "move", "has", "has", "rules", "rules", "hand", "leave"]):
            case "come":
                role = chance.choice(["member", "deputy", "lead"])
                async with house.context.database.work() as work:
                    await directory.add_member(work, house.departments[short], person, role)
                house_of.places[person, short] = role
            case "go":
                async with house.context.database.work() as work:
                    await directory.remove_member(work, house.departments[short], person)
                house_of.places.pop((person, short), None)
            case "move":
                to = chance.choice(["H", "A", "B"])
                if short not in {"H", "A", "B"}:
                    async with house.context.database.work() as work:
                        await directory.change_department(work, house.departments[short], short, house.departments[to])
                    house_of.above[short] = to
            case "has":
                house_of.has[person] = set(chance.sample(VALUES, chance.randrange(3)))
                await report(house, person, *house_of.has[person])
            case "rules":
                wanted = drawn_rules(chance, sorted(house.departments))
                actor, means = Actor(id=hans.id, roles=frozenset({ADMIN})), [means_of(house, *one) for one in wanted]
                async with house.context.database.work() as work:
                    await by_rule.set_rules(
                        work, house.context.policy, actor, room, means, unasked=1000, attributes=[PROFESSION]
                    )
                house_of.rules[room] = wanted
            case "hand" if person not in house_of.members(room):
                async with house.context.database.work() as work:
                    await rooms.put_in(work, (await rooms.place(work, person, room)).room, person, "member")
                house_of.hand[room].add(person)
            case "leave" if person in house_of.hand[room] and person not in house_of.meant(room):
                async with house.context.database.work() as work:
                    await rooms.dissolve_place(work, (await rooms.place(work, person, room)).room, person)
                house_of.hand[room].remove(person)
        async with house.context.database.read() as work:
            found = await work.db.exec(select(Member).where(Member.membership == "joined"))
            there = {(m.room_id, m.person_id, m.by_rule) for m in found if m.room_id in rooms_}
        wanted_there = {(one, who, how) for one in rooms_ for who, how in house_of.members(one).items()}
        assert there == wanted_there, f"seed {seed}, step {step}"


def drawn_rules(chance: Random, shorts: list[str]) -> set[tuple[str, bool, bool, str]]:
    """As `Plain.rules` has them."""
    found = {
        (chance.choice(shorts), chance.random() < 0.5, chance.random() < 0.4, chance.choice(["", *VALUES]))
        for _ in range(chance.randrange(4))
    }
    everywhere = ("", False, chance.random() < 0.4, chance.choice(VALUES))
    return found | ({everywhere} if chance.random() < 0.3 else set())


def means_of(house: House, short: str, below: bool, leading: bool, value: str) -> Means:
    """The same rule; values are compared in any spelling."""
    return Means(house.departments.get(short, ""), below, leading, PROFESSION.name if value else "", value.upper())


async def report(house: House, person_id: str, *professions: str) -> None:
    """What the provider says of somebody's profession."""
    async with house.context.database.work() as work:
        said = {PROFESSION.name: professions}
        work.announce(PersonReported(person_id=person_id, groups=None, changed=False, attributes=said))


class Plain:
    """Who is in a room, put together anew each time. above: of each department the one it belongs to.

    has: the values of each person. rules: department ("" for all), below, leading, value ("" for whatever they have).
    """

    def __init__(self, above: dict[str, str | None]) -> None:
        self.above = above
        self.places: dict[tuple[str, str], str] = {}
        self.has: dict[str, set[str]] = {}
        self.rules: dict[str, set[tuple[str, bool, bool, str]]] = {}
        self.hand: dict[str, set[str]] = {}

    def meant(self, room: str) -> set[str]:
        return {
            person
            for (person, short), role in self.places.items()
            for about, below, leading, value in self.rules[room]
            if about in {"", short} or (below and about in self.line(short))
            if not leading or role != "member"
            if not value or value in self.has.get(person, ())
        }

    def line(self, short: str) -> list[str]:
        above = self.above[short]
        return [] if above is None else [above, *self.line(above)]

    def members(self, room: str) -> dict[str, bool]:
        """Whether by rule, for each."""
        return dict.fromkeys(self.meant(room), True) | dict.fromkeys(self.hand[room], False)


@pytest.fixture
async def hans(house: House) -> Client:
    """Of the department above all others, whom everybody sees and who sees all."""
    async with house.context.database.work() as work:
        person = await upsert_person(work, NAMESPACE, "hans", "Hans", None, [])
        await directory.add_member(work, house.departments["H"], person.id)
    house.people["hans"] = person.id
    return await house.client("hans")


def rule(house: House, short: str, **more: bool) -> dict[str, Any]:
    return {"department_id": house.departments[short], **more}


async def make(client: Client, *invited: Client) -> str:
    body = {"name": "Projekt", "person_ids": [one.id for one in invited]}
    return str((await client.call("POST", "/rooms", body, status=201))["id"])


async def set_rules(client: Client, room_id: str, *rules: dict[str, Any]) -> None:
    await client.call("PUT", f"/rooms/{room_id}/rules", {"rules": list(rules)})


async def refused(client: Client, room_id: str, *rules: dict[str, Any]) -> tuple[int, str]:
    return await client.refused("PUT", f"/rooms/{room_id}/rules", {"rules": list(rules)})


async def members(client: Client, room_id: str) -> dict[str, bool]:
    """Who is in a room, and whether by a rule."""
    state = await client.call("GET", f"/rooms/{room_id}/state")
    there = state["state"]["rooms"]["members"]
    return {one["person_id"]: one["by_rule"] for one in there if one["membership"] == "joined"}
