# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody is put out: no packet after two seconds, and the token in their hands does not bring them back."""

import asyncio
import time

import httpx2
import pytest
from livekit import api

from bench.media.client import Client
from tests.media.process import KEY, SECRET, MediaProcess, access_token

REFUSED = 403


def may_join(media: MediaProcess, token: str) -> int:
    return httpx2.get(f"{media.url}/rtc/validate", params={"access_token": token}).status_code


async def test_a_removed_participant_gets_no_packet_and_cannot_return() -> None:
    with MediaProcess() as media:
        old = access_token("viewer")
        async with (
            api.LiveKitAPI(media.url, KEY, SECRET) as admin,
            Client(media.ws, access_token("speaker"), publishes=True, receives=False) as speaker,
            Client(media.ws, old, publishes=False, receives=True) as viewer,
        ):
            sending = asyncio.create_task(speaker.send_media(120))
            await asyncio.wait_for(viewer.subscriber.up.wait(), 10)
            async with asyncio.timeout(10):
                while viewer.subscriber.received < 100:  # noqa: ASYNC110 - counted by a socket callback
                    await asyncio.sleep(0.1)
            assert may_join(media, old) == 200

            await admin.room.remove_participant(api.RoomParticipantIdentity(room="r1", identity="viewer"))
            await asyncio.sleep(0.05)
            before = viewer.subscriber.received
            await asyncio.sleep(2)
            assert viewer.subscriber.received == before
            assert viewer.left is not None
            assert viewer.subscriber.ended

            assert may_join(media, old) == REFUSED
            assert may_join(media, access_token("other")) == 200
            time.sleep(1)  # noqa: ASYNC251 - tokens tell whole seconds
            assert may_join(media, access_token("viewer")) == 200
            sending.cancel()


async def test_a_deleted_room_is_not_opened_again_by_its_old_tokens() -> None:
    with MediaProcess() as media:
        old = access_token("viewer")
        async with (
            api.LiveKitAPI(media.url, KEY, SECRET) as admin,
            Client(media.ws, old, publishes=False, receives=True) as viewer,
        ):
            await asyncio.wait_for(viewer.subscriber.up.wait(), 10)
            await admin.room.delete_room(api.DeleteRoomRequest(room="r1"))
            assert may_join(media, old) == REFUSED
            listed = await admin.room.list_rooms(api.ListRoomsRequest())
            assert list(listed.rooms) == []


async def test_somebody_removed_before_they_came_does_not_get_in() -> None:
    with MediaProcess() as media:
        old = access_token("late")
        async with api.LiveKitAPI(media.url, KEY, SECRET) as admin:
            with pytest.raises(api.TwirpError, match="not_found"):
                await admin.room.remove_participant(api.RoomParticipantIdentity(room="r1", identity="late"))
        assert may_join(media, old) == REFUSED
