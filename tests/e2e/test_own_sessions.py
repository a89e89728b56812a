# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody sees where they are signed in and ends what they do not need, by keys alone."""

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.office import Office
from tests.e2e.reach import everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ANNA = "Anna Brandt"


async def test_a_session_on_another_device_is_seen_and_ended(office: Office) -> None:
    desk = await office.colleague(ANNA, reduced_motion="reduce")
    phone, lost = await office.colleague(ANNA), await office.colleague(ANNA)
    page = desk.page
    dialog = page.get_by_role("dialog", name="Meine Anmeldungen")
    await page.get_by_role("button", name=f"Konto {ANNA}").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("M")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("diese Anmeldung")).to_have_count(1)
    rows = dialog.get_by_role("listitem")
    before = await rows.count()
    assert before >= 3
    assert await everywhere(page, "own sessions") == []

    listed = (await phone.ask("GET", "/me/sessions"))["items"]
    place = next(number for number, session in enumerate(listed) if session["current"])
    await _press(rows.nth(place).get_by_role("button"))
    await expect(phone.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()
    await expect(rows).to_have_count(before - 1)
    await expect(page.locator("dialog:focus-within")).to_be_visible()
    await expect(lost.rooms()).to_be_visible()

    await _press(dialog.get_by_role("button", name="Alle anderen beenden"))
    await expect(rows).to_have_count(1)
    await expect(dialog.get_by_text("Sie sind nur hier angemeldet.")).to_be_visible()
    await expect(lost.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await desk.open_room("Onboarding")


async def _press(button: Locator) -> None:
    await button.focus()
    await button.press("Enter")
