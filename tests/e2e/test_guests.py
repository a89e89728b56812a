# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A guest by invitation link, from the sponsor's dialog to the last page."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.colleague import Colleague
from tests.e2e.office import Office
from tests.e2e.reach import everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN, ADMIN = "Claudia Weber", "Jonas Hartmann", "Anna Brandt"
GINA, FROM = "Gina Sommer", "Planungsbüro Nord"
SOON_MS = 5_000
"""What is promised to whoever ends a guest's access."""


async def _details(sponsor: Colleague) -> Page:
    await sponsor.page.get_by_role("link", name="Raumdetails").click()
    return sponsor.page


async def _invite(sponsor: Colleague) -> str:
    """The link that the sponsor copies."""
    page = await _details(sponsor)
    await page.get_by_role("button", name="Gast einladen").click()
    dialog = page.get_by_role("dialog", name="Gast einladen")
    await dialog.get_by_label("Name", exact=True).fill(GINA)
    await dialog.get_by_label("Organisation").fill(FROM)
    assert await everywhere(page, "invitation of a guest") == []
    await dialog.get_by_role("button", name="Link erstellen").click()
    link = await dialog.get_by_label(f"Link für {GINA}").input_value()
    assert await everywhere(page, "link of a guest") == []
    await dialog.get_by_role("button", name="Fertig").click()
    await expect(dialog).to_be_hidden()
    return link


def _notice(one: Colleague, text: str) -> Locator:
    return one.page.get_by_text(text)


async def test_a_guest_comes_in_talks_finds_nobody_and_is_ended(office: Office, tmp_path: Path) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
    link = await _invite(ada)
    await expect(_notice(ben, "In diesem Raum ist ein Gast eingeladen.")).to_be_visible()

    gina = await office.arrive(GINA, reduced_motion="reduce")
    await gina.page.goto(link)
    await expect(gina.page.get_by_role("heading", name=f"Guten Tag, {GINA}")).to_be_visible()
    assert gina.page.url == office.ministry.origin + "/gast", "the secret does not stay in the address"
    await expect(gina.page.get_by_text(f"{ADA} lädt Sie als Gast in den Raum „{room['name']}“ ein.")).to_be_visible()
    assert await everywhere(gina.page, "invitation") == []
    await gina.page.get_by_role("button", name="Einladung annehmen").click()
    await expect(gina.page.get_by_role("heading", name=room["name"]).first).to_be_visible()
    await expect(_notice(ben, "In diesem Raum liest ein Gast mit.")).to_be_visible()
    await expect(_notice(gina, f"Sie sind hier Gast von {ADA}, bis")).to_be_visible()

    await gina.write("Guten Tag zusammen")
    await ben.sees("Guten Tag zusammen")
    article = ben.messages().get_by_role("article", name=f"{GINA} (Gast · {FROM})").first
    await expect(article.get_by_text(f"Gast · {FROM}")).to_be_visible()
    await ben.write("Willkommen")
    await gina.sees("Willkommen")
    plan = tmp_path / "Lageplan.txt"
    plan.write_text("Nord")
    await gina.attach(plan)
    await expect(gina.page.get_by_text("Fertig")).to_be_visible()
    await gina.write("Hier der Plan")
    await ben.sees("Lageplan.txt")

    await expect(gina.page.get_by_role("button", name="Neue Nachricht")).to_have_count(0)
    await expect(gina.page.get_by_role("button", name="Raum anlegen oder beitreten")).to_have_count(0)
    await expect(gina.page.get_by_role("link", name="Treffen starten")).to_have_count(0)
    answer = await gina.context.request.get(f"{office.ministry.origin}/api/v1/people?q=a")
    assert answer.status == 403
    assert await everywhere(gina.page, "a guest's room") == []

    page = ada.page
    await page.get_by_role("button", name="1 Gast", exact=True).click()
    dialog = page.get_by_role("dialog", name="1 Gast")
    await expect(dialog.get_by_text(f"Eingeladen von {ADA}")).to_be_visible()
    assert await everywhere(page, "guests of a room") == []
    await dialog.get_by_role("button", name=f"Gastzugang von {GINA} beenden").press("Enter")
    await dialog.get_by_role("button", name="Beenden", exact=True).press("Enter")
    over = gina.page.get_by_role("heading", name="Ihr Gastzugang ist beendet")
    await expect(over).to_be_visible(timeout=SOON_MS)
    await expect(gina.page.get_by_role("alert")).to_contain_text("Er wurde von der einladenden Person")
    assert await everywhere(gina.page, "the end of a guest") == []
    await expect(_notice(ben, "In diesem Raum liest ein Gast mit.")).to_have_count(0)
    await ben.sees("Hier der Plan")


async def test_a_link_that_was_used_and_one_that_is_none_say_so(office: Office) -> None:
    ada = await office.colleague(ADA)
    room = await office.room(ada)
    made = await ada.ask("POST", f"/rooms/{room['id']}/guests", {"name": GINA})
    gina, other = await office.arrive(GINA), await office.arrive("Gustav")
    await gina.page.goto(made["link"])
    await gina.page.get_by_role("button", name="Einladung annehmen").press("Enter")
    await expect(gina.page.get_by_role("heading", name=room["name"]).first).to_be_visible()
    await gina.page.reload()
    await expect(gina.page.get_by_role("heading", name=room["name"]).first).to_be_visible()
    await other.page.goto(made["link"])
    await expect(other.page.get_by_role("heading", name="Dieser Link wurde schon benutzt")).to_be_visible()
    assert all("status of 409" in fault for fault in other.faults), other.faults  # Chromium notes every refusal
    other.faults.clear()
    await other.page.goto(office.ministry.origin + "/gast")
    await expect(other.page.get_by_role("heading", name="Hier beginnt eine Einladung")).to_be_visible()


async def test_an_administrator_sees_all_guests_and_ends_one(office: Office) -> None:
    ada, admin = await office.colleague(ADA), await office.colleague(ADMIN, reduced_motion="reduce")
    room = await office.room(ada)
    await ada.ask("POST", f"/rooms/{room['id']}/guests", {"name": "Gustav Nord", "organisation": FROM})
    page = admin.page
    await page.goto(office.ministry.origin + "/admin")
    await page.get_by_role("tab", name="Gäste").click()
    row = page.get_by_role("row").filter(has_text="Gustav Nord")
    await expect(row).to_contain_text(FROM)
    await expect(row).to_contain_text(ADA)
    assert await everywhere(page, "all guests") == []
    await row.get_by_role("button", name="Gastzugang von Gustav Nord beenden").click()
    question = page.get_by_role("dialog", name="Gastzugang von Gustav Nord beenden?")
    await question.get_by_role("button", name="Beenden", exact=True).click()
    await expect(row).to_have_count(0)
