# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Calls: who may come in, who is inside, on either store, against a real media process."""

import asyncio
import base64
import hashlib
import json
import shutil
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from livekit import api
from livekit.protocol.models import ParticipantInfo, Room
from livekit.protocol.webhook import WebhookEvent
from sqlalchemy import update
from sqlmodel import col

from fachwerk.core import identity
from fachwerk.features.calls.jobs import ABSENT_S, UNUSED_MS
from fachwerk.features.calls.media import TIMEOUT_S, MediaServer
from tests.house import Client, House, open_house
from tests.media.process import SECRET, MediaProcess

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A server beside a media process that shares its secret."""
    secret = tmp_path / "shared.secret"
    secret.write_text(SECRET)
    with MediaProcess() as media:
        calls = {"api_url": media.url, "url": media.ws, "api_secret_file": secret}
        async with open_house(tmp_path, database_url, calls=calls) as house:
            await house.settle()
            yield house


async def test_a_call_starts_once_and_tells_the_room(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(cem, house.room) as mirror:
        first = await ada.call("POST", f"/rooms/{house.room}/call")
        again = await cem.call("POST", f"/rooms/{house.room}/call")
    assert first["id"] == again["id"]
    assert mirror.list["calls"].room_ids == [house.room]


async def test_a_token_opens_one_call_for_one_person(house: House, ada: Client, dora: Client) -> None:
    call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
    entry = await ada.call("POST", f"/calls/{call}/token")
    claims = api.TokenVerifier("fachwerk", SECRET).verify(entry["token"])
    assert claims.identity == ada.id
    assert claims.video
    assert (claims.video.room, claims.video.room_join) == (call, True)
    assert not claims.video.room_admin
    assert await dora.refused("POST", f"/calls/{call}/token") == (404, "not-found")


async def test_reports_of_the_media_server_show_who_is_inside(house: House, ada: Client, cem: Client) -> None:
    call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
    async with house.verify(ada, house.room) as mirror:
        await report(house, "participant_joined", call, cem.id)
        await report(house, "participant_joined", call, cem.id)
        await report(house, "participant_joined", call, ada.id)
    assert mirror.room["calls"].call.person_ids == sorted([ada.id, cem.id])
    async with house.verify(ada, house.room) as mirror:
        await report(house, "participant_left", call, cem.id)
        await report(house, "participant_left", call, ada.id)
    assert mirror.room["calls"].call is None
    assert await ada.refused("POST", f"/calls/{call}/token") == (409, "call-over")


@pytest.mark.parametrize("fault", ["unsigned", "other key", "other body", "no json"])
async def test_a_forged_report_changes_nothing(house: House, ada: Client, fault: str) -> None:
    call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
    body = event_body("participant_joined", call, ada.id)
    token = sign(body, secret="another-secret-of-more-than-32-bytes!" if fault == "other key" else SECRET)
    if fault == "other body":
        body = event_body("participant_joined", call, house.people["cem"])
    if fault == "no json":
        body, token = b"{", sign(b"{")
    headers = {} if fault == "unsigned" else {"Authorization": token}
    response = await ada.http.post("/api/v1/calls/webhook", content=body, headers=headers)
    assert response.status_code == 401
    state = await ada.call("GET", f"/rooms/{house.room}/state")
    assert state["state"]["calls"]["call"]["person_ids"] == []


async def test_who_was_removed_cannot_come_back(house: House, ada: Client, bea: Client, cem: Client) -> None:
    call = (await bea.call("POST", f"/rooms/{house.room}/call"))["id"]
    await report(house, "participant_joined", call, cem.id)
    await report(house, "participant_joined", call, bea.id)
    path = f"/calls/{call}/participants/{cem.id}"
    assert await ada.refused("DELETE", path) == (403, "forbidden")
    async with house.verify(ada, house.room):
        await bea.call("DELETE", path, status=204)
    assert await cem.refused("POST", f"/calls/{call}/token") == (403, "removed-from-call")


@pytest.mark.parametrize("why", ["removed", "left", "over", "disabled", "unknown"])
async def test_an_old_token_does_not_let_anybody_stay(
    house: House, bea: Client, cem: Client, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """LiveKit lets in whoever has a token that is still good; its report is what tells us."""
    cut: list[tuple[str, str]] = []

    async def remove(self: MediaServer, call_id: str, person_id: str) -> None:
        cut.append((call_id, person_id))

    call, person = (await bea.call("POST", f"/rooms/{house.room}/call"))["id"], cem.id
    await report(house, "participant_joined", call, bea.id)
    await report(house, "participant_joined", call, cem.id)
    if why == "removed":
        await bea.call("DELETE", f"/calls/{call}/participants/{cem.id}", status=204)
    elif why == "left":
        await bea.call("DELETE", f"/rooms/{house.room}/members/{cem.id}", status=204)
    elif why == "over":
        await bea.call("POST", f"/calls/{call}/end", status=204)
    elif why == "disabled":
        async with house.context.database.work() as work:
            await work.db.exec(update(identity.Person).where(col(identity.Person.id) == cem.id).values(active=False))
    else:
        person = "nobody"
    monkeypatch.setattr(MediaServer, "remove", remove)
    await report(house, "participant_joined", call, person)
    assert cut == [(call, person)]


async def test_leaving_the_room_ends_the_call_for_that_person(
    house: House, ada: Client, bea: Client, cem: Client
) -> None:
    call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
    await report(house, "participant_joined", call, cem.id)
    await report(house, "participant_joined", call, ada.id)
    async with house.verify(ada, house.room) as mirror:
        await bea.call("DELETE", f"/rooms/{house.room}/members/{cem.id}", status=204)
    assert mirror.room["calls"].call.person_ids == [ada.id]
    assert await house.run_due_jobs() >= 1


async def test_a_comparison_repairs_lost_reports_and_ends_unused_calls(house: House, ada: Client, cem: Client) -> None:
    call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
    await report(house, "participant_joined", call, cem.id)  # and then the report that he left got lost
    async with house.verify(ada, house.room) as mirror:
        await house.run_due_jobs()
        # Perhaps the media server has only just been started again, and he is on his way back.
        assert mirror.room["calls"].call.person_ids == [cem.id]
        house.clock.forward(ABSENT_S)
        await house.run_due_jobs()
    assert mirror.room["calls"].call is None
    await ada.call("POST", f"/rooms/{house.room}/call")
    house.clock.forward(UNUSED_MS / 1000 + 1)
    async with house.verify(ada, house.room) as mirror:
        await house.run_due_jobs()
    assert mirror.room["calls"].call is None


async def test_a_media_server_that_hangs_is_not_waited_for(tmp_path: Path, sqlite_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never says a word
        calls = {"api_url": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        async with open_house(tmp_path, sqlite_url, calls=calls) as house, asyncio.timeout(4 * TIMEOUT_S):
            await house.settle()
            ada, cem = await house.client("ada"), await house.client("cem")
            call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
            await house_joined(house, call, cem.id)
            path = f"/calls/{call}/participants/{cem.id}/mute"
            assert await ada.refused("POST", path) == (503, "media-unavailable")


async def test_without_the_media_server_only_calls_suffer(tmp_path: Path, sqlite_template: Path) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'fachwerk.db')}"
    async with open_house(tmp_path, url, calls={"api_url": "http://127.0.0.1:9"}) as house:
        await house.settle()
        ada, cem = await house.client("ada"), await house.client("cem")
        call = (await ada.call("POST", f"/rooms/{house.room}/call"))["id"]
        await house_joined(house, call, cem.id)
        path = f"/calls/{call}/participants/{cem.id}/mute"
        assert await ada.refused("POST", path) == (503, "media-unavailable")
        async with ada.following(house.room) as socket:
            assert (await socket.send(house.room, "geht", "client-0001"))["t"] == "ack"
        await house.run_due_jobs()
        state = await ada.call("GET", f"/rooms/{house.room}/state")
        assert state["state"]["calls"]["call"]["person_ids"] == [cem.id]


async def house_joined(house: House, call: str, person: str) -> None:
    """As if the media server had said so."""
    secret = house.house.settings.calls.api_secret_file.read_text()
    await report(house, "participant_joined", call, person, secret=secret)


async def report(house: House, name: str, call: str, person: str, *, secret: str = SECRET) -> None:
    """Send what the media server sends."""
    body = event_body(name, call, person)
    client = await house.client("ada")
    headers = {"Authorization": sign(body, secret=secret)}
    response = await client.http.post("/api/v1/calls/webhook", content=body, headers=headers)
    assert response.status_code == 204, response.text


def event_body(name: str, call: str, person: str) -> bytes:
    event = WebhookEvent(event=name, room=Room(name=call), participant=ParticipantInfo(identity=person))
    return json.dumps(json.loads(MessageToJson(event))).encode()


def sign(body: bytes, *, secret: str = SECRET) -> str:
    """LiveKit's signature of a webhook: a token that carries the hash of the body."""
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    token: Any = api.AccessToken("fachwerk", secret).with_sha256(digest).with_ttl(timedelta(minutes=5))
    return str(token.to_jwt())
