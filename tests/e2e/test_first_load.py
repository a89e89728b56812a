# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the browser has to fetch before somebody can write, and how long that takes."""

import gzip

import pytest
from playwright.async_api import Response, expect

from tests.e2e.office import Office

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
BUDGET_KIB = 120


async def test_little_is_loaded_before_one_can_write(office: Office, figures: dict[str, float]) -> None:
    ada = await office.colleague("Claudia Weber")
    room = await office.room(ada)
    scripts: list[Response] = []
    fresh = await ada.context.new_page()
    fresh.on("response", lambda response: scripts.append(response) if response.url.endswith(".js") else None)
    cache = await ada.context.new_cdp_session(fresh)
    await cache.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await fresh.goto(f"{office.ministry.origin}/r/{room['id']}")
    await expect(fresh.get_by_role("textbox", name="Nachricht an")).to_be_editable()
    figures["ms from the address to usable chat, empty cache"] = await fresh.evaluate("performance.now()")
    kib = sum([len(gzip.compress(await script.body())) for script in scripts]) / 1024
    figures["KiB of JavaScript (gzip) until usable chat"] = kib
    assert 0 < kib <= BUDGET_KIB
