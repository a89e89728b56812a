# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tells the Fachwerk server what happens in rooms: LiveKit's webhooks, signed, in order, at least once.

Source: LiveKit's documentation of webhooks: POST of a WebhookEvent as JSON; the header Authorization carries a token
with the claim sha256, the base64 of the hash of the body.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
import uuid
from typing import TYPE_CHECKING

import httpx2
import structlog
from google.protobuf.json_format import MessageToJson
from livekit.protocol.webhook import WebhookEvent

if TYPE_CHECKING:
    from fachwerk_media.metrics import Counters
    from fachwerk_media.rooms.participant import Participant
    from fachwerk_media.rooms.room import Room
    from fachwerk_media.tokens import Tokens

EVENTS_LIMIT = 1000
"""Events waiting; beyond that the oldest is given up."""
ATTEMPTS = 8
PAUSE_S, PAUSE_LIMIT_S = 0.2, 10.0
"""After the first failure, doubling: about half a minute in all."""
REQUEST_S = 5.0
CONTENT_TYPE = "application/webhook+json"
log = structlog.get_logger()


class Webhook:
    """The queue and its sender. Without a URL events go nowhere."""

    def __init__(self, url: str, tokens: Tokens, counters: Counters) -> None:
        self._url = url
        self._tokens = tokens
        self._counters = counters
        self._queue: asyncio.Queue[WebhookEvent] = asyncio.Queue(EVENTS_LIMIT)
        self._given_up = 0
        self._sending = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send, in the running loop."""
        if self._url:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="webhook")

    def room(self, event: str, room: Room) -> None:
        """room_started or room_finished."""
        self._add(WebhookEvent(event=event, room=room.info()))

    def participant(self, event: str, room: Room, participant: Participant) -> None:
        """participant_joined or participant_left."""
        self._add(WebhookEvent(event=event, room=room.info(), participant=participant.info()))

    async def close(self, wait_s: float) -> None:
        """Send what is waiting, for at most this long."""
        if self._task is None:
            return
        try:
            await asyncio.wait_for(self._queue.join(), wait_s)
        except TimeoutError:
            lost = self._queue.qsize() + self._sending
            self._counters.webhooks_failed += lost
            log.warning("webhook events lost at shutdown", events=lost)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _add(self, event: WebhookEvent) -> None:
        if self._task is None:
            return
        event.id = f"EV_{uuid.uuid4().hex}"
        event.created_at = int(time.time())
        if self._queue.full():
            self._queue.get_nowait()
            self._queue.task_done()
            self._give_up()
        self._queue.put_nowait(event)

    def _give_up(self) -> None:
        self._given_up += 1
        self._counters.webhooks_failed += 1

    async def _run(self) -> None:
        async with httpx2.AsyncClient(timeout=REQUEST_S) as client:
            while True:
                event = await self._queue.get()
                self._sending = True
                event.num_dropped = self._given_up
                if await self._deliver(client, event):
                    self._given_up = 0
                    self._counters.webhooks += 1
                else:
                    self._give_up()
                    log.error("webhook event given up", event_name=event.event, attempts=ATTEMPTS)
                self._sending = False
                self._queue.task_done()

    async def _deliver(self, client: httpx2.AsyncClient, event: WebhookEvent) -> bool:
        body = MessageToJson(event, indent=None).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        pause_s = PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            headers = {"authorization": self._tokens.vouch(digest), "content-type": CONTENT_TYPE}
            try:
                response = await client.post(self._url, content=body, headers=headers)
                failure = "" if response.is_success else f"status {response.status_code}"
            except httpx2.HTTPError as error:
                failure = type(error).__name__
            if not failure:
                return True
            log.warning("webhook failed", event_name=event.event, attempt=attempt, failure=failure)
            if attempt < ATTEMPTS:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, PAUSE_LIMIT_S)
        return False
