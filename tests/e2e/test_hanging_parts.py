# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Each outside part hangs for a minute: what needs it says so, the rest works, and afterwards nothing is missing."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Browser, expect

from fachwerk.core.identity.provider import REFETCH_S
from tests.e2e.colleague import WAIT_MS, Colleague, videos
from tests.e2e.whole_stack import WholeStack

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
ROOM = "Referat II 3"
HANG_S = 60
EVERY_S = 10
PROMPT_S = 5.0
"""What does not need the part answers as ever; a busy machine included."""


@pytest.fixture
async def pair(whole_stack: WholeStack, browser: Browser) -> AsyncIterator[tuple[Colleague, Colleague]]:
    """Two who look at the same room."""
    ada, ben = [
        await Colleague.sign_in(browser, whole_stack.origin, name, whole_stack.password)
        for name in ("Claudia Weber", "Jonas Hartmann")
    ]
    for one in (ada, ben):
        await one.open_room(ROOM)
    yield ada, ben
    for one in (ada, ben):
        await one.context.close()


@asynccontextmanager
async def hanging(stack: WholeStack, part: str, ada: Colleague, ben: Colleague) -> AsyncIterator[None]:
    """The body runs while the part hangs; the rest of the minute they talk, and what they say arrives."""
    with stack.hanging(part):
        until = time.monotonic() + HANG_S
        await _talk(ada, ben, f"{part} hängt")
        yield
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, EVERY_S))
            await _talk(ada, ben, f"noch {left:.0f} s ohne {part}")
    await _talk(ada, ben, f"{part} antwortet wieder")


async def _talk(ada: Colleague, ben: Colleague, words: str) -> None:
    began = time.monotonic()
    await ada.write(words)
    await ben.sees(words)
    assert time.monotonic() - began < PROMPT_S


async def test_without_the_object_store_uploads_wait_and_go_on(
    whole_stack: WholeStack, pair: tuple[Colleague, Colleague], tmp_path: Path
) -> None:
    ada, ben = pair
    path = tmp_path / "Vermerk.bin"
    path.write_bytes(content := b"Vermerk" * 3_000_000)
    async with hanging(whole_stack, "minio", ben, ada):  # what ada writes goes out with her file
        await ada.attach(path)
        attachments = ada.page.get_by_role("list", name="Anhänge")
        await expect(attachments.get_by_text("Der Speicher antwortet gerade nicht.")).to_be_visible(timeout=30_000)
        await asyncio.sleep(EVERY_S)
        await expect(attachments.get_by_text("Der Speicher antwortet gerade nicht.")).to_be_visible()
    await expect(attachments.get_by_text("Fertig")).to_be_visible(timeout=60_000)
    await ada.write("Der Vermerk")
    link = ben.messages().get_by_role("link", name=f"{path.name} herunterladen")
    async with ben.page.expect_download(timeout=WAIT_MS) as download:
        await link.click()
    received = Path(await (await download.value).path()).read_bytes()  # noqa: ASYNC240 -- small, and nothing else waits
    assert hashlib.sha256(received).digest() == hashlib.sha256(content).digest()


async def test_without_the_bus_messages_arrive_by_the_database(
    whole_stack: WholeStack, pair: tuple[Colleague, Colleague]
) -> None:
    ada, ben = pair
    async with hanging(whole_stack, "nats", ada, ben):
        pass
    assert "bus" in whole_stack.log(), "somebody was told"


async def test_without_keycloak_who_is_signed_in_works_on(
    whole_stack: WholeStack, pair: tuple[Colleague, Colleague], browser: Browser
) -> None:
    ada, ben = pair
    async with hanging(whole_stack, "keycloak", ada, ben), httpx2.AsyncClient(trust_env=False) as somebody:
        returned = await somebody.get(f"{whole_stack.origin}/auth/callback?code=x&state=y", timeout=PROMPT_S)
        assert returned.status_code < 500, "a callback that nobody began is refused without asking Keycloak"
        await asyncio.sleep(REFETCH_S)  # until then the answer that the pair's sign-ins had is believed
        stranger = await Colleague.arrive(browser, "Linh Nguyen")
        await stranger.page.goto(whole_stack.origin)
        why = stranger.page.get_by_role("alert")
        await expect(why).to_contain_text("Der Anmeldedienst antwortet gerade nicht", timeout=WAIT_MS)
        await stranger.context.close()
    assert "list of people does not answer" in whole_stack.log()
    new = await Colleague.sign_in(browser, whole_stack.origin, "Linh Nguyen", whole_stack.password)
    await new.context.close()


async def test_without_livekit_only_calls_fail(whole_stack: WholeStack, pair: tuple[Colleague, Colleague]) -> None:
    ada, ben = pair
    await ada.start_or_join_call()
    await ben.start_or_join_call()
    await ada.until(lambda tracks: videos(tracks, 10) >= 1, "ben's picture")
    rooms = (await ada.ask("GET", "/rooms"))["items"]
    room = next(room for room in rooms if room["name"].startswith(ROOM))
    state = await ada.ask("GET", f"/rooms/{room['id']}/state")
    call, others = state["state"]["calls"]["call"], (await ben.ask("GET", "/me"))["person"]
    with whole_stack.hanging("livekit"):
        answer = await ada.page.evaluate(
            "async path => { const a = await fetch(path, {method: 'POST'}); return [a.status, await a.json()]; }",
            f"/api/v1/calls/{call['id']}/participants/{others['id']}/mute",
        )
        assert answer[0] == 503
        assert answer[1]["type"].endswith(":media-unavailable")
        until = time.monotonic() + HANG_S
        while (left := until - time.monotonic()) > 0:
            words = f"noch {left:.0f} s ohne Ton und Bild"
            await ada.ask("POST", f"/rooms/{room['id']}/messages", {"client_id": f"hang-{left:.6f}", "text": words})
            await asyncio.sleep(min(left, EVERY_S))
    for one in (ada, ben):
        await one.until(lambda tracks: videos(tracks, 1) >= 1, "the other's picture again", wait_s=90)
    for one in (ada, ben):  # whoever leaves takes the other's picture away
        await one.page.get_by_role("button", name="Verlassen").first.click()


async def test_without_the_database_what_was_written_is_sent_later(
    whole_stack: WholeStack, pair: tuple[Colleague, Colleague]
) -> None:
    ada, ben = pair
    with whole_stack.hanging("postgres"):
        await ada.write("Geht das noch hinaus?")
        await asyncio.sleep(HANG_S)
    await ben.sees("Geht das noch hinaus?")
    assert (await ben.texts()).count("Geht das noch hinaus?") == 1
    await _talk(ada, ben, "postgres antwortet wieder")
