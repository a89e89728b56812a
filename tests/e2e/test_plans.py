# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The administrator makes a department from a table: faults first, then the plan, then the rooms; and takes it back."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from tests.e2e.colleague import LOGINS, Colleague
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere
from tests.e2e.whole_stack import WholeStack

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADMIN, JONAS = "Anna Brandt", "Jonas Hartmann"
NEW = "Referat II 9 – Probe"
TABLE = (
    "kind;key;name;given_name;parent;email;lead\n"
    "department;Haus;Ministerium für Digitales;;;;\n"
    "department;II;Abteilung II – Digitalisierung;;Haus;;\n"
    "department;II 3;Referat II 3 – E-Akte;;II;;\n"
    f"department;II 9;{NEW};;II;;\n"
    "person;jonas.hartmann;Hartmann;Jonas;II 3;;\n"
    "person;jonas.hartmann;Hartmann;Jonas;II 9;;\n"
)


def _file(content: str) -> FilePayload:
    return {"name": "haus.csv", "mimeType": "text/csv", "buffer": content.encode()}


async def _open(admin: Colleague, origin: str) -> Page:
    page = admin.page
    await page.goto(origin + "/admin")
    await page.get_by_role("tab", name="Pläne").click()
    await expect(page.get_by_role("heading", name="Neuer Plan")).to_be_visible()
    return page


async def _rooms(jonas: Colleague) -> list[Any]:
    return [room["name"] for room in (await jonas.ask("GET", "/rooms"))["items"]]


async def _faults(page: Page, keys: Keyboard) -> None:
    """Nothing is sent without a file, and what is wrong with one is told by its line."""
    look = page.get_by_role("button", name="Plan ansehen")
    await keys.use(look)
    await expect(page.get_by_text("Bitte wählen Sie erst eine Datei.")).to_be_visible()
    await page.get_by_label("Datei", exact=True).set_input_files(_file(TABLE.replace(";II 9;;\n", ";II 8;;\n")))
    await keys.use(look)
    await expect(page.get_by_text("Die Datei hat 1 Fehler. Nichts wurde geändert.")).to_be_visible()
    fault = page.get_by_role("listitem").filter(has_text="Es gibt keine Organisationseinheit II 8")
    await expect(fault).to_contain_text("Zeile 7")


async def _look(page: Page, keys: Keyboard) -> Locator:
    """The plan of a sound file, and looking for a step of it."""
    await page.get_by_label("Datei", exact=True).set_input_files(_file(TABLE))
    await keys.use(page.get_by_role("button", name="Plan ansehen"))
    draft = page.get_by_role("article", name="Plan aus haus.csv")
    steps = draft.get_by_role("list", name="Schritte: Plan aus haus.csv").get_by_role("listitem")
    await expect(steps).to_have_count(4, timeout=30_000)
    await expect(steps.first).to_contain_text(f"Organisationseinheit II 9 ({NEW}) entsteht in II")
    await expect(steps.last).to_contain_text("jonas.hartmann kommt zu II 9")
    await expect(draft.get_by_text("Zugehörigkeit neu: 1")).to_be_visible()
    await keys.to(draft.get_by_label("Suchen"))
    await keys.type("jonas")
    await expect(steps).to_have_count(1)
    return draft


async def _carry_out(page: Page, keys: Keyboard, draft: Locator) -> Locator:
    """Have it carried out; the plan in the history."""
    await keys.use(draft.get_by_role("button", name="Umsetzen"))
    question = page.get_by_role("dialog", name="4 Schritte umsetzen?")
    await keys.use(question.get_by_role("button", name="Umsetzen"))
    newest = page.get_by_role("region", name="Verlauf").get_by_role("listitem").first
    await expect(newest).to_contain_text("aus haus.csv")
    await expect(newest).to_contain_text(f", {ADMIN}")
    await expect(newest.get_by_text("fertig", exact=True)).to_be_visible(timeout=30_000)
    await expect(draft).to_have_count(0)
    await keys.lands("carried out")
    return newest


async def _ask_back(page: Page, keys: Keyboard, plan: Locator) -> Locator:
    """Ask how it would be taken back; the question that wants to know how much is meant."""
    await keys.use(plan.get_by_role("button", name=re.compile("zurücknehmen$")))
    back = page.get_by_role("article", name=re.compile("zurücknehmen$"))
    await expect(back.get_by_text("Organisationseinheit II 9 endet")).to_be_visible(timeout=30_000)
    await keys.use(back.get_by_role("button", name="Umsetzen"))
    question = page.get_by_role("dialog", name="4 Schritte umsetzen?")
    await expect(question.get_by_role("button", name="Umsetzen")).to_be_disabled()
    return question


async def _take_back(page: Page, keys: Keyboard, plan: Locator, question: Locator) -> None:
    """Confirm it; it is done."""
    await keys.to(question.get_by_label("Zur Bestätigung die Zahl 4 eingeben"))
    await keys.type("4")
    await keys.use(question.get_by_role("button", name="Umsetzen"))
    await expect(plan).to_contain_text(re.compile(r"nimmt Plan \d+ zurück"))
    await expect(plan.get_by_text("fertig", exact=True)).to_be_visible(timeout=30_000)


async def test_a_department_is_made_from_a_table_and_taken_back_by_keyboard(office: Office) -> None:
    jonas = await office.colleague(JONAS)
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = await _open(admin, office.ministry.origin)
    keys = Keyboard(page)
    await _faults(page, keys)
    reached = await everywhere(page, "faults")
    draft = await _look(page, keys)
    assert NEW not in await _rooms(jonas), "a plan changes nothing"
    reached += await everywhere(page, "draft")
    plan = await _carry_out(page, keys, draft)
    await expect(jonas.rooms().get_by_text(NEW, exact=True)).to_be_visible()

    await keys.use(plan.get_by_role("button", name=re.compile(r"^Plan \d+$")))
    done = plan.get_by_role("list", name=re.compile("^Schritte: Plan")).get_by_role("listitem")
    await expect(done).to_have_count(4)
    reached += await everywhere(page, "done")
    question = await _ask_back(page, keys, plan)
    reached += await everywhere(page, "question")
    await _take_back(page, keys, plan, question)
    await expect(jonas.rooms().get_by_text(NEW, exact=True)).to_have_count(0)
    assert "Referat II 3 – E-Akte" in await _rooms(jonas)
    assert "\n".join(keys.faults + reached) == ""


async def test_it_is_so_in_keycloak_too(whole_stack: WholeStack, browser: Browser) -> None:
    """The same, where the worker has Keycloak changed by an account with the least rights."""
    admin, jonas = [
        await Colleague.sign_in(browser, whole_stack.origin, name, whole_stack.password, reduced_motion="reduce")
        for name in (ADMIN, JONAS)
    ]
    before = await asyncio.to_thread(whole_stack.groups_of, LOGINS[JONAS])
    page = await _open(admin, whole_stack.origin)
    keys = Keyboard(page)
    draft = await _look(page, keys)
    assert await asyncio.to_thread(whole_stack.groups_of, LOGINS[JONAS]) == before, "a plan changes nothing"
    plan = await _carry_out(page, keys, draft)
    await expect(jonas.rooms().get_by_text(NEW, exact=True)).to_be_visible()
    now = await asyncio.to_thread(whole_stack.groups_of, LOGINS[JONAS])
    assert now == sorted([*before, "/departments/Haus/II/II 9"])

    await keys.use(plan.get_by_role("button", name=re.compile(r"^Plan \d+$")))
    await _take_back(page, keys, plan, await _ask_back(page, keys, plan))
    await expect(jonas.rooms().get_by_text(NEW, exact=True)).to_have_count(0)
    assert await asyncio.to_thread(whole_stack.groups_of, LOGINS[JONAS]) == before
    for one in (admin, jonas):
        await one.context.close()
        assert one.faults == []


async def test_a_plan_is_discarded_in_english(office: Office) -> None:
    admin = await office.colleague(ADMIN)
    page = await _open(admin, office.ministry.origin)
    await page.get_by_role("button", name=f"Konto {ADMIN}").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_label("File", exact=True).set_input_files(_file(TABLE))
    await page.get_by_role("button", name="Look at the plan").click()
    draft = page.get_by_role("article", name="Plan from haus.csv")
    await expect(draft.get_by_text(f"Department II 9 ({NEW}) is made in II")).to_be_visible(timeout=30_000)
    await draft.get_by_role("button", name="Discard the plan from haus.csv").click()
    await expect(draft).to_have_count(0)
