# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Cuts, reloads and a killed server: nothing written is lost, doubled or out of order."""

import asyncio
import re
import time
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.colleague import WAIT_MS, Colleague
from tests.e2e.office import Office

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ADA, BEN = "Claudia Weber", "Jonas Hartmann"
BACK_MS = 60_000
"""A killed server starts again and every client finds it, milliseconds."""
# The text of everything that the browser keeps for our origin.
KEPT = """
async () => {
  const kept = {local: {...localStorage}, session: {...sessionStorage}};
  for (const {name} of await indexedDB.databases()) {
    const open = indexedDB.open(name);
    const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
    for (const store of db.objectStoreNames) {
      const all = db.transaction(store).objectStore(store).getAll();
      kept[name + '/' + store] = await new Promise((done) => { all.onsuccess = () => done(all.result); });
    }
    db.close();
  }
  return kept;
}
"""


async def test_what_is_written_offline_survives_a_reload_and_goes_out_once_in_order(office: Office) -> None:
    office.network_fails = True
    ada, ben = await office.arrive(ADA), await office.colleague(BEN)
    await ada.can_be_cut()
    await ada.page.goto(office.ministry.origin)
    await ada.identify(office.ministry.password)
    room = await office.room(ben, ada)
    for one in (ada, ben):
        await one.open_room(room["name"])
    await ada.write("0: mit Verbindung")
    await ben.sees("0: mit Verbindung")

    await ada.cut_off()
    written = [f"{number}: ohne Verbindung" for number in range(1, 4)]
    for text in written:
        await ada.write(text)
    waiting = ada.messages().get_by_text("Wird gesendet, sobald die Verbindung steht")
    await expect(waiting).to_have_count(3)
    await expect(ada.page.get_by_text("Keine Verbindung.")).to_be_visible()

    await ada.page.reload()
    await expect(waiting).to_have_count(3)
    assert await ada.texts() == ["0: mit Verbindung", *written]
    assert await ben.texts() == ["0: mit Verbindung"]

    await ada.reconnect()
    await ben.sees(written[-1])
    await expect(waiting).to_have_count(0)
    for one in (ada, ben):
        assert await one.texts() == ["0: mit Verbindung", *written]
    assert await _stored(ben, room) == ["0: mit Verbindung", *written]


async def test_going_offline_is_said_at_once(office: Office) -> None:
    office.network_fails = True
    ada = await office.colleague(ADA)
    room = await office.room(ada)
    await ada.open_room(room["name"])
    await expect(ada.box()).to_be_visible()
    await ada.context.set_offline(True)
    await expect(ada.page.get_by_text("Keine Verbindung.")).to_be_visible(timeout=5_000)
    await ada.write("Im Tunnel geschrieben")
    await expect(ada.messages().get_by_text("Wird gesendet, sobald die Verbindung steht")).to_be_visible()
    await ada.context.set_offline(False)
    await expect(ada.messages().get_by_text("Gesendet", exact=True)).to_be_visible()
    await expect(ada.page.get_by_text("Keine Verbindung.")).to_be_hidden()
    assert await _stored(ada, room) == ["Im Tunnel geschrieben"]


async def test_a_killed_server_loses_nothing_that_two_people_write(office: Office, figures: dict[str, float]) -> None:
    office.network_fails = True
    ada, ben = await office.colleague(ADA), await office.colleague(BEN)
    room = await office.room(ada, ben)
    for one in (ada, ben):
        await one.open_room(room["name"])
    texts = {one.name: [f"{one.name} {number}" for number in range(10)] for one in (ada, ben)}

    async def write(which: slice) -> None:
        await asyncio.gather(*(_write(one, texts[one.name][which]) for one in (ada, ben)))

    await write(slice(5))
    office.ministry.kill("server")
    killed = time.monotonic()
    await write(slice(5, 10))
    for one in (ada, ben):
        for name in texts:
            await expect(one.messages().get_by_text(texts[name][-1], exact=True)).to_have_count(1, timeout=BACK_MS)
        await expect(one.messages().get_by_text("Wird gesendet")).to_have_count(0, timeout=BACK_MS)
    figures["s from SIGKILL of the server until both have every message"] = time.monotonic() - killed
    stored = await _stored(ada, room)
    assert len(stored) == 20
    for name, written in texts.items():
        assert [text for text in stored if text.startswith(name)] == written
    for one in (ada, ben):
        assert await one.texts() == stored


async def test_older_messages_come_page_by_page_without_a_gap(office: Office) -> None:
    ada = await office.colleague(ADA)
    room = await office.room(ada)
    texts = [f"Nummer {number:03}" for number in range(170)]
    for text in texts:
        await ada.post(room, text)
    await ada.page.reload()
    await ada.open_room(room["name"])
    await ada.sees(texts[-1])
    seen: set[str] = set()
    await ada.messages().focus()
    end = time.monotonic() + WAIT_MS / 1000
    # Until nothing scrolls any more either: Chromium glides for a moment after each key.
    while texts[0] not in seen or await ada.messages().evaluate("(list) => list.scrollTop") > 0:
        shown = await ada.texts()
        first = texts.index(shown[0])
        assert shown == texts[first : first + len(shown)]
        seen |= set(shown)
        await ada.page.keyboard.press("PageUp")
        assert time.monotonic() < end, f"reached only {shown[0]}"
    assert seen == set(texts)
    await ada.page.get_by_role("button", name="Zum Ende").click()
    await expect(ada.messages().get_by_text(texts[-1])).to_be_in_viewport()


async def test_two_devices_of_one_person_agree_on_what_is_unread(office: Office) -> None:
    desk, train, ben = await office.colleague(ADA), await office.colleague(ADA), await office.colleague(BEN)
    room = await office.room(ben, desk)
    await ben.open_room(room["name"])
    for number in range(3):
        await ben.write(f"Bitte lesen, Teil {number}")
    three = re.compile(rf"^{room['name']}\s*, 3 ungelesen$")
    for device in (desk, train):
        await expect(device.rooms().get_by_role("link", name=three)).to_be_visible()
    await train.page.reload()
    await expect(train.rooms().get_by_role("link", name=three)).to_be_visible()
    await desk.open_room(room["name"])
    await desk.sees("Teil 2")
    for device in (desk, train):
        await expect(device.rooms().get_by_role("link", name=room["name"], exact=True)).to_be_visible()
    await desk.write("Gelesen.")
    await ben.sees("Gelesen.")
    await expect(train.rooms().get_by_role("link", name=room["name"], exact=True)).to_be_visible()
    await ben.write("Danke.")
    await expect(train.rooms().get_by_role("link", name=room["name"], exact=True)).to_be_visible()


async def test_a_draft_survives_a_reload(office: Office) -> None:
    ada = await office.colleague(ADA)
    room = await office.room(ada)
    await ada.open_room(room["name"])
    await ada.box().fill("Sehr geehrte Frau Abgeordnete,\n")
    await ada.page.reload()
    await expect(ada.box()).to_have_value("Sehr geehrte Frau Abgeordnete,\n")
    await ada.open_room("Onboarding")
    await expect(ada.rooms().get_by_role("link", name=f"{room['name']} Entwurf")).to_be_visible()
    await ada.open_room(room["name"])
    await expect(ada.box()).to_have_value("Sehr geehrte Frau Abgeordnete,\n")


async def test_signing_out_leaves_nothing_of_the_person_on_the_machine(office: Office) -> None:
    ada = await office.colleague(ADA)
    room = await office.room(ada)
    await ada.open_room(room["name"])
    await ada.write("Vertraulich: Umzugsplan")
    await expect(ada.messages().get_by_text("Gesendet", exact=True)).to_be_visible()
    await ada.box().fill("Vertraulich: Entwurf")
    await ada.page.wait_for_function(f"async () => JSON.stringify(await ({KEPT})()).includes('Umzugsplan')")
    await ada.page.get_by_role("button", name=f"Konto {ADA}").click()
    await ada.page.get_by_role("menuitem", name="Abmelden").click()
    await ada.page.wait_for_url(f"{office.ministry.origin}/")
    await expect(ada.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()
    kept = str(await ada.page.evaluate(KEPT))
    assert "Vertraulich" not in kept
    assert ADA not in kept
    assert room["id"] not in kept
    async with ada.page.expect_event("framenavigated"):
        # Not `go_back`: it may end in a further redirection. Later, since the page that is asked goes away.
        await ada.page.evaluate("setTimeout(() => history.back())")
    await expect(ada.page.get_by_role("link", name="Mit Dienstkonto anmelden")).to_be_visible()


async def _write(one: Colleague, texts: list[str]) -> None:
    for text in texts:
        await one.write(text)


async def _stored(one: Colleague, room: dict[str, Any]) -> list[str]:
    """All texts of a room as the server has them, in order."""
    page = await one.ask("GET", f"/rooms/{room['id']}/messages?limit=200")
    return [message["text"] for message in page["items"]]
