# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A room that is shared with a ministry, in a browser; what the other side does is told by the bridge's calls."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.colleague import Colleague
from tests.e2e.ministry import Ministry
from tests.e2e.office import Office
from tests.e2e.reach import everywhere
from tests.house.bridge import Bridge

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"
SERVER, NAME = "bau.example", "Ministerium für Bauen"
OTHER = {"server": "umwelt.example", "name": "Ministerium für Umwelt"}
CONTACT = "eva.sommer@bau.example"


@pytest.fixture(scope="module")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministry]:
    """A ministry that shares rooms with two others."""
    folder = tmp_path_factory.mktemp("ministry")
    (folder / "bridge.token").write_text(secrets.token_urlsafe(36))
    federation = {
        "SERVER_NAME": "hier.example",
        "TOKEN_FILE": str(folder / "bridge.token"),
        "PEERS": json.dumps([{"server": SERVER, "name": NAME}, OTHER]),
    }
    settings = {f"FACHWERK_FEDERATION__{name}": value for name, value in federation.items()}
    with Ministry(folder, **settings) as running:
        yield running


@pytest.fixture
def bridge(ministry: Ministry) -> Bridge:
    return Bridge(ministry.origin, (ministry.folder / "bridge.token").read_text())


async def test_an_owner_opens_a_room_by_keyboard_and_closes_it(office: Office, bridge: Bridge) -> None:
    ada = await office.colleague(ADA)
    ben = await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
    await expect(_button(ben, "Mit einem Ministerium teilen")).to_have_count(0)
    page = ada.page
    await _button(ada, "Mit einem Ministerium teilen").press("Enter")
    dialog = page.get_by_role("dialog", name="Mit einem Ministerium teilen")
    await dialog.get_by_label("Ministerium", exact=True).select_option(NAME)
    await dialog.get_by_label("Ansprechperson dort").fill(CONTACT)
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("wird geöffnet")).to_be_visible()
    await status(bridge, room, state="open")
    await expect(dialog.get_by_role("status")).to_have_text("offen")
    await page.keyboard.press("Escape")
    for one in (ada, ben):
        await expect(_button(one, f"Geteilt mit {NAME}")).to_be_visible()
    await status(bridge, room, reachable=False)
    await expect(_button(ben, f"Geteilt mit {NAME} (zurzeit nicht erreichbar)")).to_be_visible()
    await _button(ada, f"Geteilt mit {NAME}").press("Enter")
    await dialog.get_by_role("button", name=f"Raum für {NAME} schließen").press("Enter")
    await dialog.get_by_role("button", name="Schließen", exact=True).last.press("Enter")
    await expect(dialog.get_by_role("status")).to_have_text("geschlossen")
    await page.keyboard.press("Escape")
    await expect(_button(ben, f"Geteilt mit {NAME}")).to_have_count(0)


async def test_people_of_the_ministry_carry_its_name_and_messages_say_where_they_are(
    office: Office, bridge: Bridge
) -> None:
    ada, room = await shared(office, bridge)
    message = ada.messages().get_by_role("article", name=f"Eva Sommer ({NAME})")
    await expect(message.get_by_text(NAME, exact=True)).to_be_visible()
    await expect(message.get_by_role("button", name="angekommen")).to_have_count(0)
    mine = ada.messages().get_by_role("article").filter(has_text="Zweite Nachricht")
    mark = mine.get_by_role("button", name=f"noch nicht bei {NAME}")
    await expect(mark).to_be_attached()
    seq = (await ada.ask("GET", f"/rooms/{room['id']}/state"))["seq"]
    await status(bridge, room, delivered_seq=seq)
    arrived = mine.get_by_role("button", name=f"bei {NAME} angekommen")
    await arrived.click()
    dialog = ada.page.get_by_role("dialog", name="Zustellung")
    await expect(dialog.get_by_text(f"bei {NAME} angekommen")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await mine.focus()
    await mine.get_by_role("button", name="Zustellung").press("Enter")
    await expect(dialog).to_be_visible()
    await ada.page.keyboard.press("Escape")
    before = ada.messages().get_by_role("article").filter(has_text="Altes Schreiben")
    await expect(before.get_by_role("button", name=NAME)).to_have_count(0)


async def test_a_shared_room_keeps_nobody_out(office: Office, bridge: Bridge) -> None:
    ada, room = await shared(office, bridge, reduced_motion="reduce")
    page = ada.page
    found = await everywhere(page, "shared room")
    await status(bridge, room, reachable=False)
    await _button(ada, f"Geteilt mit {NAME} (zurzeit nicht erreichbar)").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    found += await everywhere(page, "sharing")
    await page.get_by_role("button", name=f"Raum für {NAME} schließen").click()
    found += await everywhere(page, "closing")
    await page.keyboard.press("Escape")
    await ada.messages().get_by_role("button", name=f"noch nicht bei {NAME}").last.click()
    await expect(page.get_by_role("dialog", name="Zustellung")).to_be_visible()
    found += await everywhere(page, "delivery")
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Raumdetails").click()
    people = page.get_by_role("list", name="Mitglieder")
    await expect(people.get_by_text(NAME)).to_be_visible()
    found += await everywhere(page, "people of a shared room")
    assert "\n".join(found) == ""


async def shared(office: Office, bridge: Bridge, **options: Any) -> tuple[Colleague, dict[str, Any]]:
    """A room open to the ministry, with somebody of it, and messages on both sides of the opening."""
    ada = await office.colleague(ADA, **options)
    room = await office.room(ada)
    await ada.post(room, "Altes Schreiben")
    await ada.ask("PUT", f"/rooms/{room['id']}/peers/{SERVER}", {"contact": CONTACT})
    await status(bridge, room, state="open")
    eva = await bridge.person(f"@eva:{SERVER}", "Eva Sommer")
    await bridge.call("PUT", f"/federation/rooms/{room['id']}/members/{eva}", status=204)
    first = await ada.post(room, "Erste Nachricht")
    await ada.post(room, "Zweite Nachricht, die so lang ist, dass sie auf einem schmalen Schirm umbricht.")
    speaking = Bridge(bridge.origin, bridge.token, eva)
    await speaking.call(
        "POST", f"/rooms/{room['id']}/messages", {"client_id": room["id"], "text": "Guten Tag"}, status=201
    )
    seq = (await ada.ask("GET", f"/rooms/{room['id']}/messages"))["items"][1]["seq"]
    await speaking.call("PUT", f"/messages/{first['id']}/reactions/%F0%9F%91%8D", status=204)
    await status(bridge, room, delivered_seq=seq)
    await ada.open_room(room["name"])
    await ada.sees("Guten Tag")
    return ada, room


async def status(bridge: Bridge, room: dict[str, Any], **report: Any) -> None:
    await bridge.call("PUT", f"/federation/rooms/{room['id']}/peers/{SERVER}/status", report, status=204)


def _button(one: Colleague, name: str) -> Locator:
    return one.page.get_by_role("banner").or_(one.page.locator("header")).get_by_role("button", name=name)
