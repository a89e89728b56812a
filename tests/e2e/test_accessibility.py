# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every page passes axe in light and dark and fits into 320 px; English says the same things."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.colleague import Colleague
from tests.e2e.office import Office
from tests.e2e.reach import everywhere, in_both_schemes

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"


async def test_sign_in_and_the_demo_provider_keep_nobody_out(office: Office) -> None:
    ada = await office.arrive(ADA, reduced_motion="reduce")
    await ada.page.goto(office.ministry.origin)
    await expect(ada.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()
    found = await everywhere(ada.page, "sign-in")
    await ada.page.get_by_role("link", name="Mit Dienstkonto anmelden").click()
    await expect(ada.page.get_by_label("Kennwort")).to_be_visible()
    found += await everywhere(ada.page, "demo provider")
    await ada.page.get_by_role("radio", name=ADA).check()
    await ada.page.get_by_label("Kennwort").fill("falsch")
    await ada.page.get_by_role("button", name="Anmelden").click()
    await expect(ada.page.get_by_role("alert")).to_be_visible()
    found += await everywhere(ada.page, "wrong password")
    ada.faults.clear()  # Chromium notes the 401 of the wrong password
    assert "\n".join(found) == ""


async def test_chat_and_thread_keep_nobody_out(office: Office) -> None:
    ada = await _in_a_lively_room(office)
    found = await everywhere(ada.page, "chat")
    await ada.messages().get_by_role("link", name="1 Antwort").click()
    await expect(ada.page.get_by_text("Im Thread steht mehr.")).to_be_visible()
    found += await everywhere(ada.page, "thread")
    assert "\n".join(found) == ""


async def test_the_room_list_on_a_phone_keeps_nobody_out(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    found = await everywhere(ada.page, "room list")
    assert "\n".join(found) == ""


async def test_dialogs_and_menus_keep_nobody_out(office: Office) -> None:
    ada = await _in_a_lively_room(office)
    page = ada.page
    dialog = page.get_by_role("dialog")
    openers: dict[str, tuple[Locator, Locator]] = {
        "palette": (page.get_by_role("button", name="Springen zu"), dialog),
        "new message": (page.get_by_role("button", name="Neue Nachricht"), dialog),
        "new room": (page.get_by_role("button", name="Raum anlegen oder beitreten"), dialog),
        "poll": (page.get_by_role("button", name="Umfrage anlegen"), dialog),
        "account": (page.get_by_role("button", name=f"Konto {ADA}"), page.get_by_role("menu")),
    }
    found = []
    for name, (opener, opened) in openers.items():
        await opener.click()
        await expect(opened).to_be_visible()
        found += await everywhere(page, name)
        await page.keyboard.press("Escape")
        await expect(opened).to_be_hidden()
    await page.get_by_role("link", name="Raumdetails").click()
    await expect(page.get_by_role("complementary", name="Raumdetails")).to_be_visible()
    found += await everywhere(page, "room details")
    message = ada.messages().get_by_role("article").filter(has_text="Wer hat den Zeitplan?")
    await message.hover()
    await message.get_by_role("button", name="Reagieren").click()
    await expect(message.get_by_role("button", name="Zustimmung", exact=True)).to_be_visible()
    found += await in_both_schemes(page, "reaction picker")
    assert "\n".join(found) == ""


async def test_prejoin_and_call_keep_nobody_out(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
    await ben.start_or_join_call(microphone=False)
    await ada.page.get_by_role("link", name="Beitreten").first.click()
    await expect(ada.page.get_by_role("button", name="Jetzt beitreten")).to_be_visible()
    found = await everywhere(ada.page, "pre-join")
    await ada.page.get_by_role("button", name="Jetzt beitreten").click()
    await expect(ada.page.get_by_label(f"Kamera von {BEN}")).to_be_visible()
    found += await everywhere(ada.page, "call with its people")
    await ada.controls().get_by_role("button", name="Personen").click()
    await expect(ada.page.get_by_role("complementary", name="Personen")).to_be_hidden()
    found += await everywhere(ada.page, "call")
    for one in (ada, ben):
        await one.controls().get_by_role("button", name="Verlassen").click()
    assert "\n".join(found) == ""


async def test_english_says_the_same_things(office: Office) -> None:
    ada = await office.arrive(ADA)
    page = ada.page
    await page.goto(office.ministry.origin)
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.get_by_role("link", name="Sign in with your work account").click()
    await page.get_by_role("radio", name=ADA).check()
    await page.get_by_label("Kennwort").fill(office.ministry.password)
    await page.get_by_role("button", name="Anmelden").click()
    await page.get_by_role("navigation", name="Rooms and people").get_by_role("link", name="Onboarding").click()
    await expect(page.get_by_role("textbox", name="Message to Onboarding")).to_be_visible()
    for role, name in (
        ("button", "New message"),
        ("button", "Jump to"),
        ("link", "Start a meeting"),
        ("link", "Room details"),
        ("region", "Messages"),
        ("button", "Attach a file"),
        ("button", "Send"),
    ):
        await expect(page.get_by_role(role, name=name).first).to_be_visible()  # type: ignore[arg-type]
    await page.get_by_role("link", name="Start a meeting").click()
    await page.get_by_role("button", name="Join now").click()
    controls = page.get_by_role("toolbar", name="Controls")
    for name in ("Microphone: Muted", "Camera off", "Share screen", "Devices", "People", "Leave"):
        await expect(controls.get_by_role("button", name=name)).to_be_visible()
    assert await page.locator("body").get_by_text(re.compile(r"[äöüß]")).all_inner_texts() == []
    await controls.get_by_role("button", name="Leave").click()
    await page.get_by_role("button", name=f"Account {ADA}").click()
    await page.get_by_role("menuitemradio", name="Deutsch").click()
    await expect(ada.box()).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "de")


async def _in_a_lively_room(office: Office) -> Colleague:
    """One message of every kind, by others and by oneself."""
    ada = await office.colleague(ADA, reduced_motion="reduce")
    ben = await office.colleague(BEN)
    room = await office.room(ben, ada)
    root = await ben.post(room, "Wer hat den Zeitplan?")
    await ben.post(room, "Im Thread steht mehr.", root_id=root["id"])
    await ben.ask("PUT", f"/messages/{root['id']}/reactions/👍")
    await ben.post(room, "**Fett**, _kursiv_, `Code` und https://example.org/ein/sehr/langer/pfad/" + "x" * 120)
    code = "```\n" + "eine lange Zeile ohne Umbruch " * 10 + "\n```\n> Zitat\n- Liste"
    changed = await ada.post(room, code)
    await ada.ask("PATCH", f"/messages/{changed['id']}", {"text": code + "\n- mehr"})
    gone = await ada.post(room, "Das war falsch.")
    await ada.ask("DELETE", f"/messages/{gone['id']}")
    await ben.ask("POST", f"/rooms/{room['id']}/polls", {"question": "Welcher Tag?", "options": ["Montag", "Dienstag"]})
    await ben.context.close()
    office.colleagues.remove(ben)
    await ada.open_room(room["name"])
    await expect(ada.page.get_by_role("group", name="Welcher Tag?")).to_be_visible()
    await ada.messages().get_by_role("button", name="bearbeitet").wait_for()
    return ada


async def test_a_long_file_name_leaves_room_for_its_buttons_on_a_small_phone(office: Office, tmp_path: Path) -> None:
    ada = await office.colleague(ADA, viewport={"width": 320, "height": 700})
    await ada.open_room("Referat II 3")
    path = tmp_path / f"{'Stellungnahme-zum-Entwurf-' * 4}.txt"
    path.write_text("Entwurf")
    await ada.attach(path)
    remove = ada.page.get_by_role("button", name=f"{path.name} entfernen")
    await expect(remove).to_be_in_viewport(ratio=1)
