# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody is let administer a department by keys alone, works in it, and is dismissed while they look at it."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import Colleague
from tests.e2e.ministry import Ministry
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADMIN, JONAS = "Anna Brandt", "Jonas Hartmann"
GIVEN, BELOW, BESIDE = "Abteilung II – Digitalisierung", "Referat II 3 – E-Akte", "Abteilung Z – Zentrale Dienste"
GONE_MS = 5_000
"""Until what somebody may no longer do is no longer offered to them."""


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    """A ministry whose administrators and policies are the business of this file alone."""
    with Ministry(tmp_path_factory.mktemp("ministry")) as running:
        yield running


async def _departments(admin: Colleague) -> dict[str, str]:
    return {unit["name"]: unit["id"] for unit in (await admin.ask("GET", "/admin/departments"))["items"]}


async def _appoint(admin: Colleague, colleague: Colleague) -> str:
    """Past the page; returns the path of the appointment."""
    person = (await colleague.ask("GET", "/me"))["person"]["id"]
    path = f"/admin/departments/{(await _departments(admin))[GIVEN]}/administrators/{person}"
    await admin.ask("PUT", path, {"until": None})
    return path


async def _dismiss_all(admin: Colleague) -> None:
    """Whatever other tests have left."""
    for unit in (await admin.ask("GET", "/admin/departments"))["items"]:
        for one in unit["admins"]:
            await admin.ask("DELETE", f"/admin/departments/{unit['id']}/administrators/{one['person_id']}")


async def test_a_department_is_given_to_somebody_and_taken_back_by_keyboard(office: Office) -> None:
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    await _dismiss_all(admin)
    jonas = await office.colleague(JONAS, reduced_motion="reduce")
    place = jonas.page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Verwalten")
    await expect(place).to_have_count(0)
    page = admin.page
    await page.goto(office.ministry.origin + "/admin")
    await page.get_by_role("tab", name="Organisation").click()
    keys = Keyboard(page)
    await keys.use(page.get_by_role("button", name=f"{GIVEN}: Verwaltung"))
    dialog = page.get_by_role("dialog", name=f"{GIVEN}: Verwaltung")
    await expect(dialog.get_by_text("Niemand ist eigens dafür ernannt.")).to_be_visible()
    await keys.to(dialog.get_by_role("combobox", name="Wer die Einheit verwalten soll"))
    await keys.type("hartmann")
    await expect(dialog.get_by_role("option", name=JONAS)).to_be_visible()
    await expect(dialog.get_by_role("option")).to_have_count(1)
    reached = await everywhere(page, "whom")
    await keys.press("Enter")
    await keys.to(dialog.get_by_label("Letzter Tag (freiwillig)"))
    await dialog.get_by_label("Letzter Tag (freiwillig)").fill("2027-03-31")
    reached += await everywhere(page, "until when")
    await keys.use(dialog.get_by_role("button", name="Ernennen"))
    await expect(dialog.get_by_role("listitem")).to_contain_text(f"{JONAS} (bis 31.03.2027)")
    await keys.lands("appointed")
    await expect(place).to_be_visible(timeout=GONE_MS)
    await keys.press("Escape")
    row = page.get_by_role("listitem").filter(has_text=GIVEN).last
    await expect(row).to_contain_text(f"Verwaltung: {JONAS} (bis 31.03.2027)")
    await place.click()
    await expect(jonas.page.get_by_text(f"Sie verwalten {GIVEN} (bis 31.03.2027), mit allem darunter.")).to_be_visible()
    await keys.use(page.get_by_role("button", name=f"{GIVEN}: Verwaltung"))
    await keys.use(dialog.get_by_role("button", name=f"Verwaltung durch {JONAS} beenden"))
    await expect(dialog.get_by_text("Niemand ist eigens dafür ernannt.")).to_be_visible()
    await keys.lands("dismissed")
    await expect(place).to_have_count(0, timeout=GONE_MS)
    await expect(jonas.page.get_by_text("„Verwalten“ steht Ihnen nicht mehr offen.").first).to_be_visible()
    await expect(jonas.page.get_by_role("heading", name="Verwaltung")).to_have_count(0)
    await expect(jonas.rooms()).to_be_visible()
    assert "\n".join(keys.faults + reached) == ""


async def test_whoever_administers_a_department_sees_and_sets_what_is_theirs(office: Office) -> None:
    admin, jonas = await office.colleague(ADMIN), await office.colleague(JONAS, reduced_motion="reduce")
    appointment = await _appoint(admin, jonas)
    page = jonas.page
    keys = Keyboard(page)
    await keys.use(page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Verwalten"))
    await expect(page.get_by_role("tab")).to_have_text(
        ["Organisation", "Personen", "Gäste", "Räume", "Richtlinien", "Rechte"]
    )
    tree = page.get_by_role("list", name="Organisationseinheiten")
    await expect(tree).to_contain_text(BELOW)
    await expect(tree).not_to_contain_text(BESIDE)
    await expect(page.get_by_role("button", name="Organisationseinheit öffnen")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"{GIVEN}: Verwaltung")).to_have_count(0)
    reached = await everywhere(page, "departments")
    await keys.to(page.get_by_role("tab", name="Organisation"))
    await keys.press("ArrowRight")
    rows = page.get_by_role("table", name="Personen").get_by_role("row")
    await expect(rows).to_have_count(1 + 5)
    await expect(rows.filter(has_text="Tobias Lenz")).to_have_count(0)
    await expect(rows.filter(has_text=JONAS)).to_contain_text("verwaltet II")
    await expect(page.get_by_role("button", name=f"{JONAS} überall abmelden")).to_have_count(0)
    reached += await everywhere(page, "people")
    await keys.press("ArrowRight")
    await expect(page.get_by_text("Es gibt zurzeit keine Gäste.")).to_be_visible()
    await keys.press("ArrowRight")
    rooms = page.get_by_role("table", name="Räume")
    await expect(rooms).to_contain_text("Onboarding")
    await expect(rooms).not_to_contain_text("Haushalt 2027")
    reached += await everywhere(page, "rooms")
    await keys.press("ArrowRight")
    await keys.use(page.get_by_role("button", name=f"{BELOW}: Gäste:"))
    question = page.get_by_role("dialog", name=f"Gäste: {BELOW}")
    await keys.to(question.get_by_role("combobox", name="Gäste"))
    for _ in ("erlaubt", "nicht erlaubt"):
        await keys.press("ArrowDown")
    await expect(question.get_by_text("Dann gilt „nicht erlaubt“ für 1 Organisationseinheit.")).to_be_visible()
    await keys.use(question.get_by_role("button", name="Übernehmen"))
    await expect(page.get_by_role("button", name=f"{BELOW}: Gäste: nicht erlaubt")).to_contain_text(
        "hier gesetzt, von der eigenen Verwaltung"
    )
    await keys.lands("set a policy")
    reached += await everywhere(page, "policies")
    departments = await _departments(admin)
    for name in (BESIDE, "Ministerium für Digitales"):
        origin = office.ministry.origin
        refused = await page.request.put(
            f"{origin}/api/v1/policies/{departments[name]}/guests",
            data={"value": "forbidden"},
            headers={"Origin": origin},
        )
        assert (refused.status, (await refused.json())["title"]) == (403, "You may not do this")
    await page.get_by_role("button", name=f"{BELOW}: Gäste:").click()
    await expect(question).to_be_visible()
    await admin.ask("DELETE", appointment)
    await expect(page.get_by_role("heading", name="Verwaltung")).to_have_count(0, timeout=GONE_MS)
    await expect(question).to_have_count(0)
    await keys.lands("is no administrator any more")
    assert "\n".join(keys.faults + reached) == ""


async def test_what_was_set_for_the_whole_house_is_shown_and_not_offered_wider(office: Office) -> None:
    admin, jonas = await office.colleague(ADMIN), await office.colleague(JONAS)
    await _appoint(admin, jonas)
    given = (await _departments(admin))[GIVEN]
    await admin.ask("PUT", "/policies/everywhere/least_label", {"value": "internal"})
    await admin.ask("PUT", f"/policies/{given}/federation", {"value": "denied"})
    page = jonas.page
    await page.goto(office.ministry.origin + "/admin")
    await page.get_by_role("tab", name="Richtlinien").click()
    await page.get_by_role("button", name=f"{BELOW}: Offenste Kennzeichnung: Intern, geerbt vom Haus").wait_for()
    await page.get_by_role("button", name=f"{BELOW}: Offenste Kennzeichnung:").click()
    choice = page.get_by_role("dialog").get_by_role("combobox")
    await expect(choice.locator("option")).to_have_text(["Nicht gesetzt: wie darüber", "Intern", "Vertraulich"])
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name=f"{GIVEN}: Teilen mit Ministerien:")).to_have_count(0)
    await expect(page.get_by_role("button", name=f"{GIVEN}: Gäste:")).to_be_visible()
