# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What goes wrong in calls, and what people do in them: killed processes, leaving, muting, sharing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.e2e.colleague import Colleague, Tracks, packets, videos
from tests.e2e.office import Office
from tests.media.e2e.chromium import chromium

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"
CAMERA_PX = 1280
"""Cameras are asked for no wider picture; the screen of the test browser is wider."""
BACK_S = 60
"""After a killed process everything is as before within this time."""


@pytest.fixture
async def laptop() -> AsyncIterator[Browser]:
    """Another machine: pages of one browser share its camera, which rarely stays black when all open it at once."""
    async with chromium() as running:
        yield running


async def test_a_call_survives_a_killed_media_process(
    laptop: Browser, office: Office, figures: dict[str, float]
) -> None:
    office.network_fails = True
    ada, ben, room = await _call_of_two(office, laptop)
    before = [await one.received() for one in (ada, ben)]
    office.ministry.kill("media")
    killed = time.monotonic()
    for one, old in zip((ada, ben), before, strict=True):
        await one.until(_meets_since(old), "picture and voice again", BACK_S)
        figures[f"s from SIGKILL of the media process until {one.name} sees and hears"] = time.monotonic() - killed
    for one in (ada, ben):
        await expect(_tiles(one)).to_have_count(2)
        await expect(one.page.get_by_text("Verbindung unterbrochen")).to_be_hidden()
    # While they were away the server compared its list, every 15 s, with a media process that knew nobody.
    assert await _inside(ada, room) == await _ids(ada, ben)
    await _leave(ada, ben)


async def test_a_killed_worker_leaves_no_job_undone(office: Office, figures: dict[str, float]) -> None:
    office.network_fails = True
    ada, ben, room = await _call_of_two(office)
    (ben_id,) = await _ids(ben)
    office.ministry.kill("worker")
    removed = time.monotonic()
    await ada.ask("DELETE", f"/rooms/{room['id']}/members/{ben_id}")
    await expect(_tiles(ada)).to_have_count(1, timeout=BACK_S * 1000)
    await expect(ben.controls()).to_be_hidden(timeout=BACK_S * 1000)
    figures["s from SIGKILL of the worker until its next job was done"] = time.monotonic() - removed
    await expect(ben.rooms().get_by_role("link", name=room["name"])).to_be_hidden()
    count = packets(await ben.received())
    await asyncio.sleep(1)
    assert packets(await ben.received()) == count
    await _leave(ada)


async def test_one_can_leave_and_come_back(office: Office) -> None:
    ada, ben, room = await _call_of_two(office)
    for _ in range(2):
        await _leave(ben)
        await expect(ben.page.get_by_role("region", name="Treffen")).to_contain_text(ADA)
        await expect(_tiles(ada)).to_have_count(1)
        assert await _inside(ada, room) == await _ids(ada)
        before = [await one.received() for one in (ada, ben)]
        await ben.start_or_join_call()
        for one, old in zip((ada, ben), before, strict=True):
            await one.until(_meets_since(old), "the other again")
        await expect(_tiles(ada)).to_have_count(2)
    await _leave(ada, ben)
    await expect(ada.page.get_by_role("link", name="Treffen starten")).to_be_visible()
    assert await _inside(ada, room) == []


async def test_the_host_mutes_and_only_the_muted_person_unmutes(office: Office) -> None:
    ada, ben, _room = await _call_of_two(office)
    people = ada.page.get_by_role("complementary", name="Personen").get_by_role("list", name="Im Treffen")
    row = people.get_by_role("listitem").filter(has_text=BEN)
    await expect(row).to_contain_text("Mikrofon an")
    await row.get_by_role("button", name=f"Aktionen für {BEN}").click()
    await ada.page.get_by_role("menuitem", name="Stumm schalten").click()
    microphone = ben.controls().get_by_role("button", name="Mikrofon")
    await expect(microphone).to_have_attribute("aria-pressed", "false")
    await expect(row).to_contain_text("Stumm")
    await row.get_by_role("button", name=f"Aktionen für {BEN}").click()
    await expect(ada.page.get_by_role("menuitem", name="Aus dem Treffen entfernen")).to_be_visible()
    assert await ada.page.get_by_role("menuitem").all_inner_texts() == ["Aus dem Treffen entfernen"]
    await ada.page.keyboard.press("Escape")
    count = _sound_packets(await ada.received())
    await asyncio.sleep(1)
    assert _sound_packets(await ada.received()) <= count + 10
    await microphone.click()
    await expect(microphone).to_have_attribute("aria-pressed", "true")
    await expect(row).to_contain_text("Mikrofon an")
    await ada.until(lambda tracks: _sound_packets(tracks) > count + 50, "ben's voice again")
    await _leave(ada, ben)


async def test_a_screen_is_shared_stopped_and_shared_again(office: Office) -> None:
    ada, ben, _room = await _call_of_two(office)
    shared = ben.page.get_by_role("list", name="Geteilter Bildschirm")
    for _ in range(2):
        before = await ben.received()
        await ada.controls().get_by_role("button", name="Bildschirm teilen").click()
        await expect(shared.get_by_label(f"Bildschirm von {ADA}")).to_be_visible()
        await ben.until(_sees_screen_since(before), "the screen")
        await expect(_tiles(ben)).to_have_count(2)
        await ada.controls().get_by_role("button", name="Teilen beenden").click()
        await expect(shared).to_be_hidden()
    await ben.until(_meets_since(await ben.received()), "the camera still")
    await _leave(ada, ben)


async def _call_of_two(office: Office, laptop: Browser | None = None) -> tuple[Colleague, Colleague, dict[str, Any]]:
    """Both inside with microphone and camera, each seeing and hearing the other."""
    ada, ben = await office.colleague(ADA), await office.colleague(BEN, laptop)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
        await one.start_or_join_call()
    for one in (ada, ben):
        await one.until(_meets_since({}), "a picture and a voice")
    return ada, ben, room


def _meets_since(before: Tracks) -> Callable[[Tracks], bool]:
    """A picture and a voice have arrived since then, seconds of them: what was under way does not count."""

    def holds(tracks: Tracks) -> bool:
        new = _since(tracks, before)
        return videos(new, 60) >= 1 and any(t["kind"] == "audio" and t["packets"] > 60 for t in new.values())

    return holds


def _sees_screen_since(before: Tracks) -> Callable[[Tracks], bool]:
    """A picture wider than a camera's has arrived since then."""

    def holds(tracks: Tracks) -> bool:
        new = _since(tracks, before)
        return videos({name: track for name, track in new.items() if track["width"] > CAMERA_PX}, 5) == 1

    return holds


def _since(tracks: Tracks, before: Tracks) -> Tracks:
    """As `tracks`, with the packets and frames since then. A connection uses a track again for the next picture."""
    counted = {}
    for name, track in tracks.items():
        old = before.get(name, {"packets": 0, "frames": 0})
        counted[name] = track | {key: track[key] - old[key] for key in ("packets", "frames")}
    return counted


def _sound_packets(tracks: Tracks) -> int:
    """Packets of sound received."""
    return packets({name: track for name, track in tracks.items() if track["kind"] == "audio"})


def _tiles(one: Colleague) -> Locator:
    return one.page.get_by_role("list", name="Teilnehmende").get_by_role("listitem")


async def _leave(*leaving: Colleague) -> None:
    for one in leaving:
        await one.controls().get_by_role("button", name="Verlassen").click()
        await expect(one.box()).to_be_visible()


async def _ids(*people: Colleague) -> list[str]:
    return sorted([(await one.ask("GET", "/me"))["person"]["id"] for one in people])


async def _inside(one: Colleague, room: dict[str, Any]) -> list[str]:
    """Who is in the room's call, as the server tells everybody."""
    state = await one.ask("GET", f"/rooms/{room['id']}/state")
    call = state["state"]["calls"]["call"]
    return sorted(call["person_ids"]) if call else []
