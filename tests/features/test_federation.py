# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms that are shared with other ministries, from both sides of the server: people and the bridge."""

from typing import Any

import pytest
from sqlmodel import select

from fachwerk.features.federation import portals
from fachwerk.kernel.audit import AuditRow
from tests.core.files.test_in_the_house import upload
from tests.house import Client, House
from tests.house.bridge import Bridge

pytestmark = pytest.mark.anyio
B, C = "b.example", "c.example:8448"
EVA = "@eva:b.example"
KEY = "!room:b.example"
PORTAL = {
    "key": KEY,
    "server": B,
    "name": "Straßenbau",
    "topic": "",
    "contact": "ada",
    "invited_by": {"mxid": EVA, "name": "Eva"},
}


@pytest.fixture
def bridge(house: House) -> Bridge:
    return house.bridge()


# ---- people


async def test_a_room_opened_closed_and_opened_again_is_what_events_say(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    async with house.verify(ada, house.room) as mirror:
        await open_room(house, olga)
        await status(bridge, house.room, state="open")
        await status(bridge, house.room, reachable=False, reason="no answer")
        await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
        await open_room(house, olga)
    sharing = mirror.room["federation"]
    assert [(peer.name, peer.contact, peer.state, peer.reachable) for peer in sharing.peers] == [
        ("Ministerium B", "eva@b.example", "opening", True)
    ]
    assert sharing.origin is None


async def test_opening_twice_changes_nothing(house: House, olga: Client) -> None:
    await open_room(house, olga)
    before = await state_of(olga, house.room)
    await open_room(house, olga)
    assert (await state_of(olga, house.room))["seq"] == before["seq"]


async def test_only_ministries_of_the_settings_can_be_opened_to(house: House, olga: Client) -> None:
    listed = (await olga.call("GET", "/federation/peers"))["items"]
    assert listed == [{"server": B, "name": "Ministerium B"}, {"server": C, "name": "Ministerium C"}]
    for server in ("a.example", "evil.example", "B.EXAMPLE"):
        refused = await olga.refused("PUT", f"/rooms/{house.room}/peers/{server}", {"contact": "eva"})
        assert refused == (422, "unknown-peer")


async def test_a_room_of_two_is_never_shared(house: House, ada: Client) -> None:
    room = (await ada.call("POST", "/direct", {"person_id": house.people["bea"]}))["id"]
    assert await ada.refused("PUT", f"/rooms/{room}/peers/{B}", {"contact": "eva"}) == (403, "forbidden")


@pytest.mark.parametrize("contact", ["", " ", "eva b", "e" * 255])
async def test_a_contact_is_one_word(house: House, olga: Client, contact: str) -> None:
    refused = await olga.refused("PUT", f"/rooms/{house.room}/peers/{B}", {"contact": contact})
    assert refused == (422, "invalid")


async def test_closing_what_was_never_open_is_a_404_and_closing_twice_nothing(house: House, olga: Client) -> None:
    path = f"/rooms/{house.room}/peers/{B}"
    assert await olga.refused("DELETE", path) == (404, "not-found")
    await open_room(house, olga)
    for _ in range(2):
        await olga.call("DELETE", path, status=204)
    assert (await state_of(olga, house.room))["state"]["federation"]["peers"][0]["state"] == "closed"


async def test_an_external_is_seen_in_the_room_and_nowhere_else(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    eva = await let_in(house, olga, bridge)
    shown = (await ada.call("GET", f"/people/by-id?id={eva}"))["items"]
    assert [(person["name"], person["organisation"]) for person in shown] == [("Eva", "Ministerium B")]
    for key in ("Eva", "Matrix", ""):
        found = (await ada.call("GET", f"/people?q={key}"))["items"]
        assert all(person["organisation"] is None and person["name"] not in {"Eva", "Matrix"} for person in found)
    other = await olga.call("POST", "/rooms", {"name": "Intern"}, status=201)
    assert await olga.refused("POST", f"/rooms/{other['id']}/members", {"person_id": eva}) == (422, "invalid")
    assert await olga.refused("POST", "/direct", {"person_id": eva}) == (422, "invalid")


async def test_an_external_leads_nothing(house: House, olga: Client, bridge: Bridge) -> None:
    eva = await let_in(house, olga, bridge)
    path = f"/rooms/{house.room}/members/{eva}"
    for role in ("owner", "moderator"):
        assert await olga.refused("PUT", path, {"role": role}) == (422, "invalid")


async def test_an_owner_puts_an_external_out(house: House, olga: Client, bridge: Bridge) -> None:
    eva = await let_in(house, olga, bridge)
    async with house.verify(olga, house.room):
        await olga.call("DELETE", f"/rooms/{house.room}/members/{eva}", status=204)
    assert await house.bridge(eva).refused("POST", f"/rooms/{house.room}/messages", words()) == (404, "not-found")


async def test_what_was_done_is_in_the_audit_trail(house: House, olga: Client, bridge: Bridge) -> None:
    eva = await let_in(house, olga, bridge)
    await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
    async with house.context.database.read() as work:
        rows = [(row.action, row.actor_id, row.subject, row.detail) for row in await work.db.exec(select(AuditRow))]
    assert ("room.open_to_peer", olga.id, house.room, {"peer": B}) in rows
    assert ("room.close_to_peer", olga.id, house.room, {"peer": B}) in rows
    assert ("person.create", eva, eva, {}) in rows


# ---- the bridge


async def test_only_what_was_written_while_open_crosses(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    await post(ada, house.room, "vorher")
    await open_room(house, olga)
    await post(ada, house.room, "dazwischen")
    await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
    await post(ada, house.room, "nachher")
    texts, seqs = [], []
    after = 0
    while True:
        page = await bridge.call("GET", f"/federation/rooms/{house.room}/events?after={after}&limit=1")
        for item in page["items"]:
            after = item["seq"]
            seqs.append(after)
            texts += [item["event"]["message"]["text"]] if item["event"]["kind"] == "message.posted" else []
        if not page["more"]:
            break
    assert texts == ["dazwischen"]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_a_room_that_was_never_shared_does_not_exist_for_the_bridge(house: House, bridge: Bridge) -> None:
    for path in ("events", "members", f"files/{house.room}"):
        assert await bridge.refused("GET", f"/federation/rooms/{house.room}/{path}") == (404, "not-found")
    assert (await bridge.call("GET", "/federation/rooms"))["items"] == []
    assert await bridge.refused("PUT", f"/federation/rooms/{house.room}/key", {"key": KEY}) == (404, "not-found")


async def test_the_bridge_sees_shared_rooms_and_who_is_in_them(house: House, olga: Client, bridge: Bridge) -> None:
    eva = await let_in(house, olga, bridge)
    await bridge.call("PUT", f"/federation/rooms/{house.room}/key", {"key": "!x:a.example"}, status=204)
    (room,) = (await bridge.call("GET", "/federation/rooms"))["items"]
    assert (room["room_id"], room["name"], room["origin"], room["key"]) == (house.room, "Haus", None, "!x:a.example")
    (peer,) = room["peers"]
    assert (peer["server"], peer["state"], peer["contact"], peer["opened_by"]) == (B, "open", "eva@b.example", olga.id)
    members = {
        m["person_id"]: m for m in (await bridge.call("GET", f"/federation/rooms/{house.room}/members"))["items"]
    }
    assert members[eva] == {
        "person_id": eva, "name": "Eva", "mxid": EVA, "role": "member", "membership": "joined"
    }  # fmt: skip
    assert members[olga.id]["mxid"] is None


async def test_the_bridge_hears_of_rooms_as_they_are_shared(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    async with bridge.socket() as socket:
        await socket.hello()
        await open_room(house, olga)
        gained = await socket.until(kind="federation.gained")
        assert gained["e"]["room_id"] == house.room
        await socket.follow(house.room, 0)
        await post(ada, house.room, "hinüber")
        assert (await socket.until(kind="message.posted"))["e"]["message"]["text"] == "hinüber"
        await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
        await socket.until(t="closed")
        await socket.say(t="sub", a=f"room:{house.room}", id="again")
        assert (await socket.until(t="problem"))["problem"]["status"] == 404


async def test_the_bridge_comes_back_to_shared_rooms(house: House, olga: Client, bridge: Bridge) -> None:
    await open_room(house, olga)
    async with bridge.socket() as socket:
        await socket.hello()
        assert (await socket.follow(house.room, 0))["gap"] is False


async def test_the_bridge_sends_and_reads_nothing_in_its_own_name(house: House, olga: Client, bridge: Bridge) -> None:
    await open_room(house, olga)
    async with bridge.socket() as socket:
        await socket.hello()
        assert (await socket.send(house.room, "x", "client-0001"))["problem"]["status"] in {403, 404}
    for method, path, body in [
        ("GET", "/me", None),
        ("GET", "/people", None),
        ("GET", "/rooms", None),
        ("POST", "/rooms", {"name": "Mein Raum"}),
        ("POST", "/direct", {"person_id": olga.id}),
    ]:
        assert await bridge.refused(method, path, body) == (403, "forbidden")


async def test_an_external_writes_once_however_often_it_is_sent(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    eva = house.bridge(await let_in(house, olga, bridge))
    async with house.verify(ada, house.room):
        first = await eva.call("POST", f"/rooms/{house.room}/messages", words("a" * 64), status=201)
        again = await eva.call("POST", f"/rooms/{house.room}/messages", words("a" * 64), status=201)
        await eva.call("PATCH", f"/messages/{first['id']}", {"text": "anders"})
        await eva.call("PUT", f"/messages/{first['id']}/reactions/%F0%9F%8E%89", status=204)
    assert first["id"] == again["id"]
    mine = await post(ada, house.room, "meins")
    assert await eva.refused("DELETE", f"/messages/{mine}") == (403, "forbidden")
    await eva.call("DELETE", f"/messages/{first['id']}", status=204)


async def test_a_file_crosses_only_with_its_message(house: House, ada: Client, olga: Client, bridge: Bridge) -> None:
    before = await send_file(ada, house.room, b"vorher")
    await open_room(house, olga)
    sent = await send_file(ada, house.room, b"hello")
    unsent = await send_file(ada, house.room, b"nie", attach=False)
    path = f"/federation/rooms/{house.room}/files"
    response = await bridge.ask("GET", f"{path}/{sent}", Range="bytes=1-3")
    assert (response.status_code, response.content) == (206, b"ell")
    for hidden in (before, unsent):
        assert await bridge.refused("GET", f"{path}/{hidden}") == (404, "not-found")


async def test_closing_puts_the_people_of_the_ministry_out_and_no_others(
    house: House, ada: Client, olga: Client, bridge: Bridge
) -> None:
    eva = await let_in(house, olga, bridge)
    await open_room(house, olga, C)
    carl = await bridge.person(f"@carl:{C}", "Carl")
    await bridge.call("PUT", f"/federation/rooms/{house.room}/members/{carl}", status=204)
    async with house.verify(ada, house.room) as mirror:
        await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
    left = {member.person_id for member in mirror.room["rooms"].members}
    assert eva not in left
    assert carl in left
    refused = await bridge.refused("PUT", f"/federation/rooms/{house.room}/members/{eva}")
    assert refused == (409, "room-not-open")
    assert await house.bridge(eva).refused("POST", f"/rooms/{house.room}/messages", words()) == (404, "not-found")


async def test_the_bridge_moves_none_of_our_own_people(house: House, olga: Client, bridge: Bridge) -> None:
    await open_room(house, olga)
    for who in ("ada", "dora"):
        path = f"/federation/rooms/{house.room}/members/{house.people[who]}"
        for method in ("PUT", "DELETE"):
            assert await bridge.refused(method, path) == (403, "forbidden")


async def test_what_has_arrived_never_goes_back(house: House, ada: Client, olga: Client, bridge: Bridge) -> None:
    await open_room(house, olga)
    for n in range(3):
        await post(ada, house.room, f"Nr. {n}")
    seq = (await state_of(ada, house.room))["seq"]
    async with house.verify(ada, house.room) as mirror:
        await status(bridge, house.room, state="open", delivered_seq=seq)
        await status(bridge, house.room, delivered_seq=seq - 2)
        await status(bridge, house.room, delivered_seq=0)
    (peer,) = mirror.room["federation"].peers
    assert peer.delivered_seq == seq
    assert sum(type(event).__name__ == "FederationStatus" for event in mirror.events) == 1
    path = f"/federation/rooms/{house.room}/peers/{B}/status"
    for lie in (seq + 100, -1, 1 << 60):
        assert await bridge.refused("PUT", path, {"delivered_seq": lie}) == (422, "invalid")


async def test_a_closed_sharing_takes_no_reports(house: House, olga: Client, bridge: Bridge) -> None:
    path = f"/federation/rooms/{house.room}/peers/{B}/status"
    assert await bridge.refused("PUT", path, {"state": "open"}) == (404, "not-found")
    await open_room(house, olga)
    await status(bridge, house.room, state="refused")
    # late words of a bridge that had seen them come must not open what they refused
    assert await bridge.refused("PUT", path, {"state": "open"}) == (409, "room-not-open")
    await open_room(house, olga)
    await olga.call("DELETE", f"/rooms/{house.room}/peers/{B}", status=204)
    assert await bridge.refused("PUT", path, {"state": "open"}) == (409, "room-not-open")


async def test_the_other_side_refuses_or_closes(house: House, ada: Client, olga: Client, bridge: Bridge) -> None:
    eva = await let_in(house, olga, bridge)
    async with house.verify(ada, house.room) as mirror:
        await status(bridge, house.room, state="refused", reason="unknown-contact")
    (peer,) = mirror.room["federation"].peers
    assert (peer.state, peer.reason) == ("refused", "unknown-contact")
    assert eva not in {member.person_id for member in mirror.room["rooms"].members}
    assert await bridge.refused("GET", f"/federation/rooms/{house.room}/events") == (404, "not-found")
    await open_room(house, olga)
    async with house.verify(ada, house.room) as mirror:
        await status(bridge, house.room, state="closed", reason="left")
    (peer,) = mirror.room["federation"].peers
    assert (peer.state, peer.reason) == ("closed", "left")


# ---- rooms from elsewhere


async def test_a_room_from_elsewhere_belongs_to_its_contact(house: House, ada: Client, bridge: Bridge) -> None:
    async with house.verify(ada):
        room = (await bridge.call("POST", "/federation/rooms", PORTAL))["room_id"]
        again = (await bridge.call("POST", "/federation/rooms", PORTAL | {"contact": "nobody"}))["room_id"]
    assert room == again
    found = await state_of(ada, room)
    assert (found["room"]["name"], found["room"]["role"]) == ("Straßenbau", "owner")
    sharing = found["state"]["federation"]
    assert (sharing["origin"], [(p["server"], p["state"]) for p in sharing["peers"]]) == (B, [(B, "open")])
    (seen,) = (await bridge.call("GET", "/federation/rooms"))["items"]
    assert (seen["origin"], seen["key"]) == (B, KEY)
    eva = await bridge.person(EVA)
    carl = await bridge.person(f"@carl:{C}", "Carl")
    for guest in (eva, carl):
        await bridge.call("PUT", f"/federation/rooms/{room}/members/{guest}", status=204)
    await house.bridge(eva).call("POST", f"/rooms/{room}/messages", words(), status=201)
    assert await ada.refused("PUT", f"/rooms/{room}/peers/{C}", {"contact": "carl"}) == (409, "foreign-room")
    await ada.call("DELETE", f"/rooms/{room}/peers/{B}", status=204)
    members = (await state_of(ada, room))["state"]["rooms"]["members"]
    assert [member["person_id"] for member in members] == [ada.id]
    assert (await bridge.call("POST", "/federation/rooms", PORTAL))["room_id"] == room
    assert (await state_of(ada, room))["state"]["federation"]["peers"][0]["state"] == "closed"


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"contact": "nobody"}, (422, "unknown-contact")),
        ({"contact": EVA}, (422, "unknown-contact")),
        ({"contact": "matrix-bridge"}, (422, "unknown-contact")),
        ({"server": "evil.example"}, (422, "unknown-peer")),
        ({"server": "a.example"}, (422, "unknown-peer")),
        ({"key": "no room"}, (422, "invalid")),
        ({"key": "!" + "r" * 255}, (422, "invalid")),
        ({"invited_by": {"mxid": f"@carl:{C}", "name": "Carl"}}, (422, "invalid")),
        ({"invited_by": {"mxid": "eva", "name": "Eva"}}, (422, "invalid")),
    ],
)
async def test_an_invitation_that_does_not_fit_founds_nothing(
    house: House, bridge: Bridge, change: dict[str, Any], slug: tuple[int, str]
) -> None:
    assert await bridge.refused("POST", "/federation/rooms", PORTAL | change) == slug
    assert (await bridge.call("GET", "/federation/rooms"))["items"] == []
    assert house.room


async def test_a_ministry_opens_only_so_many_rooms_a_day(
    house: House, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portals, "PORTALS_PER_DAY", 2)
    keys = [{"key": f"!{n}:{B}"} for n in range(4)]
    for key in keys[:2]:
        await bridge.call("POST", "/federation/rooms", PORTAL | key)
    assert await bridge.refused("POST", "/federation/rooms", PORTAL | keys[2]) == (409, "too-many-rooms")
    await bridge.call("POST", "/federation/rooms", PORTAL | keys[0])
    house.clock.forward(25 * 3600)
    await bridge.call("POST", "/federation/rooms", PORTAL | keys[2])


async def test_a_matrix_room_stands_for_one_room(house: House, olga: Client, bridge: Bridge) -> None:
    await bridge.call("POST", "/federation/rooms", PORTAL)
    await open_room(house, olga)
    assert await bridge.refused("PUT", f"/federation/rooms/{house.room}/key", {"key": KEY}) == (409, "key-taken")
    assert await bridge.refused("POST", "/federation/rooms", PORTAL | {"server": C}) == (409, "key-taken")


# ---- helpers of this page


async def open_room(house: House, owner: Client, server: str = B) -> None:
    await owner.call("PUT", f"/rooms/{house.room}/peers/{server}", {"contact": "eva@b.example"}, status=204)


async def let_in(house: House, owner: Client, bridge: Bridge) -> str:
    """Open the room to B and let Eva in; returns her id."""
    await open_room(house, owner)
    await status(bridge, house.room, state="open")
    eva = await bridge.person(EVA)
    for _ in range(2):
        await bridge.call("PUT", f"/federation/rooms/{house.room}/members/{eva}", status=204)
    return eva


async def status(bridge: Bridge, room: str, **report: Any) -> None:
    await bridge.call("PUT", f"/federation/rooms/{room}/peers/{B}/status", report, status=204)


async def state_of(client: Client, room: str) -> Any:
    return await client.call("GET", f"/rooms/{room}/state")


async def post(client: Client, room: str, text: str) -> str:
    body = words(f"client {text}") | {"text": text}
    return str((await client.call("POST", f"/rooms/{room}/messages", body, status=201))["id"])


async def send_file(client: Client, room: str, data: bytes, *, attach: bool = True) -> str:
    file = await upload(client, room, data)
    if attach:
        await client.call("POST", f"/rooms/{room}/messages", words(file) | {"file_ids": [file]}, status=201)
    return file


def words(client_id: str = "client-0001") -> dict[str, str]:
    return {"client_id": client_id, "text": "Guten Tag"}
