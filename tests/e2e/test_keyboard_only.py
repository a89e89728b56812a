# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The whole working day without a mouse; the focus is always somewhere, and one sees where."""

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import Colleague
from tests.e2e.office import Office
from tests.e2e.reach import Keyboard

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"
QUESTION = "Wer hat den Zeitplan?"


async def test_signing_in_writing_replying_reacting_and_jumping(office: Office) -> None:
    ben = await office.colleague(BEN)
    ada = await office.arrive(ADA, reduced_motion="reduce")
    keys = Keyboard(ada.page)
    await ada.page.goto(office.ministry.origin)
    await _sign_in(keys, office.ministry.password)
    room = await office.room(ben, ada)
    await ben.post(room, QUESTION)
    await keys.use(ada.rooms().get_by_role("link", name=room["name"]))
    await ada.sees(QUESTION)
    await keys.lands("opened a room")
    await keys.to(ada.box())
    await keys.type("Ich, mit der Tastatur")
    await keys.press("Enter")
    await expect(ada.messages().get_by_text("Gesendet", exact=True)).to_be_visible()
    await keys.lands("sent a message")
    await _react(keys, ada)
    await _reply(keys, ada)
    await _jump(keys)
    assert "\n".join(keys.faults) == ""


async def _sign_in(keys: Keyboard, password: str) -> None:
    page = keys.page
    await keys.use(page.get_by_role("link", name="Mit Dienstkonto anmelden"))
    await keys.to(page.get_by_role("radio").first)
    await keys.to(page.get_by_role("radio", name=ADA), key="ArrowDown")
    await keys.press("Space")
    await keys.to(page.get_by_label("Kennwort"))
    await keys.type(password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("navigation", name="Räume und Personen")).to_be_visible()


async def _react(keys: Keyboard, ada: Colleague) -> None:
    question = ada.messages().get_by_role("article").filter(has_text=QUESTION)
    await keys.to(ada.messages(), key="Shift+Tab")
    await keys.to(question, key="ArrowUp")
    await keys.press("Enter")
    await keys.to(question.get_by_role("button", name="Reagieren"), key="ArrowRight")
    await keys.press("Enter")
    await keys.to(question.get_by_role("button", name="Zustimmung", exact=True), key="ArrowRight")
    await keys.press("Enter")
    await expect(question.get_by_role("group", name="Reaktionen").get_by_role("button")).to_be_visible()
    await keys.lands("reacted")


async def _reply(keys: Keyboard, ada: Colleague) -> None:
    """From the message's buttons, where the reaction has left the focus."""
    page = ada.page
    question = ada.messages().get_by_role("article").filter(has_text=QUESTION)
    await keys.to(question.get_by_role("button", name="Im Thread antworten"), key="ArrowRight")
    await keys.press("Enter")
    await expect(page.get_by_role("textbox", name="Im Thread antworten")).to_be_focused()
    await keys.type("Liegt im Projektordner.")
    await keys.press("Enter")
    replies = page.get_by_role("region", name="Antworten")
    await expect(replies.get_by_text("Liegt im Projektordner.")).to_be_visible()
    await keys.lands("replied")
    await keys.to(page.get_by_role("link", name="Thread schließen"), key="Shift+Tab")
    await keys.press("Enter")
    await expect(replies).to_be_hidden()
    await keys.lands("closed the thread")


async def _jump(keys: Keyboard) -> None:
    page = keys.page
    await keys.press("Control+k")
    await expect(page.get_by_role("combobox", name="Raum oder Person")).to_be_focused()
    await keys.press("Escape")
    await keys.lands("closed the palette")
    await keys.press("Control+k")
    await keys.type("Onbo")
    await expect(page.get_by_role("option", name="Onboarding")).to_be_visible()
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Onboarding")).to_be_visible()
    await keys.lands("jumped")
    await keys.to(page.get_by_role("textbox", name="Nachricht an Onboarding"))


async def test_the_focus_stays_on_its_room_when_the_list_changes(office: Office) -> None:
    ben = await office.colleague(BEN)
    ada = await office.colleague(ADA)
    keys = Keyboard(ada.page)
    room = await office.room(ben, ada)
    link = ada.rooms().get_by_role("link", name=room["name"])
    unread = ada.rooms().get_by_role("region", name="Ungelesen")
    await keys.to(link)
    others = [await office.room(ben, ada) for _ in range(25)]
    for other in others:
        await ben.post(other, QUESTION)
    await expect(unread.get_by_role("link", name=others[-1]["name"])).to_be_attached()
    await expect(link).to_be_focused()
    await expect(link).to_be_in_viewport(ratio=1)
    await ben.post(room, QUESTION)
    await expect(unread.get_by_role("link", name=room["name"])).to_be_focused()
    await expect(link).to_be_in_viewport(ratio=1)
    await keys.lands("the list changed")
    assert "\n".join(keys.faults) == ""


async def test_meeting(office: Office) -> None:
    ada = await office.colleague(ADA, reduced_motion="reduce")
    page, keys = ada.page, Keyboard(ada.page)
    room = await office.room(ada)
    await keys.use(ada.rooms().get_by_role("link", name=room["name"]))
    await keys.use(page.get_by_role("link", name="Treffen starten"))
    join = page.get_by_role("button", name="Jetzt beitreten")
    await expect(join).to_be_visible()
    await keys.lands("opened the pre-join page")
    await keys.use(join)
    await expect(ada.controls()).to_be_visible()
    await keys.lands("joined")
    microphone = ada.controls().get_by_role("button", name="Mikrofon")
    await expect(microphone).to_have_attribute("aria-pressed", "false")
    await keys.to(microphone)
    await keys.press("Space")
    await expect(microphone).to_have_attribute("aria-pressed", "true")
    await keys.press("Space")
    await expect(microphone).to_have_attribute("aria-pressed", "false")
    await keys.lands("muted")
    await keys.to(ada.controls().get_by_role("button", name="Geräte"), key="ArrowRight")
    await keys.press("Enter")
    await expect(page.get_by_role("dialog", name="Geräte")).to_be_visible()
    await keys.lands("opened the devices")
    await keys.press("Escape")
    await expect(ada.controls().get_by_role("button", name="Geräte")).to_be_focused()
    await keys.to(ada.controls().get_by_role("button", name="Verlassen"), key="ArrowRight")
    await keys.press("Enter")
    await expect(ada.box()).to_be_visible()
    await keys.lands("left")
    assert "\n".join(keys.faults) == ""
