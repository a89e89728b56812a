# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody at a browser: signs in, writes, sends files, meets; sees only what a person would."""

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, WebSocketRoute, expect

from fachwerk.cli.seed import PEOPLE

WAIT_MS = 60_000
"""Patience with a busy machine; what is promised to people has a bound of its own where it is tested."""
LOGINS = {person.name: person.key for person in PEOPLE}
SYNC_PATH = "**/api/v1/sync"
API_PATH = "**/api/v1/**"
# What Chromium itself writes when it cannot reach a server; everything else in the console is ours.
NETWORK = re.compile(r"net::ERR_|^WebSocket connection to .* failed")
# The page asks who is signed in; before anybody is, the answer is 401 and Chromium notes it.
WHO_ASKED = re.compile(r"status of 401 .*\(http://[^/]+/api/v1/me\)$")
QUERY = re.compile(r"\?[^\s)']*")
# Playwright looks from outside: every peer connection of the page is remembered, nothing of the client changes.
WATCH_CALLS = """
const Native = window.RTCPeerConnection;
window.seen = [];
window.RTCPeerConnection = class extends Native { constructor(...given) { super(...given); window.seen.push(this); } };
"""
RECEIVED = """
async () => {
  const tracks = {};
  for (const connection of window.seen) {
    if (connection.connectionState === 'closed') continue;
    for (const report of (await connection.getStats()).values())
      if (report.type === 'inbound-rtp')
        tracks[report.trackIdentifier] = {kind: report.kind, packets: report.packetsReceived,
          frames: report.framesDecoded ?? 0, width: report.frameWidth ?? 0};
  }
  return tracks;
}
"""
ASK = """
async ([method, path, body]) => {
  const headers = {'content-type': 'application/json'};
  const answer = await fetch('/api/v1' + path, {method, headers, body: body === null ? null : JSON.stringify(body)});
  if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + await answer.text());
  return answer.status === 204 ? null : answer.json();
}
"""
Tracks = dict[str, dict[str, Any]]


class Colleague:
    """A person with a browser profile of their own. faults: what went wrong in it; cuts: what the network refused."""

    def __init__(self, name: str, context: BrowserContext, page: Page) -> None:
        self.name, self.context, self.page = name, context, page
        self.faults: list[str] = []
        self.cuts: list[str] = []
        self._cut = False
        self._sockets: list[WebSocketRoute] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._said)

    @classmethod
    async def arrive(cls, browser: Browser, name: str, **options: Any) -> "Colleague":
        """An empty page in a new profile."""
        given: dict[str, Any] = {"permissions": ["camera", "microphone"], "locale": "de-DE", "accept_downloads": True}
        context = await browser.new_context(**given | options)
        await context.add_init_script(WATCH_CALLS)
        context.set_default_timeout(WAIT_MS)
        return cls(name, context, await context.new_page())

    @classmethod
    async def sign_in(cls, browser: Browser, origin: str, name: str, password: str, **options: Any) -> "Colleague":
        """Through the provider's page, like everybody."""
        colleague = await cls.arrive(browser, name, **options)
        await colleague.page.goto(origin)
        await colleague.identify(password)
        return colleague

    async def identify(self, password: str) -> None:
        """From the sign-in page to the room list."""
        page = self.page
        await page.get_by_role("link", name="Mit Dienstkonto anmelden").click()
        listed = page.get_by_role("radio", name=self.name)
        asked = page.get_by_role("textbox", name="Benutzername oder E-Mail")
        await expect(listed.or_(asked)).to_be_visible(timeout=WAIT_MS)
        if await listed.is_visible():  # the demo provider
            await listed.check()
            await page.get_by_label("Kennwort").fill(password)
        else:  # Keycloak
            await asked.fill(LOGINS[self.name])
            await page.get_by_role("textbox", name="Passwort").fill(password)
        await page.get_by_role("button", name="Anmelden").click()
        await expect(self.rooms()).to_be_visible(timeout=WAIT_MS)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The server's answer to a request of this page."""
        return await self.page.evaluate(ASK, [method, path, body])

    async def post(self, room: dict[str, Any], text: str, **more: str) -> dict[str, Any]:
        """A message past the page: what was there before."""
        message = {"client_id": str(uuid.uuid4()), "text": text} | more
        posted: dict[str, Any] = await self.ask("POST", f"/rooms/{room['id']}/messages", message)
        return posted

    def rooms(self) -> Locator:
        return self.page.get_by_role("navigation", name="Räume und Personen")

    async def open_room(self, name: str) -> None:
        await self.rooms().get_by_role("link", name=name).first.click()
        await expect(self.page.get_by_role("heading", name=name).first).to_be_visible(timeout=WAIT_MS)

    def messages(self) -> Locator:
        return self.page.get_by_role("region", name="Nachrichten", exact=True)

    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Nachricht an")

    async def write(self, text: str) -> None:
        await self.box().fill(text)
        await self.box().press("Enter")

    async def sees(self, text: str) -> None:
        await expect(self.messages().get_by_text(text).first).to_be_visible(timeout=WAIT_MS)

    async def texts(self) -> list[str]:
        """The paragraphs of all messages in the page, in order."""
        return await self.messages().get_by_role("article").get_by_role("paragraph").all_inner_texts()

    async def attach(self, path: Path) -> None:
        await self.page.get_by_label("Dateien auswählen").first.set_input_files(path)

    async def start_or_join_call(self, *, microphone: bool = True, camera: bool = True) -> None:
        """To the pre-join page and in, with microphone and camera on."""
        page = self.page
        await page.get_by_role("link", name=re.compile("^(Treffen starten|Beitreten)$")).first.click()
        if microphone:
            await page.get_by_role("button", name="Mikrofon: Stumm").click()
        if camera:
            await page.get_by_role("button", name="Kamera aus").click()
        await page.get_by_role("button", name="Jetzt beitreten").click()
        await expect(self.controls()).to_be_visible(timeout=WAIT_MS)

    def controls(self) -> Locator:
        return self.page.get_by_role("toolbar", name="Steuerung")

    async def received(self) -> Tracks:
        tracks: Tracks = await self.page.evaluate(RECEIVED)
        return tracks

    async def until(self, holds: Callable[[Tracks], bool], what: str, wait_s: float = 60) -> Tracks:
        """The tracks received, once they are as wanted."""
        end = time.monotonic() + wait_s
        while True:
            tracks = await self.received()
            if holds(tracks):
                return tracks
            assert time.monotonic() < end, f"{self.name}: not after {wait_s} s: {what}; {tracks}"
            await asyncio.sleep(0.5)

    async def can_be_cut(self) -> None:
        """Let the test cut this page off; pages loaded from now on obey."""
        await self.context.route(API_PATH, self._request)
        await self.context.route_web_socket(SYNC_PATH, self._socket)

    async def cut_off(self) -> None:
        """The server cannot be reached from now on; the page itself can still be loaded, as from a cache."""
        self._cut = True
        for socket in self._sockets:
            await socket.close(code=1011)
        self._sockets.clear()

    async def reconnect(self) -> None:
        """The server is there again, and the browser says so, as it does after a tunnel."""
        self._cut = False
        await self.page.evaluate("dispatchEvent(new Event('online'))")

    async def _request(self, route: Route) -> None:
        await (route.abort("internetdisconnected") if self._cut else route.continue_())

    async def _socket(self, socket: WebSocketRoute) -> None:
        if self._cut:
            await socket.close(code=1011)
        else:
            socket.connect_to_server()
            self._sockets.append(socket)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # Addresses of the media server carry a token: not into what is kept.
        text = QUERY.sub("", f"{message.text} ({message.location['url']})")
        if NETWORK.search(message.text):
            self.cuts.append(text)
        elif not WHO_ASKED.search(text):
            self.faults.append(text)


def videos(tracks: Tracks, frames: int) -> int:
    """How many video tracks have decoded more frames than this."""
    return sum(track["kind"] == "video" and track["frames"] > frames for track in tracks.values())


def voices(tracks: Tracks) -> int:
    """How many audio tracks have brought packets."""
    return sum(track["kind"] == "audio" and track["packets"] > 0 for track in tracks.values())


def packets(tracks: Tracks) -> int:
    """All packets received."""
    return sum(track["packets"] for track in tracks.values())
