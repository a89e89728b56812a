# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What departments decide holds for their rooms: what is new keeps to it, what is already there stays as it is."""

from typing import Any

import pytest

from fachwerk.core import rooms
from fachwerk.core.policies import EVERYWHERE
from tests.house import Client, House
from tests.house.house import PEERS

pytestmark = pytest.mark.anyio
PEER, OTHER = PEERS
CONTACT = {"contact": "eva"}


async def put(client: Client, place: str, policy: str, value: str) -> None:
    await client.call("PUT", f"/policies/{place}/{policy}", {"value": value}, status=204)


async def make(client: Client, **more: Any) -> dict[str, Any]:
    room: dict[str, Any] = await client.call("POST", "/rooms", {"name": "Plan"} | more, status=201)
    return room


async def refusal(client: Client, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """The problem that answers, with its status."""
    answer = await client.http.request(method, f"/api/v1{path}", json=body)
    problem: dict[str, Any] = answer.json()
    return {"status": answer.status_code, "type": problem["type"].rsplit(":")[-1], **problem.get("data", {})}


# ---- least_label


async def test_a_new_room_begins_with_the_most_open_label_that_its_department_allows(
    house: House, ulf: Client, ada: Client
) -> None:
    await put(ulf, house.departments["H"], "least_label", "internal")
    own = {"department_id": house.departments["A"]}
    async with house.verify(ada):
        assert (await make(ada, **own))["label"] == "internal"
    assert (await make(ada, **own, label="confidential"))["label"] == "confidential"
    assert (await make(ada))["label"] == "open", "of no department"
    await put(ulf, EVERYWHERE, "least_label", "confidential")
    assert (await make(ada))["label"] == "confidential"
    async with house.context.database.work() as work:
        made = await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by=ada.id)
    assert made.label == "internal"
    direct = await ada.call("POST", "/direct", {"person_id": house.people["bea"]})
    assert direct["label"] == "open", "a room of two has none of its own"


async def test_a_more_open_label_is_refused_with_whose_policy_it_is(house: House, ulf: Client, ada: Client) -> None:
    await put(ulf, house.departments["H"], "least_label", "internal")
    why = {
        "status": 409, "type": "policy-forbids",
        "policy": "least_label", "value": "internal", "department": "Abteilung H",
    }  # fmt: skip
    body = {"name": "Plan", "department_id": house.departments["A"], "label": "open"}
    before = len((await ada.call("GET", "/rooms"))["items"])
    assert await refusal(ada, "POST", "/rooms", body) == why
    assert len((await ada.call("GET", "/rooms"))["items"]) == before
    room = (await make(ada, department_id=house.departments["A"]))["id"]
    assert await refusal(ada, "PUT", f"/rooms/{room}/label", {"label": "open"}) == why
    await put(ulf, EVERYWHERE, "least_label", "internal")
    await put(ulf, house.departments["H"], "least_label", "open")
    await ada.call("PUT", f"/rooms/{room}/label", {"label": "open"})
    room = (await make(ada))["id"]
    everywhere = await refusal(ada, "PUT", f"/rooms/{room}/label", {"label": "open"})
    assert everywhere == why | {"department": None}


async def test_nobody_walks_into_a_room_that_begins_confidential(house: House, ulf: Client, ada: Client) -> None:
    own = {"name": "Plan", "department_id": house.departments["A"], "open": True}
    await put(ulf, house.departments["A"], "least_label", "confidential")
    assert await ada.refused("POST", "/rooms", own) == (422, "invalid")
    await put(ulf, house.departments["A"], "least_label", "internal")
    assert (await ada.call("POST", "/rooms", own, status=201))["open"] is True


async def test_a_wider_room_stays_until_it_is_labelled_and_then_keeps_to_it(
    house: House, ulf: Client, bea: Client, cem: Client
) -> None:
    async with house.verify(bea, house.room):
        await put(ulf, house.departments["A"], "least_label", "confidential")
    assert (await bea.call("GET", f"/rooms/{house.room}/state"))["room"]["label"] == "open"
    await bea.call("PATCH", f"/rooms/{house.room}", {"name": "Anders"})
    await bea.call("PUT", f"/rooms/{house.room}/label", {"label": "open"})
    message = {"client_id": "client-0001", "text": "noch da"}
    await cem.call("POST", f"/rooms/{house.room}/messages", message, status=201)
    assert await bea.refused("PUT", f"/rooms/{house.room}/label", {"label": "internal"}) == (409, "policy-forbids")
    await bea.call("PUT", f"/rooms/{house.room}/label", {"label": "confidential"})
    assert await bea.refused("PUT", f"/rooms/{house.room}/label", {"label": "open"}) == (409, "policy-forbids")


# ---- federation


async def test_rooms_are_not_shared_where_it_is_denied(house: House, ulf: Client, olga: Client) -> None:
    await put(ulf, house.departments["H"], "federation", "denied")
    path = f"/rooms/{house.room}/peers/{PEER}"
    why = {"status": 409, "type": "policy-forbids", "policy": "federation", "value": "denied"}
    assert await refusal(olga, "PUT", path, CONTACT) == why | {"department": "Abteilung H"}
    await put(ulf, house.departments["A"], "federation", "allowed")
    await olga.call("PUT", path, CONTACT, status=204)
    own = (await make(olga))["id"]
    await olga.call("PUT", f"/rooms/{own}/peers/{PEER}", CONTACT, status=204)
    await put(ulf, EVERYWHERE, "federation", "denied")
    other = (await make(olga))["id"]
    assert await refusal(olga, "PUT", f"/rooms/{other}/peers/{PEER}", CONTACT) == why | {"department": None}


async def test_what_is_shared_already_stays_so_is_counted_and_is_not_opened_again(
    house: House, ulf: Client, olga: Client
) -> None:
    path = f"/rooms/{house.room}/peers/{PEER}"
    place = house.departments["A"]
    for server in (PEER, OTHER):
        await olga.call("PUT", f"/rooms/{house.room}/peers/{server}", CONTACT, status=204)
    expected = {"value": "denied", "departments": 1, "rooms": 1}
    assert await ulf.call("GET", f"/policies/{place}/federation/preview?value=denied") == expected
    async with house.verify(olga, house.room):
        await put(ulf, place, "federation", "denied")
    state = (await olga.call("GET", f"/rooms/{house.room}/state"))["state"]["federation"]
    assert [peer["state"] for peer in state["peers"]] == ["opening", "opening"]
    await olga.call("PUT", path, CONTACT, status=204)  # it is open, so this changes nothing
    await house.bridge().call("PUT", f"/federation{path}/status", {"state": "open"}, status=204)
    await olga.call("DELETE", path, status=204)
    assert await olga.refused("PUT", path, CONTACT) == (409, "policy-forbids")
    places = {one["id"]: one["policies"] for one in (await ulf.call("GET", "/policies"))["places"]}
    assert [one["beyond"] for one in places[place]] == [0, 1, 0], "it is still shared with the other ministry"
    await olga.call("DELETE", f"/rooms/{house.room}/peers/{OTHER}", status=204)
    places = {one["id"]: one["policies"] for one in (await ulf.call("GET", "/policies"))["places"]}
    assert [one["beyond"] for one in places[place]] == [0, 0, 0]


async def test_a_room_that_is_wider_than_allowed_is_not_shared_any_further(
    house: House, ulf: Client, olga: Client
) -> None:
    await olga.call("PUT", f"/rooms/{house.room}/peers/{PEER}", CONTACT, status=204)
    await put(ulf, house.departments["A"], "least_label", "internal")
    answer = await refusal(olga, "PUT", f"/rooms/{house.room}/peers/{OTHER}", CONTACT)
    assert (answer["type"], answer["policy"]) == ("policy-forbids", "least_label")


@pytest.mark.parametrize(("policy", "value"), [("federation", "denied"), ("least_label", "internal")])
async def test_a_ministry_opens_no_room_to_a_house_that_shares_none(
    house: House, ulf: Client, policy: str, value: str
) -> None:
    inviter = {"mxid": f"@eva:{PEER}", "name": "Eva"}
    portal = {"key": f"!abc:{PEER}", "server": PEER, "name": "Von dort", "topic": "", "contact": "ada"}
    bridge = house.bridge()
    await put(ulf, EVERYWHERE, policy, value)
    ada = await house.client("ada")
    before = (await ada.call("GET", "/rooms"))["items"]
    body = portal | {"invited_by": inviter}
    assert await bridge.refused("POST", "/federation/rooms", body) == (409, "policy-forbids")
    assert (await ada.call("GET", "/rooms"))["items"] == before
    await ulf.call("DELETE", f"/policies/{EVERYWHERE}/{policy}", status=204)
    await bridge.call("POST", "/federation/rooms", body)
    await put(ulf, EVERYWHERE, policy, value)
    await bridge.call("POST", "/federation/rooms", body)  # it is there, and stays
