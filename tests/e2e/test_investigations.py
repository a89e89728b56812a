# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A suspicion, from the question to the dialog that tells the person concerned: three people, three browsers."""

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import WAIT_MS, Colleague
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
IVO, GUS, CONCERNED, OTHER = "Mehmet Yıldız", "Linh Nguyen", "Tobias Lenz", "Claudia Weber"
REASON, REFERENCE, SENTENCE = "Weitergabe von Angebotsunterlagen", "Z 1 - 04/26", "Der Verdacht ist belegt."


async def _to_area(one: Colleague) -> None:
    areas = one.page.get_by_role("navigation", name="Bereiche", exact=True)
    await areas.get_by_role("link", name="Einsicht").click()
    await expect(one.page.get_by_role("heading", name="Einsicht in Nachrichten")).to_be_visible()


async def _ask(ivo: Colleague) -> None:
    """By keys alone; the person is of a department that the investigator does not see."""
    page, keys = ivo.page, Keyboard(ivo.page)
    await keys.use(page.get_by_role("button", name="Einsicht beantragen"))
    dialog = page.get_by_role("dialog", name="Einsicht beantragen")
    await dialog.get_by_role("combobox", name="Person").press_sequentially("tobias")
    await expect(dialog.get_by_role("option", name=CONCERNED)).to_be_visible()
    await keys.press("Enter")
    await expect(dialog.get_by_text(CONCERNED)).to_be_visible()
    await keys.lands("chose a person")
    await keys.to(dialog.get_by_label("Aktenzeichen"))
    await keys.type(REFERENCE)
    await keys.to(dialog.get_by_label("Konkreter Verdacht"))
    await keys.type(REASON)
    assert await everywhere(page, "asking") == []
    await keys.use(dialog.get_by_role("button", name="Beantragen", exact=True))
    await expect(dialog).to_be_hidden()
    await keys.lands("asked")
    assert keys.faults == []


async def test_two_read_for_a_time_and_the_third_is_told(office: Office) -> None:
    tobias = await office.colleague(CONCERNED, reduced_motion="reduce")
    ada = await office.colleague(OTHER)
    room = await tobias.ask("POST", "/rooms", {"name": "Vergabe 7"})
    await tobias.post(room, "Das Angebot liegt bei **80.000** Euro")
    ivo = await office.colleague(IVO, reduced_motion="reduce")
    gus = await office.colleague(GUS, reduced_motion="reduce")
    for nobody in (ada, tobias):
        await expect(nobody.page.get_by_role("link", name="Einsicht")).to_have_count(0)

    await _to_area(ivo)
    await _ask(ivo)
    entry = ivo.page.get_by_role("listitem", name=CONCERNED).first
    await expect(entry).to_contain_text("wartet auf Entscheidung")
    await expect(entry.get_by_role("button", name="lesen")).to_have_count(0)

    await _to_area(gus)
    await expect(gus.page.get_by_role("button", name="Einsicht beantragen")).to_have_count(0)
    decided = gus.page.get_by_role("listitem", name=CONCERNED).first
    await expect(decided).to_contain_text(REASON)
    assert await everywhere(gus.page, "list of investigations") == []
    await decided.get_by_role("button", name=f"Über die Einsicht zu {CONCERNED} entscheiden").click()
    dialog = gus.page.get_by_role("dialog")
    await dialog.get_by_label("Begründung der Entscheidung").fill(SENTENCE)
    assert await everywhere(gus.page, "deciding") == []
    await dialog.get_by_role("button", name="Genehmigen").click()
    await expect(decided).to_contain_text("offen")
    await expect(decided).to_contain_text(SENTENCE)

    await expect(entry).to_contain_text("offen", timeout=WAIT_MS)  # he looks on: nobody has to ask anew
    await entry.get_by_role("button", name=f"Nachrichten von {CONCERNED} lesen").click()
    await expect(ivo.page.get_by_role("heading", name=f"Nachrichten von {CONCERNED}")).to_be_visible()
    read = ivo.page.get_by_role("list", name="Nachrichten").get_by_role("listitem")
    await expect(read.filter(has_text="80.000")).to_have_count(1)
    await expect(read.filter(has_text="80.000")).to_contain_text("Vergabe 7")
    assert await everywhere(ivo.page, "reading") == []
    await expect(tobias.page.get_by_role("dialog")).to_have_count(0)

    await decided.get_by_role("button", name=f"Einsicht zu {CONCERNED} beenden").click()
    await gus.page.get_by_role("dialog").get_by_role("button", name="Beenden").click()
    await expect(decided).to_contain_text("beendet")
    await expect(decided).to_contain_text("Gelesene Seiten")
    await ivo.page.get_by_role("button", name="Zurück zur Liste").click()
    await expect(entry).to_contain_text("beendet")
    await expect(entry.get_by_role("button")).to_have_count(0)

    await _is_told(tobias)


async def _is_told(tobias: Colleague) -> None:
    """At once, until it is confirmed, and readable after that."""
    page, keys = tobias.page, Keyboard(tobias.page)
    dialog = page.get_by_role("dialog", name="Einsicht in Ihre Nachrichten")
    await expect(dialog).to_contain_text(REASON)
    for words in (IVO, GUS, REFERENCE, "1 Seite"):
        await expect(dialog).to_contain_text(words)
    assert await everywhere(page, "being told") == []
    await keys.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("In Ihre Nachrichten wurde Einsicht genommen.")).to_be_visible()
    assert await everywhere(page, "told, not confirmed") == []
    await page.reload()
    await expect(dialog).to_contain_text(REASON)
    await keys.use(dialog.get_by_role("button", name="Ich habe das gelesen"))
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_text("In Ihre Nachrichten wurde Einsicht genommen.")).to_be_hidden()
    await page.reload()
    await expect(tobias.rooms()).to_be_visible()
    await page.get_by_role("button", name=f"Konto {CONCERNED}").click()
    await page.get_by_role("menuitem", name="Einsicht in meine Nachrichten").click()
    await expect(dialog).to_contain_text("von Ihnen gelesen")
    await expect(dialog.get_by_role("button", name="Ich habe das gelesen")).to_have_count(0)


async def test_english_says_the_same_of_investigations(office: Office) -> None:
    gus = await office.colleague(GUS, reduced_motion="reduce")
    page = gus.page
    await page.get_by_role("button", name=f"Konto {GUS}").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_role("navigation", name="Areas", exact=True).get_by_role("link", name="Access").click()
    await expect(page.get_by_role("heading", name="Access to messages")).to_be_visible()
    await expect(page.get_by_text("Only for a concrete suspicion")).to_be_visible()
