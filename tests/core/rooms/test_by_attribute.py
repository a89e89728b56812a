# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rules of rooms about attributes of people: who may make them, what they tell, and what is kept of a person."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from fachwerk.core import directory, identity
from fachwerk.core.identity import ADMIN, IdentitySettings, PersonAttribute, PersonReported, upsert_person
from fachwerk.kernel.audit import AuditRow
from tests.house import Client, House, open_house
from tests.house.house import NAMESPACE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
ATTRIBUTES = [
    {"name": "beruf", "de": "Beruf", "en": "Profession"},
    {"name": "standort", "rules": "owners"},
]


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """With a profession, which those who lead people may ask for, and a place of work, which every owner may."""
    async with open_house(tmp_path, database_url, identity={"attributes": ATTRIBUTES}) as house:
        await house.settle()
        yield house


async def test_who_has_the_attribute_is_in_and_goes_when_it_is_gone(house: House) -> None:
    ada, olga = await house.client("ada"), await house.client("olga")
    room = await make(olga)
    await says(house, "ada", standort=("Kassel", "Bonn"))
    await says(house, "cem", standort=("Bonn",))
    async with house.verify(ada), house.verify(olga, room):
        await set_rules(olga, room, rule(house, "A", "standort", "KASSEL"))
    assert await members(olga, room) == {olga.id, ada.id}
    async with ada.following(room) as socket:
        async with house.verify(olga, room):
            await says(house, "ada", standort=("Bonn",))
        await socket.until(t="closed", a=f"room:{room}")
    assert await members(olga, room) == {olga.id}
    await says(house, "ada", standort=("Kassel",))
    async with house.context.database.work() as work:
        await directory.remove_member(work, house.departments["A"], ada.id)
    assert await members(olga, room) == {olga.id}, "no more of the department"


async def test_who_left_for_good_or_is_withdrawn_keeps_no_attribute(house: House) -> None:
    olga = await house.client("olga")
    room = await make(olga)
    await says(house, "ada", standort=("Kassel",))
    await set_rules(olga, room, rule(house, "A", "standort", "Kassel"))
    assert house.people["ada"] in await members(olga, room)
    async with house.context.database.work() as work:
        assert await identity.take_over(work, NAMESPACE, "ada", None, arrives=False)
    assert house.people["ada"] not in await members(olga, room)
    async with house.context.database.read() as work:
        assert await directory.all_attributes(work) == {}


async def test_a_disabled_account_still_says_what_is_gone(house: House) -> None:
    await says(house, "ada", standort=("Kassel",))
    account = identity.Account("ada", "Ada", None, enabled=False, groups=(), attributes={"standort": ()})
    async with house.context.database.work() as work:
        await identity.take_over(work, NAMESPACE, "ada", account, arrives=False)
    async with house.context.database.read() as work:
        assert await directory.all_attributes(work) == {}


async def test_what_only_heads_may_ask_for_is_refused_to_others(house: House) -> None:
    olga = await house.client("olga")
    room = await make(olga)
    profession = rule(house, "A", "beruf", "Arzt")
    for path, method in (("rules", "PUT"), ("rules/preview", "POST")):
        assert await olga.refused(method, f"/rooms/{room}/{path}", {"rules": [profession]}) == (422, "invalid")
    offered = await olga.call("GET", f"/rooms/{room}/rules/attributes")
    assert offered == {
        "items": [{"name": "standort", "de": "standort", "en": "standort", "values": []}],
        "whole_house": False,
    }
    async with house.context.database.work() as work:
        await directory.add_member(work, house.departments["A"], olga.id, "deputy")
    await says(house, "ada", beruf=("Arzt",))
    await set_rules(olga, room, profession)
    assert house.people["ada"] in await members(olga, room)
    assert await refused(olga, room, rule(house, "H", "beruf", "Arzt")) == (422, "invalid"), (
        "above those whom she leads"
    )
    [item] = (await olga.call("GET", f"/rooms/{room}/rules"))["items"]
    assert item["attribute"] == {"name": "beruf", "de": "Beruf", "en": "Profession", "value": "Arzt"}


async def test_the_whole_house_is_for_administrators_who_own_the_room(house: House) -> None:
    olga = await house.client("olga")
    room = await make(olga)
    everywhere = {"department_id": None, "attribute": {"name": "beruf", "value": "Arzt"}}
    assert await refused(olga, room, everywhere) == (403, "forbidden")
    async with house.context.database.work() as work:
        await upsert_person(work, NAMESPACE, "olga", "Olga", None, [ADMIN])
    await says(house, "ada", beruf=("Arzt",))
    await says(house, "dora", beruf=("Arzt",))
    await set_rules(olga, room, everywhere)
    assert await members(olga, room) == {olga.id, house.people["ada"], house.people["dora"]}
    for wrong in (
        {"department_id": None},
        everywhere | {"attribute": {"name": "religion", "value": "x"}},
        everywhere | {"attribute": {"name": "beruf", "value": ""}},
        everywhere | {"attribute": {"name": "beruf"}},
        everywhere | {"attribute": {"name": "beruf", "value": "\u202e\u0000"}},
        everywhere | {"attribute": {"name": "beruf", "value": "x" * 101}},
    ):
        assert await refused(olga, room, wrong) == (422, "invalid")
    assert (await olga.call("GET", f"/rooms/{room}/rules/attributes"))["whole_house"]
    bea = await house.client("bea")
    assert await refused(bea, room, everywhere) == (404, "not-found")


async def test_a_preview_does_not_tell_what_a_single_person_has(house: House) -> None:
    olga = await house.client("olga")
    room = await make(olga)
    await says(house, "ada", standort=("Kassel",))
    body = {"rules": [rule(house, "A", "standort", "Kassel")]}
    for value in ("Kassel", "Fulda"):
        asked = {"rules": [rule(house, "A", "standort", value)]}
        told = await olga.call("POST", f"/rooms/{room}/rules/preview", asked)
        assert told == {"coming": 0, "going": 0, "step": directory.FEW}
    async with house.context.database.work() as work:
        for number in range(6):
            person = await upsert_person(work, NAMESPACE, f"p{number}", f"P {number}", None, [])
            house.people[person.subject] = person.id
            await directory.add_member(work, house.departments["A"], person.id)
    for number in range(6):
        await says(house, f"p{number}", standort=("kassel", "Fulda" if number < 3 else "Marburg"))
    assert (await olga.call("POST", f"/rooms/{room}/rules/preview", body))["coming"] == 5, "seven"
    [offered] = (await olga.call("GET", f"/rooms/{room}/rules/attributes"))["items"]
    assert [value.lower() for value in offered["values"]] == ["kassel"], "what few have is not offered"
    async with house.context.database.read() as work:
        tried = await work.db.exec(select(AuditRow.detail).where(col(AuditRow.action) == "room.try_rule"))
        assert [one["attribute"] for one in tried] == ["standort"] * 3
        assert all("Kassel" not in str(one) for one in await work.db.exec(select(AuditRow.detail)))


async def test_what_the_settings_name_no_more_is_forgotten(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    olga = await house.client("olga")
    room = await make(olga)
    await says(house, "ada", standort=("Kassel",), beruf=("Arzt",))
    await set_rules(olga, room, rule(house, "A", "standort", "Kassel"))
    left: dict[type[Any], Any] = {IdentitySettings: IdentitySettings(attributes=(PersonAttribute(name="beruf"),))}
    monkeypatch.setattr(house.context, "ports", {**house.context.ports, **left})
    await house.run_due_jobs()
    assert await members(olga, room) == {olga.id}
    async with house.context.database.read() as work:
        assert await directory.all_attributes(work) == {(house.people["ada"], "beruf"): ["Arzt"]}


async def test_everybody_reads_their_own_and_nobody_anothers(house: House) -> None:
    ada, cem = await house.client("ada"), await house.client("cem")
    await says(house, "ada", standort=("Kassel", "Bonn"))
    kinds = {one["kind"]: one["count"] for one in (await ada.call("GET", "/me/data"))["items"]}
    assert kinds["attributes"] == 2
    for path in ("/people?q=ada", f"/rooms/{house.room}/state"):
        assert "Kassel" not in str(await cem.call("GET", path))
    async with house.context.database.read() as work:
        [change] = (
            await work.db.exec(select(AuditRow.detail).where(col(AuditRow.action) == "person.set_attributes"))
        ).all()
    assert change == {"added": "2", "removed": "0"}


async def test_what_did_not_change_costs_one_question(house: House) -> None:
    await says(house, "ada", standort=("Kassel",))
    with statements() as said:
        await says(house, "ada", standort=("Kassel",))
    assert len([one for one in said if "person_attribute" in one]) == 1
    assert not [one for one in said if one.startswith(("INSERT", "DELETE"))]


@pytest.mark.parametrize(
    "attributes",
    [
        [{"name": "email"}],
        [{"name": "Beruf"}, {"name": "beruf"}],
        [{"name": "a b"}],
        [{"name": "beruf", "rules": "everybody"}],
        [{"name": f"a{number}"} for number in range(11)],
    ],
)
def test_odd_attributes_are_refused_by_the_settings(attributes: Any) -> None:
    with pytest.raises(ValueError, match="attributes"):
        IdentitySettings(attributes=attributes)


def test_values_are_clean_and_bounded() -> None:
    assert identity.values_of([" Ärztin ", "Ärztin", "", "x" * 101, 7, "a\u202eb"]) == ("ab", "Ärztin")
    assert identity.values_of("Arzt") == ("Arzt",)
    assert len(identity.values_of([str(number) for number in range(30)])) == identity.VALUES_MAX
    for odd in (None, 7, {"a": "b"}):
        assert identity.values_of(odd) == ()


async def says(house: House, name: str, **said: tuple[str, ...]) -> None:
    """What the provider says of somebody."""
    async with house.context.database.work() as work:
        person_id = house.people[name]
        work.announce(PersonReported(person_id=person_id, groups=None, changed=False, attributes=said))


def rule(house: House, short: str, name: str, value: str) -> dict[str, Any]:
    return {"department_id": house.departments[short], "attribute": {"name": name, "value": value}}


async def make(client: Client) -> str:
    return str((await client.call("POST", "/rooms", {"name": "Projekt", "person_ids": []}, status=201))["id"])


async def set_rules(client: Client, room_id: str, *rules: dict[str, Any]) -> None:
    await client.call("PUT", f"/rooms/{room_id}/rules", {"rules": list(rules)})


async def refused(client: Client, room_id: str, *rules: dict[str, Any]) -> tuple[int, str]:
    return await client.refused("PUT", f"/rooms/{room_id}/rules", {"rules": list(rules)})


async def members(client: Client, room_id: str) -> set[str]:
    state = await client.call("GET", f"/rooms/{room_id}/state")
    return {one["person_id"] for one in state["state"]["rooms"]["members"] if one["membership"] == "joined"}
