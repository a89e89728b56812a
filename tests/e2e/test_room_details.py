# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a room's details say about who reads along, and the label that decides it."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import Colleague
from tests.e2e.office import Office
from tests.e2e.reach import everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
PLANNED = """
async (table) => {
  const ask = async (method, path, body) => {
    const headers = {'Content-Type': path.includes('?') ? 'text/csv' : 'application/json'};
    const answer = await fetch('/api/v1/provisioning' + path, {method, headers, body});
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const until = async (path, ready) => {
    for (;;) {
      const found = await ask('GET', path);
      if (ready(found)) return found;
      await new Promise((done) => setTimeout(done, 200));
    }
  };
  const {draft, faults} = await ask('POST', '/drafts?name=standort.csv', table);
  if (!draft) throw new Error(JSON.stringify(faults));
  const planned = await until(`/drafts/${draft.id}`, (found) => found.draft.state !== 'planning');
  const removals = planned.draft.too_much.length > 0 ? planned.draft.removals : null;
  const {plan} = await ask('POST', `/drafts/${draft.id}/apply`, JSON.stringify({removals}));
  await until(`/plans/${plan}`, (found) => found.plan.ended_at !== null);
}
"""
ADA, BEN, LINH = "Claudia Weber", "Jonas Hartmann", "Linh Nguyen"


async def test_who_can_read_is_said_in_whole_sentences(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    linh = (await (await office.colleague(LINH)).ask("GET", "/me"))["person"]["id"]
    await ada.ask("POST", f"/rooms/{room['id']}/members", {"person_id": linh})
    await ada.open_room(room["name"])
    await ada.page.get_by_role("link", name="Raumdetails").click()
    await ada.page.get_by_role("button", name="Wer kann das lesen?").click()
    dialog = ada.page.get_by_role("dialog", name="Wer kann das lesen?")
    await expect(dialog.get_by_role("term")).to_have_text(["Leitung (1)", "Mitglied (1)"])
    await expect(dialog.get_by_role("definition")).to_have_text([ADA, BEN])
    await expect(dialog.get_by_text("Eine eingeladene Person")).to_be_visible()
    await expect(dialog.get_by_text("Ohne Einladung kommt niemand herein.")).to_be_visible()
    await expect(dialog.get_by_text("nicht Ende-zu-Ende verschlüsselt")).to_be_visible()
    assert await everywhere(ada.page, "readers") == []
    await ada.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def test_who_can_read_a_file_is_said_at_its_message(office: Office, tmp_path: Path) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    room = await office.room(ada, await office.colleague(BEN))
    await ada.open_room(room["name"])
    plan = tmp_path / "Lageplan.txt"
    plan.write_text("Hier.")
    await ada.attach(plan)
    await expect(ada.page.get_by_text("Fertig")).to_be_visible()
    await ada.write("Der Lageplan")
    message = ada.messages().get_by_role("article").filter(has_text="Der Lageplan")
    await expect(message.get_by_role("link", name="Lageplan.txt")).to_be_visible()
    await message.focus()
    await message.get_by_role("button", name="Wer kann das lesen?").press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Wer kann das lesen?")
    await expect(dialog.get_by_text("„Lageplan.txt“ lesen jetzt:")).to_be_visible()
    await expect(dialog.get_by_role("definition")).to_have_text([ADA, BEN])
    assert await everywhere(ada.page, "readers of a file") == []
    await ada.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(ada.page.locator("[data-row]:focus-within")).to_contain_text("Der Lageplan")
    await ada.post(room, "Ohne Datei")
    await ada.sees("Ohne Datei")
    other = ada.messages().get_by_role("article").filter(has_text="Ohne Datei")
    await expect(other.get_by_role("button", name="Wer kann das lesen?")).to_have_count(0)


async def test_a_label_is_set_by_the_lead_and_seen_by_everybody_at_once(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
        await one.page.get_by_role("link", name="Raumdetails").click()
    await expect(ben.page.get_by_role("button", name="Raum bearbeiten")).to_have_count(0)
    await ada.page.get_by_role("button", name="Raum bearbeiten").click()
    choice = ada.page.get_by_role("combobox", name="Kennzeichnung")
    await choice.select_option("Vertraulich")
    await expect(choice).to_have_accessible_description("Bleibt im eigenen Haus; nur Eingeladene kommen herein.")
    assert await everywhere(ada.page, "room form") == []
    await ada.page.get_by_role("button", name="Speichern").click()
    for one in (ada, ben):
        await expect(one.page.get_by_title("Bleibt im eigenen Haus", exact=False)).to_be_visible()
        await expect(one.page.get_by_text("Bleibt im eigenen Haus; nur Eingeladene")).to_be_visible()
    assert await everywhere(ada.page, "confidential room") == []


async def test_a_room_that_is_not_open_has_its_new_name_and_label_in_the_list_at_once(office: Office) -> None:
    ada, ben = await office.colleague(ADA), await office.colleague(BEN)
    room = await office.room(ada, ben)
    await ben.open_room("Referat II 3")
    renamed = f"{room['name']} – Haushalt"
    await ada.ask("PATCH", f"/rooms/{room['id']}", {"name": renamed})
    await ada.ask("PUT", f"/rooms/{room['id']}/label", {"label": "internal"})
    for one in (ada, ben):
        await one.open_room(renamed)
        await expect(one.page.get_by_title("Bleibt im eigenen Haus.")).to_be_visible()


async def test_a_membership_ends_on_the_day_that_the_lead_says(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    year = datetime.now(UTC).year + 1
    for one in (ada, ben):
        await one.open_room(room["name"])
        await one.page.get_by_role("link", name="Raumdetails").click()
    assert await ben.page.get_by_role("button", name=f"Aktionen für {ADA}").count() == 0
    actions = ada.page.get_by_role("button", name=f"Aktionen für {BEN}")
    await actions.press("Enter")
    await ada.page.get_by_role("menuitem", name="Befristen").press("Enter")
    dialog = ada.page.get_by_role("dialog", name=f"Mitgliedschaft befristen: {BEN}")
    day = dialog.get_by_label("Letzter Tag")
    await expect(day).to_have_accessible_description(re.compile("ist die Person nicht mehr im Raum"))
    assert await everywhere(ada.page, "end of a membership") == []
    await day.fill(f"{year}-12-31")
    await day.press("Enter")
    await expect(dialog).to_be_hidden()
    for one in (ada, ben):
        members = one.page.get_by_role("list", name="Mitglieder")
        await expect(members.get_by_role("listitem").filter(has_text=BEN)).to_contain_text(f"Mitglied bis 31.12.{year}")
    await expect(ben.page.get_by_text(f"Sie sind in diesem Raum Mitglied bis 31.12.{year}.")).to_be_visible()
    await expect(ada.page.get_by_text("Sie sind in diesem Raum Mitglied")).to_have_count(0)
    assert await everywhere(ben.page, "limited member") == []
    await actions.press("Enter")
    await expect(ada.page.get_by_role("menuitem", name="Befristung ändern")).to_be_visible()
    await ada.page.get_by_role("menuitem", name="Befristung aufheben").press("Enter")
    await expect(ben.page.get_by_text("Mitglied bis")).to_have_count(0)


async def test_an_invitation_says_until_when_it_is(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    linh = await office.colleague(LINH)
    room = await office.room(ada)
    year = datetime.now(UTC).year + 1
    await ada.open_room(room["name"])
    await ada.page.get_by_role("link", name="Raumdetails").click()
    await ada.page.get_by_role("button", name="Person einladen").click()
    await ada.page.get_by_label("Letzter Tag (leer: unbefristet)").fill(f"{year}-06-30")
    await ada.page.get_by_role("combobox", name="Person einladen").fill(LINH)
    await ada.page.get_by_role("option", name=LINH).click()
    invited = ada.page.get_by_role("list", name="Eingeladen").get_by_role("listitem")
    await expect(invited).to_contain_text(f"Mitglied bis 30.06.{year}")
    invitation = linh.rooms().get_by_role("listitem").filter(has_text=room["name"])
    await expect(invitation).to_contain_text(f"Mitglied bis 30.06.{year}")
    await linh.page.goto(f"{office.ministry.origin}/r/{room['id']}")
    await expect(linh.page.get_by_text(f"gelten bis 30.06.{year}.")).to_be_visible()
    assert await everywhere(linh.page, "limited invitation") == []


async def test_whose_time_is_over_is_out_within_five_seconds(office: Office) -> None:
    ada, ben = await office.colleague(ADA), await office.colleague(BEN)
    room = await office.room(ada, ben)
    await ben.open_room(room["name"])
    his = (await ben.ask("GET", "/me"))["person"]["id"]
    end = datetime.now(UTC) + timedelta(seconds=4)
    await ada.ask("PUT", f"/rooms/{room['id']}/members/{his}/end", {"until": end.isoformat()})
    await expect(ben.box()).to_be_visible()
    await expect(ben.rooms().filter(has_text=room["name"])).to_have_count(0, timeout=9_000)
    assert -1 < time.time() - end.timestamp() < 5
    await expect(ben.box()).to_have_count(0)


async def test_a_rule_says_who_is_in_the_room(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    linh = await office.colleague(LINH)
    room = await office.room(ada)
    unit = next(one for one in (await linh.ask("GET", "/me"))["departments"])
    await ada.open_room(room["name"])
    await ada.page.get_by_role("link", name="Raumdetails").click()
    rules = ada.page.get_by_role("region", name="Mitglieder nach Regel")
    await expect(rules.get_by_text("Herein kommt, wer eingeladen wird.")).to_be_visible()
    await rules.get_by_role("button", name="Regel hinzufügen").press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Wer soll von selbst Mitglied sein?")
    await dialog.get_by_role("combobox", name="Organisationseinheit").select_option(unit["name"])
    await expect(dialog.get_by_role("status")).to_contain_text("hinzu, 0 Personen gehen.")
    assert await everywhere(ada.page, "rule for members") == []
    await dialog.get_by_role("button", name="Übernehmen").press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(rules.get_by_role("listitem")).to_have_text([f"Alle aus {unit['name']}"])
    hers = ada.page.get_by_role("list", name="Mitglieder").get_by_role("listitem").filter(has_text=LINH)
    await expect(hers).to_contain_text("nach Regel")
    assert await everywhere(ada.page, "rules of a room") == []
    await linh.open_room(room["name"])
    await linh.page.get_by_role("link", name="Raumdetails").click()
    await expect(linh.page.get_by_text("Eine Regel hält Sie in diesem Raum.")).to_be_visible()
    await expect(linh.page.get_by_role("region", name="Mitglieder nach Regel")).to_have_count(0)
    await rules.get_by_role("button", name=f"Regel aufheben: Alle aus {unit['name']}").press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Regel aufheben?")
    await expect(dialog.get_by_role("status")).to_contain_text("0 Personen kommen hinzu")
    await dialog.get_by_role("button", name="Übernehmen").press("Enter")
    await expect(hers).to_have_count(0)
    await expect(linh.rooms().get_by_role("link", name=room["name"])).to_have_count(0)


async def test_a_rule_asks_for_an_attribute(office: Office) -> None:
    admin = await office.colleague("Anna Brandt")
    await place_of_linh(admin, "Kassel")
    ada = await office.colleague(ADA, reduced_motion="reduce")
    linh = await office.colleague(LINH)
    room = await office.room(ada)
    unit = (await linh.ask("GET", "/me"))["departments"][0]["name"]
    await ada.open_room(room["name"])
    await ada.page.get_by_role("link", name="Raumdetails").click()
    rules = ada.page.get_by_role("region", name="Mitglieder nach Regel")
    await rules.get_by_role("button", name="Regel hinzufügen").press("Enter")
    dialog = ada.page.get_by_role("dialog", name="Wer soll von selbst Mitglied sein?")
    await dialog.get_by_role("combobox", name="Organisationseinheit").select_option(unit)
    await dialog.get_by_role("combobox", name="Merkmal").select_option("Standort")
    value = dialog.get_by_label("Wert")
    await expect(value).to_have_accessible_description(re.compile("voneinander wissen dürfen"))
    await value.fill("kassel")
    await value.press("Tab")
    await expect(dialog.get_by_role("status")).to_contain_text("Hinzu kommen weniger als 5 Personen")
    assert await everywhere(ada.page, "rule about an attribute") == []
    await dialog.get_by_role("button", name="Übernehmen").press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(rules.get_by_role("listitem")).to_have_text([f"Alle aus {unit}, Standort: kassel"])
    hers = ada.page.get_by_role("list", name="Mitglieder").get_by_role("listitem").filter(has_text=LINH)
    await expect(hers).to_contain_text("nach Regel")
    await place_of_linh(admin, "")
    await expect(hers).to_have_count(0)
    await expect(linh.rooms().get_by_role("link", name=room["name"])).to_have_count(0)


async def place_of_linh(admin: Colleague, place: str) -> None:
    """A plan of the administrator's says where she works ("" for nowhere), and is carried out."""
    table = (
        "kind;key;name;given_name;parent;email;lead;standort\n"
        "department;Haus;Ministerium für Digitales;;;;;\n"
        "department;II;Abteilung II – Digitalisierung;;Haus;;;\n"
        "department;II 3;Referat II 3 – E-Akte;;II;;;\n"
        f"person;linh.nguyen;Nguyen;Linh;II 3;;;{place}\n"
    )
    await admin.page.evaluate(PLANNED, table)
