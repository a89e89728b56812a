# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Users as a provisioning system reads, finds and changes them."""

import json
from typing import Any

import pytest

from fachwerk.core import identity
from tests.house import House
from tests.house.pusher import PATCH, USER, Pusher, op, user
from tests.house.queries import statements

pytestmark = pytest.mark.anyio


async def test_a_user_comes_back_as_it_was_sent(house: House, pusher: Pusher) -> None:
    sent = user("lea", displayName="Dr. Lea Probe")
    answer = await pusher.ask("POST", "/Users", sent)
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == made["meta"]["location"] == f"{house.origin}/scim/v2/Users/{made['id']}"
    assert {name: made[name] for name in sent} == sent
    assert made["meta"]["created"] == made["meta"]["lastModified"]
    assert made["meta"]["resourceType"] == "User"
    assert await pusher.call("GET", f"/Users/{made['id']}") == made


async def test_what_is_not_declared_is_dropped(pusher: Pusher) -> None:
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    more = {"schemas": [USER, enterprise], "title": "Referentin", "roles": [], "password": "geheim", "id": "meine",
            "meta": {"resourceType": "User"}, "phoneNumbers": [{"type": "work", "value": "4711"}],
            enterprise: {"department": "II 3", "manager": {"value": "x"}}}  # fmt: skip
    made = await pusher.call("POST", "/Users", user("lea", **more), status=201)
    assert not {"title", "roles", "password", "phoneNumbers", enterprise} & set(made)
    assert made["id"] != "meine"
    assert "4711" not in json.dumps(made)


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (op("Replace", "active", value="False"), {"active": False}),
        (op("replace", "active", value=False), {"active": False}),
        (op("Replace", value={"active": "false"}), {"active": False}),
        (op("replace", value={"displayName": "Dr. Lea", "name.givenName": "Lea-Maria"}),
         {"displayName": "Dr. Lea", "name": {"givenName": "Lea-Maria", "familyName": "Probe"}}),
        (op("Add", "displayName", value="Dr. Lea"), {"displayName": "Dr. Lea"}),
        (op("Replace", 'emails[type eq "work"].value', value="l@x.example"),
         {"emails": [{"value": "l@x.example", "type": "work", "primary": True}]}),
        (op("Add", 'emails[type eq "home"].value', value="l@x.example"),
         {"emails": [{"value": "lea@ministerium.example", "type": "work", "primary": True},
                     {"value": "l@x.example", "type": "home"}]}),
        (op("Replace", "userName", value="lea.neu@ministerium.example"), {"userName": "lea.neu@ministerium.example"}),
        (op("Replace", f"{USER}:userName", value="lea.neu"), {"userName": "lea.neu"}),
        (op("remove", "name.givenName"), {"name": {"familyName": "Probe"}}),
        (op("Add", "title", value="Referentin"), {}),
        (op("Replace", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", value="II"), {}),
        (op("Replace", "externalId", value="lea"), {}),
    ],
)  # fmt: skip
async def test_a_patch_is_read_as_systems_send_it(
    pusher: Pusher, operation: dict[str, Any], changed: dict[str, Any]
) -> None:
    lea = await pusher.hire("lea")
    before = await pusher.call("GET", f"/Users/{lea}")
    await pusher.patch(f"/Users/{lea}", operation)
    after = await pusher.call("GET", f"/Users/{lea}")
    assert {name: value for name, value in after.items() if name != "meta"} == (
        {name: value for name, value in before.items() if name != "meta"} | changed
    )
    assert (after["meta"]["version"] != before["meta"]["version"]) is bool(changed)
    assert (after["meta"]["lastModified"] > before["meta"]["lastModified"]) is bool(changed)


async def test_a_patch_is_done_as_a_whole_or_not_at_all(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    operations = [op("replace", "displayName", value="Neu"), op("replace", "active", value="vielleicht")]
    refused = await pusher.refused("PATCH", f"/Users/{lea}", {"schemas": [PATCH], "Operations": operations})
    assert refused == (400, "invalidValue")
    assert "displayName" not in await pusher.call("GET", f"/Users/{lea}")


async def test_a_put_says_all_anew_but_never_lets_in_by_silence(pusher: Pusher) -> None:
    lea = await pusher.hire("lea", displayName="Dr. Lea", active=False)
    sent = {"schemas": [USER], "externalId": "lea", "userName": "lea"}
    after = await pusher.call("PUT", f"/Users/{lea}", sent)
    assert {name: after[name] for name in after if name not in {"meta", "id"}} == sent | {"active": False}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"displayName": "Anzeige"}, "Anzeige"),
        ({"name": {"formatted": "Ganz Da", "givenName": "G"}}, "Ganz Da"),
        ({"name": {"givenName": "Lea"}}, "Lea"),
        ({"name": None}, "lea@ministerium.example"),
    ],
)
async def test_who_has_no_name_is_called_what_they_have(
    house: House, pusher: Pusher, said: dict[str, Any], name: str
) -> None:
    lea = await pusher.hire("lea", **said)
    async with house.context.database.read() as work:
        person = await identity.person(work, lea)
    assert person
    assert person.name == name


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ([{"value": "a@x.example"}, {"value": "b@x.example", "primary": True}], "b@x.example"),
        ([{"value": "a@x.example"}, {"value": "b@x.example"}], "a@x.example"),
        ([], None),
    ],
)
async def test_the_first_address_is_the_primary_one(
    house: House, pusher: Pusher, said: list[Any], address: str | None
) -> None:
    lea = await pusher.hire("lea", emails=said)
    async with house.context.database.read() as work:
        person = await identity.person(work, lea)
    assert person
    assert person.email == address


# ---- finding


CHOSEN = [
    ('userName eq "LEA@ministerium.example"', ["lea"]),
    ('UserName EQ "lea@ministerium.example"', ["lea"]),
    (f'{USER}:userName eq "lea@ministerium.example"', ["lea"]),
    ('userName eq "nobody"', []),
    ('externalId eq "mia"', ["mia"]),
    ('externalId eq "MIA"', []),
    ("active eq true", ["lea", "mia"]),
    ("active eq false", ["noa"]),
    ('active eq "False"', ["noa"]),
    ('externalId eq "mia" and active eq true', ["mia"]),
    ('externalId eq "mia" and (active eq false)', []),
    ('userName eq "%"', []),
    (r'userName eq "\" or 1=1 --"', []),
    ("userName eq \"' OR ''='\"", []),
    (r'userName eq "x\\"', []),
]


async def test_a_filter_chooses(pusher: Pusher) -> None:
    for name in ("lea", "mia", "noa"):
        await pusher.hire(name, active=name != "noa")
    for chosen, found in CHOSEN:
        assert [one["externalId"] for one in await pusher.find("/Users", chosen)] == found, chosen
        searched = await pusher.call("POST", "/Users/.search", {"filter": chosen})
        assert [one["externalId"] for one in searched["Resources"]] == found, chosen


async def test_one_is_found_by_id(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    await pusher.hire("mia")
    assert [one["id"] for one in await pusher.find("/Users", f'id eq "{lea}"')] == [lea]


async def test_pages_follow_each_other(pusher: Pusher) -> None:
    names = [f"p{number}" for number in range(5)]
    for name in names:
        await pusher.hire(name)

    async def page(query: str) -> tuple[int, int, int, list[str]]:
        read = await pusher.call("GET", f"/Users?{query}")
        found = [one["externalId"] for one in read["Resources"]]
        return read["totalResults"], read["startIndex"], read["itemsPerPage"], found

    assert await page("count=2") == (5, 1, 2, names[:2])
    assert await page("count=2&startIndex=3") == (5, 3, 2, names[2:4])
    assert await page("count=2&startIndex=5") == (5, 5, 1, names[4:])
    assert await page("startIndex=6") == (5, 6, 0, [])
    assert await page("count=0") == (5, 1, 0, [])
    assert await page("count=-3&startIndex=-7") == (5, 1, 0, [])
    assert await page("count=99999999999999999999999") == (5, 1, 5, names)
    assert (await page("startIndex=99999999999999999999999"))[3] == []
    assert await page("") == (5, 1, 5, names)
    assert await pusher.refused("GET", "/Users?count=alle") == (400, "invalidValue")
    assert await pusher.refused("GET", "/Users?count=" + "9" * 5_000) == (400, "invalidValue")


async def test_a_page_is_never_longer_than_it_says(pusher: Pusher) -> None:
    longest = (await pusher.call("GET", "/ServiceProviderConfig"))["filter"]["maxResults"]
    assert longest == 100
    for number in range(longest + 1):
        await pusher.hire(f"p{number}")
    for query in ("", f"?count={longest + 1}"):
        read = await pusher.call("GET", f"/Users{query}")
        assert (read["totalResults"], read["itemsPerPage"], len(read["Resources"])) == (longest + 1, longest, longest)


async def test_a_page_costs_the_same_however_many_there_are(pusher: Pusher) -> None:
    await pusher.hire("lea")

    async def cost(path: str) -> int:
        with statements() as said:
            await pusher.call("GET", path)
        return len([one for one in said if "scim_" in one or "department" in one])

    before = [await cost(path) for path in ("/Users", "/Users?filter=active%20eq%20true", "/Groups")]
    for number in range(20):
        await pusher.hire(f"p{number}")
    assert [await cost(path) for path in ("/Users", "/Users?filter=active%20eq%20true", "/Groups")] == before
    assert before == [3, 3, 3]
    assert await cost("/Users?count=0") == 1
    assert await cost("/Groups?excludedAttributes=members") == 2


async def test_only_what_is_asked_for_is_sent(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    some = await pusher.call("GET", f"/Users/{lea}?attributes=userName")
    assert set(some) == {"schemas", "id", "userName"}
    assert "emails" not in (await pusher.call("GET", "/Users?excludedAttributes=emails"))["Resources"][0]
    assert await pusher.refused("GET", "/Users?attributes=userName&excludedAttributes=id") == (400, "invalidValue")


# ---- versions


async def test_what_has_not_changed_is_not_sent_again(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    answer = await pusher.ask("GET", f"/Users/{lea}")
    version = answer.headers["etag"]
    assert version == answer.json()["meta"]["version"]
    again = await pusher.ask("GET", f"/Users/{lea}", **{"If-None-Match": version})
    assert (again.status_code, again.content) == (304, b"")
    await pusher.patch(f"/Users/{lea}", op("replace", "displayName", value="Neu"))
    assert (await pusher.ask("GET", f"/Users/{lea}", **{"If-None-Match": version})).status_code == 200


async def test_who_saw_an_older_version_changes_nothing(pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    version = (await pusher.ask("GET", f"/Users/{lea}")).headers["etag"]
    await pusher.patch(f"/Users/{lea}", op("replace", "displayName", value="Neu"))
    body = {"schemas": [PATCH], "Operations": [op("replace", "displayName", value="Alt")]}
    for method, sent in (("PATCH", body), ("PUT", user("lea")), ("DELETE", None)):
        answer = await pusher.ask(method, f"/Users/{lea}", sent, **{"If-Match": version})
        assert (answer.status_code, answer.json()["status"]) == (412, "412")
    assert (await pusher.call("GET", f"/Users/{lea}"))["displayName"] == "Neu"
