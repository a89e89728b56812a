# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""RoomService through the stock client library, and what it refuses."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from livekit import api
from livekit.protocol import models

from bench.media.client import Client
from tests.media.process import KEY, SECRET, MediaProcess, access_token


@pytest.fixture(scope="module")
def server() -> Iterator[MediaProcess]:
    with MediaProcess(departure_s=0) as process:
        yield process


async def test_rooms_and_participants_are_listed(server: MediaProcess) -> None:
    async with (
        api.LiveKitAPI(server.url, KEY, SECRET) as admin,
        Client(server.ws, access_token("ada", "listed"), publishes=False, receives=True) as ada,
    ):
        await asyncio.wait_for(ada.subscriber.up.wait(), 10)
        rooms = await admin.room.list_rooms(api.ListRoomsRequest(names=["listed"]))
        assert [(room.name, room.num_participants) for room in rooms.rooms] == [("listed", 1)]
        listed = await admin.room.list_participants(api.ListParticipantsRequest(room="listed"))
        assert [(p.identity, p.name) for p in listed.participants] == [("ada", "Ada")]
        one = await admin.room.get_participant(api.RoomParticipantIdentity(room="listed", identity="ada"))
        assert one.state == models.ParticipantInfo.State.ACTIVE


async def test_a_muted_track_goes_nowhere_and_is_not_unmuted_from_afar(server: MediaProcess) -> None:
    async with (
        api.LiveKitAPI(server.url, KEY, SECRET) as admin,
        Client(server.ws, access_token("speaker", "mute"), publishes=True, receives=False) as speaker,
        Client(server.ws, access_token("viewer", "mute"), publishes=False, receives=True) as viewer,
    ):
        sending = asyncio.create_task(speaker.send_media(30))
        await asyncio.wait_for(viewer.subscriber.up.wait(), 10)
        async with asyncio.timeout(10):
            while viewer.subscriber.received < 50:  # noqa: ASYNC110 - counted by a socket callback
                await asyncio.sleep(0.1)
        who = api.RoomParticipantIdentity(room="mute", identity="speaker")
        tracks = (await admin.room.get_participant(who)).tracks
        assert len(tracks) == 2
        for track in tracks:
            request = api.MuteRoomTrackRequest(room="mute", identity="speaker", track_sid=track.sid, muted=True)
            answer = await admin.room.mute_published_track(request)
            assert answer.track.muted
        before = viewer.subscriber.received
        await asyncio.sleep(1)
        assert viewer.subscriber.received == before
        with pytest.raises(api.TwirpError, match="invalid_argument"):
            await admin.room.mute_published_track(
                api.MuteRoomTrackRequest(room="mute", identity="speaker", track_sid=tracks[0].sid, muted=False)
            )
        sending.cancel()


@pytest.mark.parametrize(
    "method", ["ListParticipants", "RemoveParticipant", "MutePublishedTrack", "SendData", "GetParticipant"]
)
async def test_an_unknown_room_is_not_found(server: MediaProcess, method: str) -> None:
    token = api.AccessToken(KEY, SECRET).with_grants(api.VideoGrants(room_admin=True, room="nowhere")).to_jwt()
    answer = httpx2.post(
        f"{server.url}/twirp/livekit.RoomService/{method}",
        json={"room": "nowhere"},
        headers={"authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("grants", "body", "kind", "status", "code"),
    [
        (None, b"", "application/protobuf", 401, "unauthenticated"),
        ({}, b"{}", "application/json", 403, "permission_denied"),
        ({"room_admin": True}, b'{"room": "other"}', "application/json", 403, "permission_denied"),
        ({"room_admin": True}, b"{", "application/json", 400, "malformed"),
        ({"room_admin": True}, b"\xff\xfe", "application/json", 400, "malformed"),
        ({"room_admin": True}, b"\xff\xff\xff", "application/protobuf", 400, "malformed"),
        ({"room_admin": True}, bytes(300 << 10), "application/protobuf", 400, "malformed"),
    ],
)
async def test_what_is_not_allowed_or_not_readable_is_refused(
    server: MediaProcess, grants: dict[str, Any] | None, body: bytes, kind: str, status: int, code: str
) -> None:
    # a token lives for an hour, and a run of all tests may take longer: it is made here, not when collected
    authorization = {} if grants is None else {"authorization": f"Bearer {access_token('ada', **grants)}"}
    answer = httpx2.post(
        f"{server.url}/twirp/livekit.RoomService/ListParticipants",
        content=body,
        headers={"content-type": kind} | authorization,
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_unknown_method_is_a_bad_route(server: MediaProcess) -> None:
    answer = httpx2.post(f"{server.url}/twirp/livekit.RoomService/Nonsense", content=b"")
    assert (answer.status_code, answer.json()["code"]) == (404, "bad_route")
