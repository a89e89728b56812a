# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Two ministries in Chromium: what crosses, and whether the marks are true before, in and after an outage."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.colleague import Colleague
from tests.federation.ministry import Ministry
from tests.federation.talk import open_room
from tests.media.e2e.chromium import chromium

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
CROSS_MS = 30_000
OUTAGE_MS = 120_000
"""Homeservers come back to each other with growing pauses."""


@dataclass(slots=True)
class Pair:
    """nora: in the north, where the room is at home. sara: in the south. Both are people of the demo provider."""

    nora: Colleague
    sara: Colleague


async def at_desk(stack: AsyncExitStack, ministry: Ministry, name: str, room: str) -> Colleague:
    """Somebody signed in who looks at a room."""
    browser = await stack.enter_async_context(chromium())
    password = (ministry.folder / "keys/demo.password").read_text()
    one = await Colleague.sign_in(browser, ministry.origin, name, password)
    await one.page.goto(f"{ministry.origin}/r/{room}")
    await expect(one.box()).to_be_visible(timeout=CROSS_MS)
    return one


@pytest.fixture
async def pair(north: Ministry, south: Ministry) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        # by sign-in name: the demo provider knows no mail addresses and takes away what we had
        shared = open_room(north, south, "claudia.weber", "jonas.hartmann", "jonas.hartmann")
        talk = await stack.enter_async_context(shared)
        nora = await at_desk(stack, north, "Claudia Weber", talk.north.room)
        sara = await at_desk(stack, south, "Jonas Hartmann", talk.south.room)
        yield Pair(nora, sara)
        assert [one.faults for one in (nora, sara)] == [[], []]


def message(one: Colleague, text: str) -> Locator:
    return one.messages().get_by_role("article").filter(has_text=text)


def mark(one: Colleague, text: str, words: str) -> Locator:
    """Where a message is, as its sender reads it."""
    return message(one, text).get_by_role("button", name=words)


async def crosses(sender: Colleague, reader: Colleague, text: str) -> None:
    await sender.write(text)
    await expect(message(reader, text)).to_be_visible(timeout=CROSS_MS)


async def edit(one: Colleague, before: str, after: str) -> None:
    await message(one, before).hover()
    await message(one, before).get_by_role("button", name="Bearbeiten").click()
    box = one.messages().get_by_role("textbox")
    await box.fill(after)
    await box.press("Enter")


async def react(one: Colleague, text: str) -> None:
    await message(one, text).hover()
    await message(one, text).get_by_role("button", name="Reagieren").click()
    await message(one, text).get_by_role("button", name="Zustimmung", exact=True).click()


async def send_file(sender: Colleague, reader: Colleague, path: Path) -> None:
    content = os.urandom(2_000_000)
    await asyncio.to_thread(path.write_bytes, content)
    await sender.attach(path)
    tray = sender.page.get_by_role("list", name="Anhänge")
    await expect(tray.get_by_text("Fertig")).to_be_visible(timeout=CROSS_MS)
    await sender.write(f"Anbei {path.name}")
    link = reader.messages().get_by_role("link", name=f"{path.name} herunterladen")
    await expect(link).to_be_visible(timeout=CROSS_MS)
    async with reader.page.expect_download(timeout=CROSS_MS) as download:
        await link.click()
    received = await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
    assert hashlib.sha256(received).hexdigest() == hashlib.sha256(content).hexdigest()


async def test_what_colleagues_of_two_ministries_do_is_on_both_screens(pair: Pair, tmp_path: Path) -> None:
    for number, (one, other) in enumerate(((pair.nora, pair.sara), (pair.sara, pair.nora))):
        text = f"Frage {number}: Wann tagt der Ausschuss?"
        await crosses(one, other, text)
        await expect(message(other, text).get_by_text("Ministerium", exact=False).first).to_be_visible()
        await edit(one, text, f"Frage {number}: Wo tagt der Ausschuss?")
        await expect(message(other, "Wo tagt").filter(has_text=f"Frage {number}")).to_be_visible(timeout=CROSS_MS)
        await react(other, f"Frage {number}")
        seen = message(one, f"Frage {number}").get_by_role("group", name="Reaktionen").get_by_role("button")
        await expect(seen).to_be_visible(timeout=CROSS_MS)
        await send_file(one, other, tmp_path / f"Unterlage {number}.bin")


async def test_the_marks_on_messages_are_true_through_an_outage(pair: Pair, south: Ministry) -> None:
    there, missing = f"bei Ministerium {south.key} angekommen", f"noch nicht bei Ministerium {south.key}"
    nora, sara = pair.nora, pair.sara
    await crosses(nora, sara, "Vor dem Ausfall")
    await expect(mark(nora, "Vor dem Ausfall", there)).to_be_attached(timeout=CROSS_MS)
    await asyncio.to_thread(south.synapse.stop)
    await nora.write("Während des Ausfalls")
    await expect(mark(nora, "Während des Ausfalls", missing)).to_be_attached(timeout=CROSS_MS)
    header = nora.page.get_by_role("button", name="zurzeit nicht erreichbar")
    await expect(header).to_be_visible(timeout=OUTAGE_MS)
    await expect(message(sara, "Während des Ausfalls")).to_have_count(0)
    await expect(mark(nora, "Vor dem Ausfall", there)).to_be_attached()
    await expect(mark(nora, "Während des Ausfalls", missing)).to_be_attached()
    await asyncio.to_thread(south.synapse.start)
    await expect(message(sara, "Während des Ausfalls")).to_be_visible(timeout=OUTAGE_MS)
    await expect(mark(nora, "Während des Ausfalls", there)).to_be_attached(timeout=CROSS_MS)
    await expect(header).to_have_count(0, timeout=OUTAGE_MS)
    await crosses(sara, nora, "Wieder da")
    await expect(message(nora, "Während des Ausfalls")).to_have_count(1)
