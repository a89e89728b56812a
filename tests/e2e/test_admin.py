# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The administrator looks over the house and signs somebody out, by keys alone and on a phone."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADMIN, LINH, JONAS = "Anna Brandt", "Linh Nguyen", "Jonas Hartmann"


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).click()
    await expect(page.get_by_role("tabpanel", name=name)).to_be_visible()


async def test_an_administrator_signs_somebody_out_by_keyboard(office: Office) -> None:
    linh = await office.colleague(LINH)
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = admin.page
    keys = Keyboard(page)
    await keys.use(page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Verwalten"))
    await expect(page.get_by_role("heading", name="Verwaltung")).to_be_visible()
    await keys.to(page.get_by_role("tab", name="Übersicht"))
    await keys.press("ArrowRight")
    await expect(page.get_by_role("tabpanel", name="Organisation")).to_be_visible()
    tree = page.get_by_role("list", name="Organisationseinheiten")
    below = tree.get_by_role("list", name="Abteilung II – Digitalisierung").get_by_role("listitem")
    await expect(below.filter(has_text="Referat II 3 – E-Akte")).to_contain_text("Leitung: Claudia Weber")
    await keys.use(below.get_by_role("button", name="Referat II 3 – E-Akte: 3 Personen zeigen"))
    rows = page.get_by_role("table", name="Personen").get_by_role("row")
    await expect(rows).to_have_count(1 + 3)
    await keys.lands("went to the people of a department")
    await keys.to(page.get_by_label("Name"))
    await keys.type("NGUYEN")
    await expect(rows).to_have_count(1 + 1)
    await expect(rows.last).to_contain_text(re.compile(r"\d Anmeldung"))
    await keys.use(rows.last.get_by_role("button", name=f"{LINH} überall abmelden"))
    question = page.get_by_role("dialog", name=f"{LINH} überall abmelden?")
    await keys.use(question.get_by_role("button", name="Abbrechen"))
    await expect(question).to_be_hidden()
    await expect(linh.rooms()).to_be_visible()
    again = rows.last.get_by_role("button", name=f"{LINH} überall abmelden")
    await expect(again).to_be_focused()
    await keys.lands("did not sign out")
    await keys.press("Enter")
    await keys.use(question.get_by_role("button", name="Überall abmelden"))
    await expect(linh.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()
    await expect(rows.last).to_contain_text("nicht angemeldet")
    await keys.lands("signed out")
    assert "\n".join(keys.faults) == ""


async def test_a_department_is_opened_by_keyboard_and_its_people_are_found(office: Office) -> None:
    tobias = await office.colleague("Tobias Lenz")
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = admin.page
    one, to = "Referat II 4 – Schulung", "Abteilung Z – Zentrale Dienste"

    async def found() -> list[str]:
        return [card["name"] for card in (await tobias.ask("GET", "/people?q=mehmet"))["items"]]

    assert await found() == []
    await page.goto(office.ministry.origin + "/admin")
    await _tab(page, "Organisation")
    keys = Keyboard(page)
    await expect(page.get_by_text("Nichts ist darüber hinaus geöffnet.")).to_be_visible()
    await keys.use(page.get_by_role("button", name="Organisationseinheit öffnen"))
    question = page.get_by_role("dialog", name="Organisationseinheit öffnen")
    await keys.to(question.get_by_label("Wer gefunden werden soll"))
    await keys.type("Referat II 4")
    await keys.to(question.get_by_label("Von wem"))
    await keys.type("Abteilung Z")
    await expect(question.get_by_role("status")).to_contain_text(f"findet dann alle aus {one}")
    reached = await everywhere(page, "question")
    await keys.use(question.get_by_role("button", name="Öffnen", exact=True))
    line = page.get_by_role("list", name="Für andere geöffnet").get_by_role("listitem")
    await expect(line).to_contain_text(f"{one} ist zu finden für {to}")
    await keys.lands("opened")
    assert await found() == ["Mehmet Yıldız"]
    reached += await everywhere(page, "open")
    await keys.use(line.get_by_role("button", name=f"{one} für {to} schließen"))
    await expect(page.get_by_text("Nichts ist darüber hinaus geöffnet.")).to_be_visible()
    await keys.lands("closed")
    assert await found() == []
    assert "\n".join(keys.faults + reached) == ""


async def test_every_part_keeps_nobody_out(office: Office) -> None:
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = admin.page
    await page.goto(office.ministry.origin + "/admin")
    await expect(page.get_by_role("term").filter(has_text="Laufende Anmeldungen")).to_be_visible()
    found = await everywhere(page, "overview")
    shown = {
        "Organisation": page.get_by_text("Referat II 3 – E-Akte"),
        "Personen": page.get_by_role("rowheader", name=JONAS),
        "Rechte": page.get_by_role("rowheader", name="das Protokoll lesen und herunterladen"),
        "Pläne": page.get_by_role("heading", name="Neuer Plan"),
    }
    for name, content in shown.items():
        await _tab(page, name)
        await expect(content).to_be_visible()
        found += await everywhere(page, name)
    await _tab(page, "Personen")
    await page.get_by_role("button", name=f"{ADMIN} überall abmelden").click()
    await expect(page.get_by_text("Das sind Sie selbst")).to_be_visible()
    found += await everywhere(page, "question")
    assert "\n".join(found) == ""


async def test_nobody_else_has_such_a_place(office: Office) -> None:
    jonas = await office.colleague(JONAS)
    await expect(jonas.page.get_by_role("link", name="Verwalten")).to_have_count(0)
    await jonas.page.goto(office.ministry.origin + "/admin")
    await expect(jonas.rooms()).to_be_visible()
    await expect(jonas.page.get_by_role("heading", name="Verwaltung")).to_have_count(0)


async def test_english_says_the_same(office: Office) -> None:
    admin = await office.colleague(ADMIN)
    page = admin.page
    await page.get_by_role("button", name=f"Konto {ADMIN}").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_role("link", name="Admin").click()
    await _tab(page, "Rights")
    rule = page.get_by_role("row", name="read and download the audit trail")
    await expect(rule).to_contain_text("audit")
    await expect(rule).to_contain_text("that they may not")
    await _tab(page, "People")
    await expect(page.get_by_role("row", name=ADMIN)).to_contain_text("administration")


async def test_a_room_gets_a_narrower_label_from_outside_by_keyboard(office: Office) -> None:
    tobias = await office.colleague("Tobias Lenz")
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    room = await office.room(tobias)
    page = admin.page
    await page.goto(office.ministry.origin + "/admin")
    await _tab(page, "Räume")
    keys = Keyboard(page)
    rows = page.get_by_role("table", name="Räume").get_by_role("row")
    await keys.to(page.get_by_label("Name"))
    await keys.type(room["name"])
    await expect(rows).to_have_count(1 + 1)
    await expect(rows.last).to_contain_text("Tobias Lenz")
    reached = await everywhere(page, "rooms")
    await keys.use(rows.last.get_by_role("button", name=f"{room['name']} enger kennzeichnen"))
    question = page.get_by_role("dialog", name=f"„{room['name']}“ enger kennzeichnen")
    await expect(question.get_by_label("Kennzeichnung")).to_have_value("internal")
    reached += await everywhere(page, "question")
    await keys.use(question.get_by_role("button", name="Kennzeichnen"))
    await expect(rows.last).to_contain_text("Intern")
    await keys.lands("labelled")
    assert (await tobias.ask("GET", f"/rooms/{room['id']}/state"))["room"]["label"] == "internal"
    await page.get_by_label("Zustand").select_option("unled")
    await expect(page.get_by_text("Kein Raum gefunden.")).to_be_visible()
    await keys.to(page.get_by_label("Name"))
    await page.get_by_label("Name").fill("Ministerium für Digitales")
    await keys.use(page.get_by_role("button", name="Ministerium für Digitales übergeben"))
    question = page.get_by_role("dialog", name="Wer leitet künftig „Ministerium für Digitales“?")
    await expect(question.get_by_text("Niemand kommt in Frage.")).to_be_visible()
    reached += await everywhere(page, "hand over")
    await keys.use(question.get_by_role("button", name="Abbrechen"))
    await keys.lands("did not hand over")
    assert "\n".join(keys.faults + reached) == ""
