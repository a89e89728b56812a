# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whatever reaches the bridge's endpoint is taken, refused or set aside, and the queue goes on."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.federation.ministry import Ministry
from tests.federation.talk import Talk, until

ORIGIN = "org.fachwerk.origin"


class Door:
    """The bridge's endpoint in the north."""

    def __init__(self, ministry: Ministry, http: httpx2.AsyncClient) -> None:
        self._ministry, self._http = ministry, http

    async def put(self, body: bytes | dict[str, Any], *, token: str = "", txn: str = "") -> int:
        """Bring a transaction; returns the status."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token or self._ministry.hs_token}"}
        path = f"{self._ministry.bridge_address}/_matrix/app/v1/transactions/{txn or uuid.uuid4().hex}"
        return (await self._http.put(path, content=content, headers=headers)).status_code


@pytest.fixture
async def door(north: Ministry) -> AsyncIterator[Door]:
    async with httpx2.AsyncClient(timeout=30) as http:
        yield Door(north, http)


def message(talk_room: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": text} | more
    return {
        "type": "m.room.message",
        "event_id": f"${uuid.uuid4().hex}",
        "room_id": talk_room,
        "sender": sender,
        "content": content,
    }


async def matrix_room(talk: Talk, north: Ministry) -> str:
    """The Matrix room of a room, as Fachwerk tells the bridge."""
    token = (north.folder / "fachwerk.token").read_text()
    async with httpx2.AsyncClient(base_url=north.origin, headers={"Authorization": f"Bearer {token}"}) as http:
        rooms = (await http.get("/api/v1/federation/rooms")).json()["items"]
    return str(next(room["key"] for room in rooms if room["room_id"] == talk.north.room))


async def test_only_the_homeserver_brings_events(talk: Talk, north: Ministry, south: Ministry, door: Door) -> None:
    room, sender = await matrix_room(talk, north), f"@mallory:{south.server_name}"
    event = message(room, sender, "Gefälscht")
    assert await door.put({"events": [event]}, token="wrong") == 403
    assert await door.put({"events": [event]}, token=north.as_token) == 403
    assert "Gefälscht" not in await talk.north.texts()


async def test_a_transaction_that_comes_again_changes_nothing(
    talk: Talk, north: Ministry, south: Ministry, door: Door
) -> None:
    await talk.south.say("Einmal")
    await talk.north.hears("Einmal")
    room = await matrix_room(talk, north)
    event = message(room, f"@plain:{south.server_name}", "Wieder da")
    for txn in ("replayed", "replayed", "under another name"):
        assert await door.put({"events": [event]}, txn=f"{txn} {room}") == 200
    await talk.north.hears("Wieder da")
    await talk.south.say("Danach")
    await talk.north.hears("Danach")
    assert (await talk.north.texts()).count("Wieder da") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"events": 1}',
        b'{"events": [NaN]}',
        b'{"events": [' + b"[" * 10_000 + b"]" * 10_000 + b"]}",
        b'{"events": [{"type": "m.room.message", "content": {"body": "\xff"}}]}',
    ],
    ids=["empty", "nonsense", "a list", "a number", "NaN", "depth", "no UTF-8"],
)
async def test_what_cannot_be_read_is_kept_aside_and_holds_up_nothing(talk: Talk, door: Door, body: bytes) -> None:
    assert await door.put(body) == 200
    text = uuid.uuid4().hex
    await talk.south.say(text)
    await talk.north.hears(text)


async def test_a_body_without_end_is_cut_off(door: Door) -> None:
    assert await door.put(b" " * (33 * 1024 * 1024)) == 413


async def test_events_that_make_no_sense_are_set_aside_one_by_one(
    talk: Talk, north: Ministry, south: Ministry, door: Door
) -> None:
    room, sender = await matrix_room(talk, north), f"@plain:{south.server_name}"
    before = await north.figure('fachwerk_bridge_events_in_total{outcome="aside"}')
    origin = {"srv": "elsewhere.example", "room": "r", "seq": 1, "mid": "m"}
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"d": deep}
    bad = [
        message(room, sender, "Fremde Herkunft", **{ORIGIN: origin}),
        message(room, sender, "Herkunft ohne Sinn", **{ORIGIN: {"srv": south.server_name, "seq": -1}}),
        message(room, sender, "x" * 65_536),
        message("!unknown:nowhere.example", sender, "Unbekannter Raum"),
        message(room, "@mallory:elsewhere.example", "Fremder Server"),
        message(room, sender, "Text", msgtype=7),
        message(room, sender, "", **{"m.relates_to": 1}),
        {"type": "m.room.encrypted", "event_id": f"${room}e", "room_id": room, "sender": sender, "content": {}},
        {"no": "event"},
        "neither",
    ]
    assert await door.put({"events": [*bad, message(room, sender, "Gut", deep=deep)]}) == 200
    await talk.north.hears("Gut")

    async def all_aside() -> bool:
        return await north.figure('fachwerk_bridge_events_in_total{outcome="aside"}') - before == len(bad)

    await until(all_aside)
    assert not {"Fremde Herkunft", "Fremder Server", "Unbekannter Raum"} & set(await talk.north.texts())


async def test_metrics_name_nobody(talk: Talk, north: Ministry, door: Door) -> None:
    async with httpx2.AsyncClient() as http:
        said = (await http.get(f"{north.bridge_address}/metrics")).text
    assert "fachwerk_bridge_events_out_total" in said
    assert not any(word in said for word in (talk.north.room, "@", "!", "nora", north.server_name))
