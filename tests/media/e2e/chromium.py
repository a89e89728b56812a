# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Debian's Chromium with invented devices, one page per participant."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

EXECUTABLE = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
    "--auto-accept-this-tab-capture",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
Figures = dict[str, Any]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Tab:
    """One participant's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def figures(self) -> Figures:
        """What the page sees now."""
        figures: Figures = await self.page.evaluate("figures()")
        return figures

    async def run(self, script: str) -> Any:
        """Evaluate in the page; a promise is awaited."""
        return await self.page.evaluate(script)

    async def until(self, holds: Callable[[Figures], bool], what: str, wait_s: float = 25) -> Figures:
        """The figures once they are as wanted; fails with them after wait_s."""
        end = time.monotonic() + wait_s
        while True:
            figures = await self.figures()
            if holds(figures):
                return figures
            assert time.monotonic() < end, f"not after {wait_s} s: {what}; {figures}"
            await asyncio.sleep(0.3)


@asynccontextmanager
async def tab(browser: Browser, address: str) -> AsyncIterator[Tab]:
    """A page of its own, with nothing shared with others."""
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(address)
        yield Tab(page)
    finally:
        await context.close()


def frames(figures: Figures, track: str) -> int:
    """Decoded frames of a track like "a/camera"."""
    return int(figures["received"].get(track, {}).get("frames", 0))


def packets(figures: Figures, track: str) -> int:
    """Packets received of a track."""
    return int(figures["received"].get(track, {}).get("packets", 0))


def width(figures: Figures, track: str) -> int:
    """Width of a track's last frame."""
    return int(figures["received"].get(track, {}).get("width", 0))
