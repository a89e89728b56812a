# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who belongs to a department, as a provisioning system reads and changes it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fachwerk.core import directory, identity, rooms
from fachwerk.core.identity import Account
from fachwerk.features.scim import groups
from tests.features.scim.test_people import ISSUER, account, acts_of_the_machine, compare, sign_in
from tests.house import House, open_house
from tests.house.pusher import GROUP, PATCH, Pusher, op

pytestmark = pytest.mark.anyio


async def members(pusher: Pusher, department: str) -> list[str]:
    read = await pusher.call("GET", f"/Groups/{department}")
    return [member["value"] for member in read.get("members", [])]


async def test_a_whole_membership(house: House, pusher: Pusher) -> None:
    department, lea = house.departments["B"], await pusher.hire("lea")
    async with house.context.database.work() as work:
        room = await rooms.found_department_room(work, department, "Abteilung B", by=house.people["olga"])
    client = await sign_in(house, "lea")
    assert (await client.call("GET", "/me"))["departments"] == []

    async with house.verify(client):
        await pusher.patch(f"/Groups/{department}", op("Add", "members", value=[{"$ref": None, "value": lea}]))
    assert [one["short"] for one in (await client.call("GET", "/me"))["departments"]] == ["B"]
    await client.call("GET", f"/rooms/{room.id}/state")
    assert await members(pusher, department) == [lea]
    (place,) = (await pusher.call("GET", f"/Users/{lea}"))["groups"]
    assert (place["value"], place["display"]) == (department, "B")

    async with client.following(room.id) as socket:
        await pusher.patch(f"/Groups/{department}", op("Remove", "members", value=[{"$ref": None, "value": lea}]))
        await socket.until(t="closed", a=f"room:{room.id}")
    assert await client.refused("GET", f"/rooms/{room.id}/state") == (404, "not-found")
    assert "groups" not in await pusher.call("GET", f"/Users/{lea}")
    assert (await acts_of_the_machine(house))[2:] == [
        ("department.scim_change", department, {"joined": "1", "left": "0"}),
        ("department.scim_change", department, {"joined": "0", "left": "1"}),
    ]
    await client.http.aclose()


async def test_a_department_is_found_by_its_short_name(house: House, pusher: Pusher) -> None:
    await pusher.patch(f"/Groups/{house.departments['A']}", op("replace", "externalId", value="id-of-theirs"))
    lea = await pusher.hire("lea")
    await pusher.patch(f"/Groups/{house.departments['B']}", op("add", "members", value=[{"value": lea}]))
    for chosen, found in (
        ('displayName eq "A"', ["A"]),
        ('displayName eq "Abteilung A"', []),
        ('externalId eq "id-of-theirs"', ["A"]),
        (f'id eq "{house.departments["H"]}"', ["H"]),
        (f'members eq "{lea}"', ["B"]),
        (f'members.value eq "{lea}" and displayName eq "B"', ["B"]),
        (f'members eq "{house.people["ada"]}"', []),  # of whom nobody told
    ):
        assert [one["displayName"] for one in await pusher.find("/Groups", chosen)] == found, chosen
    assert await pusher.refused("GET", '/Groups?filter=displayName+co+"A"') == (400, "invalidFilter")
    everything = await pusher.call("GET", "/Groups?count=2&startIndex=2")
    assert (everything["totalResults"], everything["itemsPerPage"]) == (3, 2)


@pytest.mark.parametrize(
    ("operations", "left"),
    [
        ([op("add", "members", value=[{"value": "noa"}])], ["lea", "mia", "noa"]),
        ([op("add", "members", value={"value": "noa"})], ["lea", "mia", "noa"]),
        ([op("add", "members", value=[{"value": "lea"}, {"value": "noa"}])], ["lea", "mia", "noa"]),
        ([op("add", value={"members": [{"value": "noa"}]})], ["lea", "mia", "noa"]),
        ([op("Remove", "members", value=[{"value": "lea"}])], ["mia"]),
        ([op("Remove", "members", value=[{"$ref": None, "value": "lea"}, {"value": "mia"}])], []),
        ([op("Remove", "members", value={"$ref": None, "value": "lea"})], ["mia"]),
        ([op("remove", 'members[value eq "lea"]')], ["mia"]),
        ([op("remove", 'Members[value eq "lea"]'), op("remove", 'members[value eq "mia"]')], []),
        ([op("remove", 'members[value ne "lea"]')], ["lea"]),
        ([op("remove", 'members[value eq "noa"]')], ["lea", "mia"]),
        ([op("remove", 'members[type eq "User"]')], []),
        ([op("remove", "members")], []),
        ([op("remove", f"{GROUP}:members")], []),
        ([op("replace", "members", value=[{"value": "noa"}])], ["noa"]),
        ([op("replace", "members", value=[])], []),
        ([op("replace", value={"members": [{"value": "mia"}]})], ["mia"]),
        ([op("remove", 'members[value eq "lea"]'), op("add", "members", value=[{"value": "noa"}])], ["mia", "noa"]),
        ([op("add", "members", value=[{"value": "noa"}]), op("remove", 'members[value eq "noa"]')], ["lea", "mia"]),
        ([op("replace", "externalId", value="x")], ["lea", "mia"]),
        ([op("replace", value={"displayName": "B"})], ["lea", "mia"]),
    ],
)
async def test_members_come_and_go_as_systems_say_it(
    house: House, pusher: Pusher, operations: list[dict[str, Any]], left: list[str]
) -> None:
    department, names = house.departments["B"], ("lea", "mia", "noa")
    ids = {name: await pusher.hire(name) for name in names}
    first = [{"value": ids["lea"]}, {"value": ids["mia"]}]
    await pusher.patch(f"/Groups/{department}", op("add", "members", value=first))
    said = repr(operations)
    for name, person_id in ids.items():
        said = said.replace(f"'{name}'", f"'{person_id}'").replace(f'"{name}"', f'"{person_id}"')
    await pusher.patch(f"/Groups/{department}", *eval(said))  # noqa: S307 -- our own table, with ids in place of names
    assert await members(pusher, department) == sorted(ids[name] for name in left)
    async with house.context.database.read() as work:
        there = {person_id for person_id, _ in await directory.members_of(work, department)}
    assert there == {ids[name] for name in left} | {house.people["dora"]}  # of whom nobody told: she stays


async def test_a_put_says_who_belongs(house: House, pusher: Pusher) -> None:
    department, lea, mia = house.departments["B"], await pusher.hire("lea"), await pusher.hire("mia")
    whole = {"schemas": [GROUP], "displayName": "B"}
    read = await pusher.call("PUT", f"/Groups/{department}", whole | {"members": [{"value": lea}, {"value": mia}]})
    assert [member["value"] for member in read["members"]] == [lea, mia]
    await pusher.call("PUT", f"/Groups/{department}", whole | {"members": [{"value": mia}], "externalId": "theirs"})
    assert await members(pusher, department) == [mia]
    read = await pusher.call("PUT", f"/Groups/{department}", whole)  # who says nothing of members empties nothing
    assert [member["value"] for member in read["members"]] == [mia]
    assert "externalId" not in read
    await pusher.call("PUT", f"/Groups/{department}", whole | {"members": []})
    assert await members(pusher, department) == []


async def test_who_leads_a_department_goes_on_leading(house: House, pusher: Pusher) -> None:
    department, lea = house.departments["B"], await pusher.hire("lea")
    async with house.context.database.work() as work:
        await directory.add_member(work, department, lea, "lead")
    await pusher.patch(f"/Groups/{department}", op("add", "members", value=[{"value": lea}]))
    async with house.context.database.read() as work:
        assert (lea, "lead") in await directory.members_of(work, department)


async def test_departments_are_made_and_named_elsewhere(house: House, pusher: Pusher) -> None:
    department = house.departments["B"]
    renamed = {"schemas": [GROUP], "displayName": "Neu"}
    assert await pusher.refused("POST", "/Groups", renamed) == (501, None)
    assert await pusher.refused("DELETE", f"/Groups/{department}") == (501, None)
    assert await pusher.refused("PUT", f"/Groups/{department}", renamed) == (400, "mutability")
    body = {"schemas": [PATCH], "Operations": [op("replace", "displayName", value="Neu")]}
    assert await pusher.refused("PATCH", f"/Groups/{department}", body) == (400, "mutability")
    assert (await pusher.call("GET", f"/Groups/{department}"))["displayName"] == "B"


async def test_nobody_is_put_in_who_is_no_user(house: House, pusher: Pusher) -> None:
    department, lea = house.departments["B"], await pusher.hire("lea")
    for stranger in (house.people["ada"], "x", "", None, "\u0000", house.departments["A"], "x" * 300):
        value = [{"value": lea}, {"value": stranger}]
        for said in (op("add", "members", value=value), op("replace", "members", value=value)):
            body = {"schemas": [PATCH], "Operations": [said]}
            assert await pusher.refused("PATCH", f"/Groups/{department}", body) == (400, "invalidValue"), stranger
    senseless: list[Any] = [["x"], "x", 7, {"x": 1}]
    for value in senseless:
        body = {"schemas": [PATCH], "Operations": [op("add", "members", value=value)]}
        assert await pusher.refused("PATCH", f"/Groups/{department}", body) == (400, "invalidValue"), value
    assert await members(pusher, department) == []


async def test_only_so_many_come_and_go_at_once(house: House, pusher: Pusher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "CHANGES_MAX", 2)
    department = house.departments["B"]
    value = [{"value": await pusher.hire(f"p{number}")} for number in range(3)]
    body = {"schemas": [PATCH], "Operations": [op("add", "members", value=value)]}
    assert await pusher.refused("PATCH", f"/Groups/{department}", body) == (413, None)
    assert await members(pusher, department) == []
    await pusher.patch(f"/Groups/{department}", op("add", "members", value=value[:2]))
    await pusher.patch(f"/Groups/{department}", op("add", "members", value=value[1:]))
    assert len(await members(pusher, department)) == 3


async def test_two_departments_cannot_be_the_same_to_them(house: House, pusher: Pusher) -> None:
    await pusher.patch(f"/Groups/{house.departments['A']}", op("add", "externalId", value="theirs"))
    body = {"schemas": [PATCH], "Operations": [op("add", "externalId", value="theirs")]}
    assert await pusher.refused("PATCH", f"/Groups/{house.departments['B']}", body) == (409, "uniqueness")
    body = {"schemas": [PATCH], "Operations": [op("add", "externalId", value="x" * 300)]}
    assert await pusher.refused("PATCH", f"/Groups/{house.departments['B']}", body) == (400, "invalidValue")
    await pusher.patch(f"/Groups/{house.departments['A']}", op("remove", "externalId"))
    await pusher.patch(f"/Groups/{house.departments['B']}", op("add", "externalId", value="theirs"))


async def test_a_department_that_ends_takes_its_name_with_it(house: House, pusher: Pusher) -> None:
    department = house.departments["B"]
    await pusher.patch(f"/Groups/{department}", op("add", "externalId", value="theirs"))
    async with house.context.database.work() as work:
        assert await directory.remove_department(work, department)
    assert await pusher.refused("GET", f"/Groups/{department}") == (404, None)


async def test_many_at_the_same_time_all_count(house: House, pusher: Pusher) -> None:
    department = house.departments["B"]
    ids = [await pusher.hire(f"p{number}") for number in range(6)]
    sent = [op("add", "members", value=[{"value": one}, {"value": ids[0]}]) for one in ids[1:]]
    sent.insert(2, op("add", "externalId", value="theirs"))
    await asyncio.gather(*(pusher.patch(f"/Groups/{department}", one) for one in sent))
    assert (await pusher.call("GET", f"/Groups/{department}"))["externalId"] == "theirs"
    assert await members(pusher, department) == ids


async def test_members_are_left_out_if_nobody_wants_them(house: House, pusher: Pusher) -> None:
    department, lea = house.departments["B"], await pusher.hire("lea")
    await pusher.patch(f"/Groups/{department}", op("add", "members", value=[{"value": lea}]))
    for query in ("?excludedAttributes=members", "?attributes=displayName"):
        assert "members" not in await pusher.call("GET", f"/Groups/{department}{query}")
        assert all("members" not in one for one in (await pusher.call("GET", f"/Groups{query}"))["Resources"])
    assert "members" in await pusher.call("GET", f"/Groups/{department}?attributes=members")
    mia = await pusher.hire("mia")
    body = {"schemas": [PATCH], "Operations": [op("add", "members", value=[{"value": mia}])]}
    changed = await pusher.call("PATCH", f"/Groups/{department}?attributes=members", body)
    assert [member["value"] for member in changed["members"]] == [lea, mia]


# ---- who says where somebody belongs


async def places(house: House, subject: str) -> list[str]:
    async with house.context.database.read() as work:
        person = await identity.person_of(work, ISSUER, subject)
        assert person
        return [place.short for place in (await directory.places(work, [person.id])).get(person.id, [])]


def in_a(subject: str) -> Account:
    return account(subject, groups=("/departments/H/A",))


async def test_where_scim_says_it_the_provider_s_groups_do_not_count_for_its_people(
    house: House, pusher: Pusher
) -> None:
    lea = await pusher.hire("lea")
    await pusher.patch(f"/Groups/{house.departments['B']}", op("add", "members", value=[{"value": lea}]))
    await compare(house, in_a("lea"), in_a("gast"))
    assert await places(house, "lea") == ["B"]
    assert await places(house, "gast") == ["A"]  # of whom SCIM does not tell

    await compare(house, in_a("gast"))  # her account is gone: then she is, too
    assert await places(house, "lea") == []


async def test_who_is_barred_keeps_places_and_who_is_deleted_does_not(house: House, pusher: Pusher) -> None:
    lea, mia = await pusher.hire("lea"), await pusher.hire("mia")
    await pusher.patch(
        f"/Groups/{house.departments['B']}", op("add", "members", value=[{"value": lea}, {"value": mia}])
    )
    await pusher.patch(f"/Users/{lea}", op("replace", "active", value=False))
    await pusher.call("DELETE", f"/Users/{mia}", status=204)
    await compare(house, in_a("lea"), in_a("mia"))
    assert await places(house, "lea") == ["B"]
    assert await places(house, "mia") == []


async def test_where_the_provider_s_groups_say_it_scim_does_not(tmp_path: Path, database_url: str) -> None:
    async with open_house(tmp_path, database_url, identity={"departments": "provider"}) as house:
        await house.settle()
        pusher, department = house.pusher(), house.departments["B"]
        lea = await pusher.hire("lea")
        for said in (op("add", "members", value=[{"value": lea}]), op("replace", "members", value=[{"value": lea}])):
            body = {"schemas": [PATCH], "Operations": [said]}
            assert await pusher.refused("PATCH", f"/Groups/{department}", body) == (403, None)
        await pusher.patch(f"/Groups/{department}", op("add", "externalId", value="theirs"))
        await compare(house, in_a("lea"))
        assert await places(house, "lea") == ["A"]
        assert await members(pusher, house.departments["A"]) == [lea]
        await pusher.patch(f"/Users/{lea}", op("replace", "active", value=False))
        await compare(house, account("lea"))  # no word of the provider counts while she is barred
        assert await places(house, "lea") == ["A"]
        await pusher.patch(f"/Users/{lea}", op("replace", "active", value=True))
        await compare(house, account("lea"))
        assert await places(house, "lea") == []
