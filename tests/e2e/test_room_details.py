# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a room's details say about who reads along, and the label that decides it."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.e2e.reach import everywhere

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
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
