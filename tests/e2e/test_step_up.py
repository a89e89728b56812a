# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What needs a stronger sign-in says so, leads to one, and back to where one was."""

import json
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import WAIT_MS, Colleague
from tests.e2e.ministry import Ministry
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
STRONG = {"admin.*": "mfa", "label:confidential": "mfa"}
SECRET = "Nur mit zweitem Faktor zu lesen"


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    settings = {
        "FACHWERK_IDENTITY__ACR_ORDER": json.dumps(["demo", "mfa"]),
        "FACHWERK_IDENTITY__STEP_UP": json.dumps(STRONG),
    }
    with Ministry(tmp_path_factory.mktemp("strong"), **settings) as running:
        yield running


@pytest.fixture(autouse=True)
def refusals_are_expected(office: Office) -> Iterator[None]:
    """The browser's console notes each of them."""
    yield
    for one in office.colleagues:
        one.faults[:] = [fault for fault in one.faults if "status of 403" not in fault]


async def sign_in_more_strongly(office: Office, who: Colleague) -> None:
    """Follow the link, and show at the sign-in service who one is."""
    await who.page.get_by_role("link", name="Stärker anmelden").click()
    await who.page.get_by_role("radio", name=who.name).check()
    await who.page.get_by_label("Kennwort").fill(office.ministry.password)
    await who.page.get_by_role("button", name="Anmelden").click()


async def test_an_administrator_is_asked_for_more_and_comes_back(office: Office) -> None:
    anna = await office.colleague("Anna Brandt", reduced_motion="reduce")
    page = anna.page
    keys = Keyboard(page)
    await keys.use(page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Verwalten"))
    dialog = page.get_by_role("dialog", name="Stärkere Anmeldung nötig")
    await expect(dialog).to_be_visible()
    assert "\n".join(await everywhere(page, "step-up")) == ""
    await keys.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("alert")).to_contain_text("Dafür reicht Ihre Anmeldung nicht aus.")
    await page.reload()
    await sign_in_more_strongly(office, anna)
    await expect(page.get_by_role("heading", name="Verwaltung")).to_be_visible(timeout=WAIT_MS)
    await expect(page.get_by_role("tabpanel", name="Übersicht")).to_contain_text("Personen")
    await expect(dialog).to_have_count(0)


async def test_a_room_that_is_labelled_confidential_wants_a_stronger_sign_in(office: Office) -> None:
    claudia, jonas = await office.colleague("Claudia Weber"), await office.colleague("Jonas Hartmann")
    room = await office.room(claudia, jonas)
    for one in (claudia, jonas):
        await one.open_room(room["name"])
    await claudia.write(SECRET)
    await jonas.sees(SECRET)
    await claudia.ask("PUT", f"/rooms/{room['id']}/label", {"label": "confidential"})
    for one in (claudia, jonas):
        link = one.page.get_by_role("link", name="Stärker anmelden")
        await expect(link).to_be_visible()
        await expect(one.page.get_by_role("main").get_by_text(SECRET)).to_have_count(0)
    await jonas.page.reload()
    await expect(jonas.page.get_by_role("link", name="Stärker anmelden")).to_be_visible()
    await expect(jonas.page.get_by_role("main").get_by_text(SECRET)).to_have_count(0)
    assert "\n".join(await everywhere(jonas.page, "shut")) == ""
    await sign_in_more_strongly(office, jonas)
    await jonas.sees(SECRET)
    await jonas.write("Gelesen")
    await expect(claudia.page.get_by_role("main").get_by_text("Gelesen")).to_have_count(0)
    await sign_in_more_strongly(office, claudia)
    await claudia.sees("Gelesen")
