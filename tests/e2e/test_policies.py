# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The administrator decides for departments by keys alone, and the forms of their rooms say so."""

import json
import secrets
from collections.abc import Iterator

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.colleague import Colleague
from tests.e2e.ministry import Ministry
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard, everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADMIN, ADA = "Anna Brandt", "Claudia Weber"
ABOVE, BELOW = "Abteilung II – Digitalisierung", "Referat II 3 – E-Akte"
LABEL, SHARING = "Offenste Kennzeichnung", "Teilen mit Ministerien"
PEER = {"server": "bau.example", "name": "Ministerium für Bauen"}
WHY_LABEL = f"Richtlinie von „{ABOVE}“: Räume sind mindestens mit „Intern“ gekennzeichnet."
WHY_SHARING = f"Richtlinie von „{BELOW}“: Räume werden nicht mit anderen Ministerien geteilt."
WHOM = "Ändern kann das die Verwaltung des Hauses."


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    """A ministry that can share rooms with another one, and whose policies are the business of this file alone."""
    folder = tmp_path_factory.mktemp("ministry")
    (folder / "bridge.token").write_text(secrets.token_urlsafe(36))
    federation = {
        "SERVER_NAME": "hier.example",
        "TOKEN_FILE": str(folder / "bridge.token"),
        "PEERS": json.dumps([PEER]),
    }
    with Ministry(folder, **{f"FACHWERK_FEDERATION__{name}": value for name, value in federation.items()}) as running:
        yield running


def _value(page: Page, place: str, policy: str) -> Locator:
    """The button that shows what holds at a place, and changes it."""
    return page.get_by_role("button", name=f"{place}: {policy}:")


async def _only(admin: Colleague, *settings: tuple[str, str, str]) -> None:
    """Past the page, let this alone be set: place (empty for the whole house), policy, value."""
    for place in (await admin.ask("GET", "/policies"))["places"]:
        for standing in place["policies"]:
            path = f"/policies/{place['id']}/{standing['policy']}"
            values = [
                value for name, policy, value in settings if (name, policy) == (place["name"], standing["policy"])
            ]
            if values:
                await admin.ask("PUT", path, {"value": values[0]})
            elif standing["own"]:
                await admin.ask("DELETE", path)


async def _to_policies(office: Office, admin: Colleague) -> None:
    await admin.page.goto(office.ministry.origin + "/admin")
    await admin.page.get_by_role("tab", name="Richtlinien").click()
    await expect(_value(admin.page, BELOW, LABEL)).to_be_visible()


async def test_a_policy_is_seen_beforehand_and_set_by_keyboard(office: Office) -> None:
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = admin.page
    await _only(admin)
    keys = Keyboard(page)
    await keys.use(page.get_by_role("navigation", name="Bereiche").get_by_role("link", name="Verwalten"))
    await keys.to(page.get_by_role("tab", name="Übersicht"))
    for _ in range(5):
        await keys.press("ArrowRight")
    await expect(page.get_by_role("tabpanel", name="Richtlinien")).to_be_visible()
    tree = page.get_by_role("list", name="Richtlinien der Organisationseinheiten")
    below = tree.get_by_role("list", name=ABOVE).get_by_role("listitem").filter(has_text=BELOW)
    await expect(_value(page, BELOW, LABEL)).to_have_accessible_name(f"{BELOW}: {LABEL}: Offen, Voreinstellung, ändern")
    await keys.use(_value(page, ABOVE, LABEL))
    question = page.get_by_role("dialog", name=f"{LABEL}: {ABOVE}")
    choice = question.get_by_role("combobox", name=LABEL)
    apply = question.get_by_role("button", name="Übernehmen")
    await expect(choice).to_have_accessible_description(
        "Wie offen Räume höchstens gekennzeichnet sein dürfen. Neue Räume beginnen damit."
    )
    await expect(apply).to_be_disabled()
    await keys.to(choice)
    for _ in ("Offen", "Intern"):
        await keys.press("ArrowDown")
    effects = question.get_by_role("status")
    await expect(effects).to_contain_text("Dann gilt „Intern“ für 3 Organisationseinheiten.")
    await expect(effects).to_contain_text("Räume sind offener gekennzeichnet. Sie bleiben es, bis")
    await keys.use(question.get_by_role("button", name="Abbrechen"))
    await expect(question).to_be_hidden()
    await expect(_value(page, ABOVE, LABEL)).to_contain_text("Voreinstellung")
    await expect(_value(page, ABOVE, LABEL)).to_be_focused()
    await keys.lands("changed nothing")
    await keys.press("Enter")
    await keys.to(choice)
    for _ in ("Offen", "Intern"):
        await keys.press("ArrowDown")
    await keys.use(apply)
    await expect(_value(page, ABOVE, LABEL)).to_contain_text("hier gesetzt")
    await expect(_value(page, BELOW, LABEL)).to_contain_text("geerbt von II")
    await expect(below).to_contain_text("offener gekennzeichnet")
    await expect(_value(page, ABOVE, LABEL)).to_be_focused()
    await keys.lands("set a policy")
    assert "\n".join(keys.faults) == ""


async def test_a_form_offers_only_labels_that_are_allowed_and_says_why(office: Office) -> None:
    admin = await office.colleague(ADMIN)
    await _only(admin, (ABOVE, "least_label", "internal"))
    ada = await office.colleague(ADA, reduced_motion="reduce")
    page = ada.page
    await page.get_by_role("button", name="Raum anlegen oder beitreten").click()
    await page.get_by_role("button", name="Raum anlegen", exact=True).first.click()
    choice = page.get_by_role("combobox", name="Kennzeichnung")
    await expect(choice).to_have_value("open")
    await expect(choice).to_have_accessible_description("Darf mit anderen Ministerien geteilt werden und Gäste haben.")
    await page.get_by_role("combobox", name="Organisationseinheit").select_option(BELOW)
    await expect(choice).to_have_value("internal")
    await expect(choice.locator("option[value=open]")).to_be_disabled()
    await expect(choice).to_have_accessible_description(f"Bleibt im eigenen Haus. {WHY_LABEL} {WHOM}")
    assert await everywhere(page, "new room") == []
    await page.get_by_label("Name des Raums").fill("Vorgang mit Richtlinie")
    await page.get_by_role("button", name="Raum anlegen", exact=True).last.click()
    await expect(page.get_by_role("heading", name="Vorgang mit Richtlinie").first).to_be_visible()
    await expect(page.get_by_title("Bleibt im eigenen Haus.")).to_be_visible()
    await page.get_by_role("link", name="Raumdetails").click()
    await page.get_by_role("button", name="Raum bearbeiten").click()
    await expect(choice).to_have_accessible_description(f"Bleibt im eigenen Haus. {WHY_LABEL} {WHOM}")
    await expect(choice.locator("option:not([disabled])")).to_have_text(["Intern", "Vertraulich"])
    await choice.select_option("Vertraulich")
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.get_by_text("nur Eingeladene kommen herein")).to_be_visible()


async def test_a_room_says_why_it_is_not_shared(office: Office) -> None:
    admin = await office.colleague(ADMIN)
    ada = await office.colleague(ADA, reduced_motion="reduce")
    await _only(admin, (BELOW, "federation", "denied"))
    place = next(one for one in (await ada.ask("GET", "/departments"))["items"] if one["name"] == BELOW)
    room = await ada.ask("POST", "/rooms", {"name": "Vorgang zu zweit", "department_id": place["id"]})
    await ada.open_room(room["name"])
    await ada.page.get_by_role("button", name="Mit einem Ministerium teilen").click()
    dialog = ada.page.get_by_role("dialog", name="Mit einem Ministerium teilen")
    await expect(dialog.get_by_text(f"{WHY_SHARING} {WHOM}")).to_be_visible()
    await expect(dialog.get_by_role("combobox")).to_have_count(0)
    assert await everywhere(ada.page, "sharing") == []
    await ada.page.keyboard.press("Escape")
    await _only(admin)
    await ada.page.get_by_role("button", name="Mit einem Ministerium teilen").click()
    await dialog.get_by_label("Ministerium", exact=True).select_option(PEER["name"])
    await dialog.get_by_label("Ansprechperson dort").fill("eva@bau.example")
    await ada.page.keyboard.press("Enter")
    await expect(dialog.get_by_text("wird geöffnet")).to_be_visible()
    await _to_policies(office, admin)
    await _value(admin.page, BELOW, SHARING).click()
    question = admin.page.get_by_role("dialog", name=f"{SHARING}: {BELOW}")
    await question.get_by_role("combobox").select_option("nicht erlaubt")
    await expect(question.get_by_text("1 Raum ist schon geteilt. Er bleibt es")).to_be_visible()
    await question.get_by_role("button", name="Übernehmen").click()
    row = admin.page.get_by_role("listitem").filter(has_text=BELOW).last
    await expect(row).to_contain_text("1 Raum ist noch geteilt")
    await expect(row).not_to_contain_text(room["name"])


async def test_the_place_of_policies_keeps_nobody_out(office: Office) -> None:
    admin = await office.colleague(ADMIN, reduced_motion="reduce")
    page = admin.page
    await _only(admin, (ABOVE, "least_label", "internal"), ("", "federation", "denied"))
    await _to_policies(office, admin)
    found = await everywhere(page, "policies")
    await _value(page, ABOVE, LABEL).click()
    question = page.get_by_role("dialog", name=f"{LABEL}: {ABOVE}")
    await question.get_by_role("combobox").select_option("Vertraulich")
    await expect(question.get_by_text("Dann gilt „Vertraulich“")).to_be_visible()
    found += await everywhere(page, "change of a policy")
    assert "\n".join(found) == ""


async def test_english_says_the_same(office: Office) -> None:
    admin = await office.colleague(ADMIN)
    page = admin.page
    await _only(admin, (ABOVE, "least_label", "internal"))
    await page.get_by_role("button", name=f"Konto {ADMIN}").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_role("link", name="Admin").click()
    await page.get_by_role("tab", name="Policies").click()
    await expect(_value(page, BELOW, "Most open label")).to_contain_text("inherited from II")
    await _value(page, "Whole house", "Sharing with ministries").click()
    question = page.get_by_role("dialog", name="Sharing with ministries: Whole house")
    await question.get_by_role("combobox").select_option("not allowed")
    await expect(question.get_by_text("Then “not allowed” holds for rooms of no department and for")).to_be_visible()
