# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whoever is sent back without a session reads why."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.e2e.reach import everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def test_a_refused_sign_in_says_why_once(office: Office) -> None:
    page = (await office.arrive("Jonas Hartmann")).page
    await page.goto(office.ministry.origin + "/auth/callback?code=x&state=y")
    why = page.get_by_role("alert")
    await expect(why).to_contain_text("Die Anmeldung hat zu lange gedauert oder wurde anderswo begonnen.")
    assert page.url == office.ministry.origin + "/"
    assert "\n".join(await everywhere(page, "refused")) == ""
    await page.get_by_role("button", name="English").click()
    await expect(why).to_contain_text("Signing in took too long or was begun elsewhere.")
    await page.reload()
    await expect(page.get_by_role("link", name="Sign in with your work account")).to_be_visible()
    await expect(why).to_have_count(0)


@pytest.mark.parametrize("reason", ["constructor", "toString", "", "x" * 400])
async def test_a_reason_that_nobody_knows_is_any_other(office: Office, reason: str) -> None:
    page = (await office.arrive("Jonas Hartmann")).page
    await page.goto(f"{office.ministry.origin}/?login=failed&reason={reason}")
    await expect(page.get_by_role("alert")).to_contain_text("Die Anmeldung ist nicht gelungen.")
