# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The auditor finds out who did what, by keyboard and on a phone; for everybody else there is no such place."""

import asyncio
import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.cli.test_audit import run
from tests.e2e.colleague import Colleague
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
AUDITOR, ADA, BEN = "Tobias Lenz", "Claudia Weber", "Jonas Hartmann"


async def _read(office: Office) -> tuple[Colleague, str]:
    """The auditor at the trail, after somebody made a room. Returns that room's id."""
    ada, ben = await office.colleague(ADA), await office.colleague(BEN)
    room = await office.room(ada, ben)
    await ada.ask(
        "PUT", f"/rooms/{room['id']}/members/{(await ben.ask('GET', '/me'))['person']['id']}", {"role": "reader"}
    )
    for one in (ada, ben):
        await one.context.close()
        office.colleagues.remove(one)
    auditor = await office.colleague(AUDITOR, reduced_motion="reduce")
    return auditor, room["id"]


async def test_an_auditor_filters_the_trail_by_keyboard_and_takes_it_away(office: Office, tmp_path: Path) -> None:
    auditor, room = await _read(office)
    page = auditor.page
    keys = Keyboard(page)
    await keys.use(page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Protokoll"))
    await expect(page.get_by_role("heading", name="Protokoll")).to_be_visible()
    entries = page.get_by_role("list", name="Einträge").get_by_role("listitem")
    changed = entries.filter(has_text="hat eine Rolle im Raum geändert").filter(has_text=room[-8:])
    await expect(changed).to_have_count(1)
    await expect(changed).to_contain_text(f"Person: {BEN}")
    await keys.use(changed.get_by_role("button", name=f"Nur Handlungen an: Raum …{room[-8:]}"))
    await expect(entries.filter(has_text="hat sich angemeldet")).to_have_count(0)
    await expect(entries.filter(has_text="hat einen Raum angelegt")).to_have_count(1)
    await keys.lands("filtered by a thing")
    await page.get_by_label("Handlung", exact=True).select_option(label="hat in einen Raum eingeladen")
    await expect(entries).to_have_count(1)
    chip = page.get_by_role("button", name=f"Filter „Gegenstand: Raum …{room[-8:]}“ entfernen")
    await keys.use(chip)
    await expect(chip).to_be_hidden()
    await keys.lands("left a filter")
    await page.get_by_label("Handlung", exact=True).select_option(label="hat das Protokoll gelesen")
    await expect(
        entries.filter(has_text=AUDITOR).filter(has_text="Handlung: hat in einen Raum eingeladen").first
    ).to_be_visible()
    async with page.expect_download() as download:
        await keys.to(page.get_by_role("button", name="Herunterladen (JSON Lines)"), key="Shift+Tab")
        await keys.press("Enter")
    file = tmp_path / (await download.value).suggested_filename
    await (await download.value).save_as(file)
    assert json.loads(file.read_text().splitlines()[-1])["action"] == "audit.export"
    verified = await asyncio.to_thread(run, "sqlite+aiosqlite:////nowhere/x.db", "verify", "--file", str(file))
    assert verified.exit_code == 0, verified.output
    assert "\n".join(keys.faults) == ""


async def test_the_trail_keeps_nobody_out_and_comes_page_by_page(office: Office) -> None:
    auditor, _ = await _read(office)
    page = auditor.page
    for _ in range(110):
        await auditor.ask("GET", "/audit?limit=1")
    await page.goto(office.ministry.origin + "/audit")
    entries = page.get_by_role("list", name="Einträge").get_by_role("listitem")
    await expect(entries).to_have_count(50)
    await page.get_by_role("button", name="Ältere laden").click()
    await expect(entries).to_have_count(100)
    await entries.first.get_by_role("button", name=f"Nur Handlungen von {AUDITOR}").click()
    await expect(page.get_by_role("button", name=f"Filter „Person: {AUDITOR}“ entfernen")).to_be_visible()
    found = await everywhere(page, "audit trail")
    await page.get_by_label("Bis").fill("2020-01-01")
    await page.get_by_label("Bis").dispatch_event("change")
    await expect(page.get_by_text("Keine Einträge.")).to_be_visible()
    found += await everywhere(page, "empty trail")
    assert "\n".join(found) == ""


async def test_nobody_else_has_such_a_place(office: Office) -> None:
    ada = await office.colleague(ADA)
    await expect(ada.page.get_by_role("link", name="Protokoll")).to_have_count(0)
    await ada.page.goto(office.ministry.origin + "/audit")
    await expect(ada.rooms()).to_be_visible()
    await expect(ada.page.get_by_role("heading", name="Protokoll")).to_have_count(0)


async def test_english_says_the_same_of_the_trail(office: Office) -> None:
    auditor, room = await _read(office)
    page = auditor.page
    await page.get_by_role("button", name=f"Konto {AUDITOR}").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_role("link", name="Audit").click()
    entries = page.get_by_role("list", name="Entries").get_by_role("listitem")
    await expect(entries.filter(has_text="changed a role in a room").filter(has_text=room[-8:])).to_have_count(1)
    await expect(page.get_by_label("Act", exact=True)).to_be_visible()
