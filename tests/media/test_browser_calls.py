# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What happens in real calls beside the eighteen steps, in Chromium."""

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from livekit.protocol import rtc

from bench.media.client import Client
from tests.media.e2e.chromium import Figures, chromium, frames, packets, tab
from tests.media.e2e.scenario import STEPS, Scenario
from tests.media.e2e.site import Site
from tests.media.process import KEY, SECRET, MediaProcess, access_token
from tests.stack.component import free_ports

pytestmark = pytest.mark.browser


async def test_all_steps_pass_where_udp_is_blocked(site: Site) -> None:
    with MediaProcess(origins=site.origin, udp="false") as media:
        async with chromium() as browser:
            scenario = Scenario(browser, site, media.ws, KEY, SECRET, access_token)
            await scenario.run()
            assert len(scenario.passed) == STEPS


@pytest.mark.parametrize("dual", [0, 1], ids=["single", "dual"])
async def test_a_screen_is_shared_stopped_and_shared_again(site: Site, media: MediaProcess, dual: int) -> None:
    quiet = {"camera": 0, "microphone": 0, "dual": dual}
    async with (
        chromium() as browser,
        tab(browser, site.page("viewer", media.ws, access_token("viewer"), **quiet)) as viewer,
        tab(browser, site.page("speaker", media.ws, access_token("speaker"), **quiet)) as speaker,
    ):
        await speaker.until(lambda f: f["state"] == "connected", "connected")
        for _ in range(3):
            await speaker.run("room.localParticipant.setScreenShareEnabled(true, {audio: false}).then(() => 0)")
            await viewer.until(lambda f: frames(f, "speaker/screen_share") > 3, "the screen")
            await speaker.run("room.localParticipant.setScreenShareEnabled(false).then(() => 0)")
            await viewer.until(lambda f: "speaker/screen_share" not in f["received"], "no screen any more", 10)
        assert (await viewer.figures())["errors"] == []


async def test_an_encrypted_call_is_carried_as_it_is(site: Site, media: MediaProcess) -> None:
    async with (
        chromium() as browser,
        tab(browser, site.page("a", media.ws, access_token("a"), e2ee="key")) as a,
        tab(browser, site.page("b", media.ws, access_token("b"), e2ee="key")) as b,
        tab(browser, site.page("c", media.ws, access_token("c"), e2ee="another", camera=0, microphone=0)) as c,
    ):
        await a.until(lambda f: frames(f, "b/camera") > 30 and f["encrypted"], "b at a")
        await b.until(lambda f: frames(f, "a/camera") > 30 and f["encrypted"], "a at b")
        await c.until(lambda f: packets(f, "a/microphone") > 50, "sound at one without the key")
        assert frames(await c.figures(), "a/camera") == 0


def is_heard(figures: Figures) -> bool:
    sound = figures["received"].get("speaker/microphone", {})
    return bool(sound.get("packets", 0) > 200 and sound["energy"] > 0)


async def test_redundant_audio_is_heard(site: Site) -> None:
    with MediaProcess(origins=site.origin, redundancy_from_loss=0) as media:
        async with (
            chromium() as browser,
            tab(browser, site.page("listener", media.ws, access_token("listener"), camera=0, microphone=0)) as listener,
            tab(browser, site.page("speaker", media.ws, access_token("speaker"), camera=0)),
        ):
            figures = await listener.until(is_heard, "sound")
            sound = figures["received"]["speaker/microphone"]
            assert sound["bytes"] / sound["packets"] > 110  # one earlier payload in each; plain Opus has 60 to 80
            assert sound["concealed"] < 0.1 * sound["samples"]


def sees(other: str, *, again: bool) -> Callable[[Figures], bool]:
    """Whether a page decodes the other's camera; again: after a reconnect."""

    def holds(figures: Figures) -> bool:
        reconnected = any(event.startswith("Reconnected") for event in figures["events"])
        return frames(figures, f"{other}/camera") > 30 and reconnected == again

    return holds


async def test_clients_come_back_after_the_process_was_killed(site: Site) -> None:
    ports = free_ports(3)
    settings = {"origins": site.origin, "port": ports, "udp_port": ports + 1, "tcp_port": ports + 2}
    async with chromium() as browser:
        with MediaProcess(**settings) as media:
            pages = [site.page(name, media.ws, access_token(name)) for name in ("a", "b")]
            async with tab(browser, pages[0]) as a, tab(browser, pages[1]) as b:
                for viewer, other in ((a, "b"), (b, "a")):
                    await viewer.until(sees(other, again=False), f"{other}'s camera")
                media.crash()
                await asyncio.sleep(2)
                with MediaProcess(**settings):
                    for viewer, other in ((a, "b"), (b, "a")):
                        try:
                            await viewer.until(sees(other, again=True), f"{other}'s camera again", 40)
                        except AssertionError as error:
                            error.add_note(f"what both show: {[await one.figures() for one in (a, b)]}")
                            raise


PUBLISHERS = 10


def gets(count: int) -> Callable[[Figures], bool]:
    """Whether exactly `count` tracks are there and all of them get packets."""
    return lambda figures: (
        len(figures["received"]) == count and all(packets(figures, track) > 5 for track in figures["received"])
    )


@pytest.mark.parametrize("dual", [0, 1], ids=["single", "dual"])
async def test_many_come_and_go_and_every_track_arrives(site: Site, dual: int) -> None:
    async with contextlib.AsyncExitStack() as stack:
        media = stack.enter_context(MediaProcess(origins=site.origin, loudest=2 * PUBLISHERS))

        async def enter(name: str) -> Client:
            client = Client(media.ws, access_token(name), publishes=True, receives=False)
            await stack.enter_async_context(client)
            sending.append(asyncio.create_task(client.send_media(30)))
            return client

        sending: list[asyncio.Task[None]] = []
        clients = [await enter(f"p{n}") for n in range(PUBLISHERS)]
        browser = await stack.enter_async_context(chromium())
        page = site.page("viewer", media.ws, access_token("viewer"), camera=0, microphone=0, dual=dual)
        viewer = await stack.enter_async_context(tab(browser, page))
        await viewer.until(gets(2 * PUBLISHERS), "all tracks")
        for client in clients[::2]:
            await client.request(leave=rtc.LeaveRequest())
        await viewer.until(gets(PUBLISHERS), "those who stayed")
        for n in range(PUBLISHERS // 2):
            await enter(f"q{n}")
        await viewer.until(gets(2 * PUBLISHERS), "those who came later")
        for task in sending:
            task.cancel()
