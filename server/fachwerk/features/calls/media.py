# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The media server as this server sees it: our own SFU or a LiveKit cluster, by the same protocol."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import aiohttp
from livekit import api
from livekit.api.room_service import RoomService
from livekit.protocol.models import TrackSource
from livekit.protocol.webhook import WebhookEvent

from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.settings import secret

from .settings import CallSettings

T = TypeVar("T")
TIMEOUT_S = 5.0


class MediaAway(Unavailable):
    """Calls do not work just now; everything else does."""

    slug, title = "media-unavailable", "The media server does not answer"


class MediaServer:
    """Tokens, and what a host can do. Source: LiveKit's RoomService and access tokens."""

    def __init__(self, settings: CallSettings) -> None:
        self._settings = settings
        self._key, self._secret = settings.api_key, secret(settings.api_secret_file)
        self._api: api.LiveKitAPI | None = None

    @property
    def url(self) -> str:
        """Where browsers connect to."""
        return self._settings.url

    def token(self, call_id: str, person_id: str, name: str) -> str:
        """A token for one person and one call, good for a few minutes; it only opens the door."""
        grants = api.VideoGrants(
            room_join=True,
            room=call_id,
            can_publish=True,
            can_publish_sources=["camera", "microphone", "screen_share", "screen_share_audio"],
            can_subscribe=True,
            can_publish_data=True,
        )
        made = api.AccessToken(self._key, self._secret).with_identity(person_id).with_name(name)
        return made.with_grants(grants).with_ttl(timedelta(minutes=self._settings.token_minutes)).to_jwt()

    def verify(self, body: bytes, authorization: str) -> WebhookEvent:
        """Check a webhook's signature and hash. Raises ValueError."""
        try:
            receiver = api.WebhookReceiver(api.TokenVerifier(self._key, self._secret))
            return receiver.receive(body.decode(), authorization)
        except Exception as error:  # whatever the library meets in a forged call
            raise ValueError(str(error)) from error

    async def inside(self, call_id: str) -> set[str]:
        """Who is connected. A call that the media server does not know is empty."""
        try:
            found = await self._ask(self._room().list_participants(api.ListParticipantsRequest(room=call_id)))
        except api.TwirpError as error:
            if error.code == api.TwirpErrorCode.NOT_FOUND:
                return set()
            raise MediaAway from error
        return {participant.identity for participant in found.participants}

    async def remove(self, call_id: str, person_id: str) -> None:
        """Cut somebody off. One who is not there is no error."""
        await self._or_gone(
            self._room().remove_participant(api.RoomParticipantIdentity(room=call_id, identity=person_id))
        )

    async def mute(self, call_id: str, person_id: str) -> None:
        """Mute somebody's microphone; only they can unmute it."""
        try:
            found = await self._ask(
                self._room().get_participant(api.RoomParticipantIdentity(room=call_id, identity=person_id))
            )
        except api.TwirpError as error:
            if error.code == api.TwirpErrorCode.NOT_FOUND:
                return
            raise MediaAway from error
        for track in found.tracks:
            if track.source == TrackSource.MICROPHONE and not track.muted:
                request = api.MuteRoomTrackRequest(room=call_id, identity=person_id, track_sid=track.sid, muted=True)
                await self._or_gone(self._room().mute_published_track(request))

    async def end(self, call_id: str) -> None:
        """Cut everybody off."""
        await self._or_gone(self._room().delete_room(api.DeleteRoomRequest(room=call_id)))

    async def close(self) -> None:
        """Give back connections."""
        if self._api:
            await self._api.aclose()

    def _room(self) -> RoomService:
        if self._api is None:
            self._api = api.LiveKitAPI(self._settings.api_url, self._key, self._secret, failover=False)
        return self._api.room

    async def _or_gone(self, request: Awaitable[object]) -> None:
        try:
            await self._ask(request)
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise MediaAway from error

    async def _ask(self, request: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(TIMEOUT_S):  # the library waits for ever, whatever its session says
                return await request
        except (aiohttp.ClientError, TimeoutError) as error:
            raise MediaAway from error
