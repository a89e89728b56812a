# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The main job, in real browsers: sign in, talk, exchange a file, meet, remove somebody."""

import asyncio
import hashlib
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.colleague import WAIT_MS, Colleague, packets, videos, voices
from tests.e2e.ministry import Ministry
from tests.e2e.whole_stack import WholeStack

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ROOM = "Referat II 3"
UPLOAD_S = 240


async def test_three_colleagues_chat_share_a_file_and_meet(
    ministry: Ministry, browser: Browser, big_file: Path
) -> None:
    await main_job(ministry, browser, big_file)


async def test_they_do_so_on_keycloak_postgresql_nats_minio_and_livekit(
    whole_stack: WholeStack, browser: Browser, big_file: Path
) -> None:
    await main_job(whole_stack, browser, big_file)


async def main_job(ministry: Ministry | WholeStack, browser: Browser, big_file: Path) -> None:
    ada, ben, cleo = [
        await Colleague.sign_in(browser, ministry.origin, name, ministry.password)
        for name in ("Claudia Weber", "Jonas Hartmann", "Linh Nguyen")
    ]
    for one in (ada, ben, cleo):
        await one.open_room(ROOM)
    await _talk(ada, ben)
    await _share(ada, ben, big_file)
    await _meet(ada, ben, cleo)
    assert [one.faults for one in (ada, ben, cleo)] == [[], [], []]


async def _talk(ada: Colleague, ben: Colleague) -> None:
    await ada.write("Guten Morgen, wer hat den Zeitplan?")
    await ben.sees("wer hat den Zeitplan?")
    question = ben.messages().get_by_role("article").filter(has_text="wer hat den Zeitplan?")
    await question.hover()
    await question.get_by_role("button", name="Im Thread antworten").click()
    reply = ben.page.get_by_role("textbox", name="Im Thread antworten")
    await reply.fill("Liegt im Projektordner.")
    await reply.press("Enter")
    thread = ada.messages().get_by_role("link", name="1 Antwort")
    await thread.click()
    replies = ada.page.get_by_role("complementary", name="Thread").get_by_role("region", name="Antworten")
    await expect(replies.get_by_text("Liegt im Projektordner.")).to_be_visible(timeout=WAIT_MS)


async def _share(ada: Colleague, ben: Colleague, path: Path) -> None:
    await ada.attach(path)
    attachments = ada.page.get_by_role("list", name="Anhänge")
    for cut in range(3):
        await expect(attachments.get_by_text("wird hochgeladen")).to_be_visible(timeout=WAIT_MS)
        await asyncio.sleep(0.4 + 0.3 * cut)  # somewhere inside; where does not matter
        await ada.context.set_offline(True)
        await expect(attachments.get_by_text("unterbrochen")).to_be_visible(timeout=WAIT_MS)
        await ada.context.set_offline(False)
    await expect(attachments.get_by_text("Fertig")).to_be_visible(timeout=UPLOAD_S * 1000)
    await ada.write("Das Gutachten")
    link = ben.messages().get_by_role("link", name=f"{path.name} herunterladen")
    await expect(link).to_be_visible(timeout=WAIT_MS)
    async with ben.page.expect_download(timeout=UPLOAD_S * 1000) as download:
        await link.click()
    received = Path(await (await download.value).path())
    assert await asyncio.to_thread(_sha256, received) == await asyncio.to_thread(_sha256, path)


async def _meet(ada: Colleague, ben: Colleague, cleo: Colleague) -> None:
    for one in (ada, ben, cleo):
        await one.start_or_join_call()
    for one in (ada, ben, cleo):
        await one.until(lambda tracks: videos(tracks, 100) >= 2 and voices(tracks) >= 2, "two pictures and two voices")
    await cleo.page.get_by_role("button", name="Bildschirm teilen").click()
    for one in (ada, ben):
        await one.until(lambda tracks: videos(tracks, 5) >= 3, "the shared screen too")
        await expect(one.page.get_by_role("list", name="Geteilter Bildschirm")).to_be_visible(timeout=WAIT_MS)
    people = ada.page.get_by_role("complementary", name="Personen")
    if not await people.is_visible():
        await ada.page.get_by_role("button", name="Personen", exact=True).click()
    await ada.page.get_by_role("button", name="Aktionen für Linh Nguyen").click()
    await ada.page.get_by_role("menuitem", name="Aus dem Treffen entfernen").click()
    await asyncio.sleep(2)
    before = packets(await cleo.received())
    await asyncio.sleep(3)
    assert packets(await cleo.received()) == before
    for one in (ada, ben):
        await one.page.get_by_role("button", name="Verlassen").first.click()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
