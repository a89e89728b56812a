# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Firefox and Chromium in one room: each sees and hears the other."""

import asyncio

import pytest

from tests.media.e2e.chromium import Figures, Tab, chromium, frames
from tests.media.e2e.firefox import firefox
from tests.media.e2e.site import Site
from tests.media.process import MediaProcess, access_token

pytestmark = pytest.mark.browser
WAIT_S = 60


def sees_and_hears(figures: Figures, other: str) -> bool:
    microphone = figures.get("received", {}).get(f"{other}/microphone", {})
    return "received" in figures and frames(figures, f"{other}/camera") > 60 and microphone.get("energy", 0) > 0


@pytest.mark.parametrize(
    ("dual", "settings"),
    [(0, {}), (1, {}), (0, {"udp": "false"})],
    ids=["single", "dual", "single over TCP"],
)
async def test_firefox_and_chromium_see_and_hear_each_other(site: Site, dual: int, settings: dict[str, str]) -> None:
    with MediaProcess(origins=site.origin, **settings) as media:
        page = site.page("firefox", media.ws, access_token("firefox"), dual=dual, report=1)
        async with chromium() as browser:
            tab = Tab(await browser.new_page())
            with firefox(page):
                await tab.page.goto(site.page("chromium", media.ws, access_token("chromium"), dual=dual))
                await tab.until(lambda f: sees_and_hears(f, "firefox"), "Firefox at Chromium", WAIT_S)
                async with asyncio.timeout(WAIT_S):
                    while not sees_and_hears(site.reports.get("firefox", {}), "chromium"):  # noqa: ASYNC110
                        await asyncio.sleep(0.5)  # its figures come by HTTP, to another thread
    assert site.reports["firefox"]["errors"] == []
