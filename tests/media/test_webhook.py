# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: signed as LiveKit signs them, in order, again after a failure, and never without end."""

import asyncio
import contextlib
import http.server
import threading
from collections.abc import Iterator

import pytest
from livekit import api
from livekit.protocol import models
from pydantic import SecretStr
from websockets.asyncio.client import connect

from fachwerk_media import webhook
from fachwerk_media.metrics import Counters
from fachwerk_media.settings import Settings
from fachwerk_media.tokens import Tokens
from fachwerk_media.webhook import EVENTS_LIMIT, Webhook
from tests.media.process import KEY, SECRET, MediaProcess, access_token

RECEIVER = api.WebhookReceiver(api.TokenVerifier(KEY, SECRET))


class Listener:
    """A server that takes webhooks; it answers `failures` of them with 500 first."""

    def __init__(self, failures: int = 0) -> None:
        self.calls: list[tuple[str, str]] = []
        """(Authorization, body)."""
        self._failures = failures

    def answer(self, authorization: str, body: str) -> int:
        self.calls.append((authorization, body))
        self._failures -= 1
        return 500 if self._failures >= 0 else 200

    def events(self) -> list[str]:
        """Names, verified by the stock library."""
        return [RECEIVER.receive(body, token).event for token, body in self.calls]

    @contextlib.contextmanager
    def serve(self) -> Iterator[str]:
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                assert self.headers["content-type"] == "application/webhook+json"
                self.send_response(listener.answer(self.headers["authorization"], body))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


async def test_a_meeting_is_told_from_its_beginning_to_its_end() -> None:
    listener = Listener()
    with listener.serve() as url, MediaProcess(webhook_url=url, departure_s=0, resume_s=0) as media:
        async with connect(f"{media.ws}/rtc?access_token={access_token('ada')}") as socket:
            await socket.recv()
        async with asyncio.timeout(10):
            while len(listener.calls) < 4:  # noqa: ASYNC110 - counted in another thread
                await asyncio.sleep(0.1)
    assert listener.events() == ["room_started", "participant_joined", "participant_left", "room_finished"]
    joined = RECEIVER.receive(listener.calls[1][1], listener.calls[1][0])
    assert (joined.room.name, joined.participant.identity) == ("r1", "ada")
    assert len({RECEIVER.receive(body, token).id for token, body in listener.calls}) == 4


async def test_a_failed_call_is_repeated_before_the_next_event() -> None:
    listener = Listener(failures=2)
    with listener.serve() as url, MediaProcess(webhook_url=url) as media:
        async with connect(f"{media.ws}/rtc?access_token={access_token('ada')}") as socket:
            await socket.recv()
            async with asyncio.timeout(10):
                while len(listener.calls) < 4:  # noqa: ASYNC110 - counted in another thread
                    await asyncio.sleep(0.1)
    assert listener.events()[:4] == ["room_started", "room_started", "room_started", "participant_joined"]


async def test_what_happens_at_the_end_is_told_before_the_process_ends() -> None:
    listener = Listener()
    with listener.serve() as url, MediaProcess(webhook_url=url) as media:
        async with connect(f"{media.ws}/rtc?access_token={access_token('ada')}") as socket:
            await socket.recv()
            assert await asyncio.get_running_loop().run_in_executor(None, media.stop) == 0
        assert listener.events() == ["room_started", "participant_joined", "participant_left", "room_finished"]


class Room:
    """What a webhook says of a room."""

    def info(self) -> models.Room:
        return models.Room(name="r1")


async def test_nobody_there_is_no_reason_to_grow_or_to_try_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PAUSE_S", 0.0)
    counters = Counters()
    settings = Settings(api_key=KEY, api_secret=SecretStr(SECRET))
    hook = Webhook("http://127.0.0.1:9/", Tokens(settings), counters)
    hook.start()
    for _ in range(EVENTS_LIMIT + 5):
        hook.room("room_started", Room())  # type: ignore[arg-type]
    assert counters.webhooks_failed == 5
    async with asyncio.timeout(20):
        while counters.webhooks_failed < 7:  # noqa: ASYNC110 - counted by another task
            await asyncio.sleep(0.01)
    await hook.close(0.01)
    assert counters.webhooks == 0
    assert counters.webhooks_failed >= EVENTS_LIMIT + 5
