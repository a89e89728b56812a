# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The eighteen steps every media server must pass, ours and LiveKit's: three people, screen, chat, layers, mute, kick.

a publishes microphone, camera and screen, b microphone and camera, c only receives.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

from livekit import api
from playwright.async_api import Browser

from tests.media.e2e.chromium import Tab, frames, packets, tab, width
from tests.media.e2e.site import Site

STEPS = 18
CAMERA_B = "room.remoteParticipants.get('b').getTrackPublication('camera')"
CAMERA_A = "room.remoteParticipants.get('a').getTrackPublication('camera')"


class Scenario:
    """One run in room r1. url: of the server; token: makes one for an identity; options: of every page."""

    def __init__(
        self,
        browser: Browser,
        site: Site,
        url: str,
        key: str,
        secret: str,
        token: Callable[[str], str],
        **options: object,
    ) -> None:
        self._browser = browser
        self._site = site
        self._url = url
        self._admin = (url.replace("ws", "http", 1), key, secret)
        self._token = token
        self._options = options
        self.passed: list[str] = []

    async def run(self) -> None:
        """All steps in order; the first that fails ends it."""
        async with self._joined() as (a, b, c), api.LiveKitAPI(*self._admin) as admin:
            await self._receives(a, b, c)
            await self._told(c)
            await self._messages(a, c)
            await self._layers(c)
            await self._pauses(c)
            await self._mutes(a, b, c, admin)
            await self._reconnects(b, c)
            await self._leaves(a, b, c, admin)
            for tab in (a, b, c):
                assert (await tab.figures())["errors"] == []

    @contextlib.asynccontextmanager
    async def _joined(self) -> AsyncIterator[tuple[Tab, Tab, Tab]]:
        own = {"a": {"screen": 1}, "b": {}, "c": {"camera": 0, "microphone": 0}}
        async with contextlib.AsyncExitStack() as stack:
            tabs = []
            for name, options in own.items():
                address = self._site.page(name, self._url, self._token(name), **self._options, **options)
                tabs.append(await stack.enter_async_context(tab(self._browser, address)))
                await asyncio.sleep(0.3)
            a, b, c = tabs
            yield a, b, c

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        yield
        self.passed.append(name)

    async def _receives(self, a: Tab, b: Tab, c: Tab) -> None:
        with self._step("c decodes both cameras and the screen and gets sound"):
            await c.until(
                lambda f: (
                    min(frames(f, "a/camera"), frames(f, "b/camera")) > 30
                    and frames(f, "a/screen_share") > 3
                    and packets(f, "a/microphone") > 50
                ),
                "all tracks of a and b at c",
            )
        with self._step("a decodes b"):
            await a.until(lambda f: frames(f, "b/camera") > 30, "b's camera at a")
        with self._step("b decodes a"):
            await b.until(lambda f: frames(f, "a/camera") > 30, "a's camera at b")

    async def _told(self, c: Tab) -> None:
        with self._step("speakers are told"):
            await c.until(lambda f: f["speakerChanges"] > 0, "a change of speakers")
        with self._step("quality is told"):
            await c.until(lambda f: f["quality"] is not None, "connection quality")

    async def _messages(self, a: Tab, c: Tab) -> None:
        with self._step("a message and a stream of 40 kB arrive"):
            encoded = "new TextEncoder().encode('hallo')"
            await a.run(f"room.localParticipant.publishData({encoded}, {{reliable: true, topic: 'x'}})")
            await a.run("room.localParticipant.sendText('z'.repeat(40000), {topic: 'lk.chat'}).then(() => 0)")
            figures = await c.until(lambda f: len(f["messages"]) >= 2, "two messages", 10)
            assert sorted(len(message) for message in figures["messages"]) == [7, 40009]

    async def _layers(self, c: Tab) -> None:
        with self._step("layers change down and up again"):
            await c.until(
                lambda f: width(f, "a/camera") >= 600, "the large picture", 60
            )  # a sender over TCP is slow to trust its link
            await c.run(f"{CAMERA_A}.setVideoQuality(0)")
            low = width(await c.until(lambda f: width(f, "a/camera") <= 320, "the small picture", 15), "a/camera")
            await c.run(f"{CAMERA_A}.setVideoQuality(2)")
            await c.until(lambda f: width(f, "a/camera") > low, "the large picture again", 15)

    async def _pauses(self, c: Tab) -> None:
        with self._step("a track that is not shown stops"):
            await c.run(f"{CAMERA_B}.setEnabled(false)")
            await asyncio.sleep(2)
            before = frames(await c.figures(), "b/camera")
            await asyncio.sleep(2)
            stopped = frames(await c.figures(), "b/camera")
            assert stopped - before <= 1
        with self._step("and goes on"):
            await c.run(f"{CAMERA_B}.setEnabled(true)")
            await c.until(lambda f: frames(f, "b/camera") > stopped + 10, "b's camera again", 10)

    async def _mutes(self, a: Tab, b: Tab, c: Tab, admin: api.LiveKitAPI) -> None:
        with self._step("others see a mute"):
            await a.run("room.localParticipant.setMicrophoneEnabled(false).then(() => 0)")
            await c.until(lambda f: any(e.startswith("TrackMuted") for e in f["events"]), "the mute", 8)
        with self._step("RoomService lists participants"):
            listed = await admin.room.list_participants(api.ListParticipantsRequest(room="r1"))
            assert sorted(p.identity for p in listed.participants) == ["a", "b", "c"]
        with self._step("RoomService mutes a microphone"):
            sid = next(
                track.sid for p in listed.participants if p.identity == "b" for track in p.tracks if track.type == 0
            )
            await admin.room.mute_published_track(
                api.MuteRoomTrackRequest(room="r1", identity="b", track_sid=sid, muted=True)
            )
            muted = "room.localParticipant.getTrackPublication('microphone').isMuted"
            await b.page.wait_for_function(muted, timeout=6000)

    async def _reconnects(self, b: Tab, c: Tab) -> None:
        with self._step("signalling is cut and resumed, media goes on"):
            before = frames(await b.figures(), "a/camera")
            await b.run("room.simulateScenario('signal-reconnect')")
            await b.until(lambda f: _count(f, "Reconnected") >= 1, "resumed", 20)
            await b.until(lambda f: frames(f, "a/camera") > before + 40, "a's camera goes on", 10)
        with self._step("a full reconnect"):
            await b.run("room.simulateScenario('full-reconnect')")
            await b.until(
                lambda f: _count(f, "Reconnected") >= 2 and frames(f, "a/camera") > 20, "a's camera after the reconnect"
            )
        with self._step("others see the reconnected one again"):
            await c.until(lambda f: frames(f, "b/camera") > 20, "b's camera at c", 20)

    async def _leaves(self, a: Tab, b: Tab, c: Tab, admin: api.LiveKitAPI) -> None:
        with self._step("RoomService removes a participant"):
            await admin.room.remove_participant(api.RoomParticipantIdentity(room="r1", identity="b"))
            await b.until(lambda f: f["state"] == "disconnected", "b is out", 8)
        with self._step("others see the removal"):
            await c.until(lambda f: f["others"] == ["a"], "only a is left", 8)
        with self._step("others see somebody leave"):
            await a.run("room.disconnect().then(() => 0)")
            await c.until(lambda f: f["others"] == [], "nobody is left", 8)


def _count(figures: dict[str, list[str]], event: str) -> int:
    return sum(seen.startswith(f"{event}:") for seen in figures["events"])
