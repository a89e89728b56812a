# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody's first day: after the operator's table and a sign-in everything is there, and nothing of others."""

import re
import time

import pytest
from playwright.async_api import Browser, expect

from fachwerk.cli.seed import PEOPLE
from fachwerk.core.identity import COOKIE
from tests.e2e.colleague import LOGINS, Colleague
from tests.e2e.whole_stack import WholeStack
from tests.stack.record import FIGURES

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
NOT_FOUND = 404
NAME, LOGIN = "Nele Vogt", "nele.vogt"
OWN = "Referat II 3 – E-Akte"
BESIDE = re.compile("II 4|Haushalt|Z 2|Zentrale")
STRANGER = "Tobias Lenz"
"""Of another division: neither finds the other."""
SEEN = {"Claudia Weber", "Jonas Hartmann", "Linh Nguyen", "Anna Brandt", NAME}
"""Of her own department and of those above it."""


async def test_a_new_employee_finds_what_is_hers_and_nobody_beside(
    whole_stack: WholeStack, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOGINS, NAME, LOGIN)
    whole_stack.hire(LOGIN, "Nele", "Vogt", "II 3")
    nele = await Colleague.arrive(browser, NAME)
    await nele.page.goto(whole_stack.origin)
    returned: list[float] = []
    nele.page.on("request", lambda asked: returned.append(time.monotonic()) if "/auth/callback" in asked.url else None)
    await nele.identify(whole_stack.password)
    await expect(nele.rooms().get_by_role("link").filter(has_text=OWN).first).to_be_visible()
    FIGURES["s first day: from the sign-in service's answer to the list of rooms"] = time.monotonic() - returned[0]

    stranger = await Colleague.sign_in(browser, whole_stack.origin, STRANGER, whole_stack.password)
    links = nele.rooms().get_by_role("link")
    await expect(links.filter(has_text=OWN)).to_have_count(2)  # its own room and that of its announcements
    await expect(links.filter(has_text=BESIDE)).to_have_count(0)
    await nele.open_room(OWN)
    await nele.write("Guten Morgen, ich bin neu hier.")
    await nele.sees("Guten Morgen, ich bin neu hier.")

    me = await nele.ask("GET", "/me")
    assert [department["short"] for department in me["departments"]] == ["II 3"]
    assert {card["name"] for card in (await nele.ask("GET", "/people?limit=50"))["items"]} == SEEN
    for somebody in (person for person in PEOPLE if person.name not in SEEN):
        surname = somebody.name.rpartition(" ")[2]
        assert (await nele.ask("GET", f"/people?q={surname}"))["items"] == [], "is not even found by name"
    await _nobody_is_offered(nele, STRANGER.rpartition(" ")[2])
    shown = [department["short"] for department in (await nele.ask("GET", "/departments"))["items"]]
    assert shown == ["Haus", "II", "II 3"]
    await _finds_no_room_of(nele, stranger, whole_stack.origin)
    assert (await stranger.ask("GET", f"/people?q={NAME.rpartition(' ')[2]}"))["items"] == []

    await nele.context.clear_cookies(name=COOKIE)
    await nele.page.reload()
    await expect(nele.rooms()).to_be_visible()  # the sign-in service knows her still, and nobody asks her again
    for one in (nele, stranger):
        await one.context.close()
        assert one.faults == []


async def _nobody_is_offered(nele: Colleague, name: str) -> None:
    """Where she looks for somebody to write to."""
    await nele.page.get_by_role("button", name="Neue Nachricht").click()
    dialog = nele.page.get_by_role("dialog")
    colleagues = dialog.get_by_role("listbox", name="Person").get_by_role("option")
    await dialog.get_by_role("combobox", name="Person").fill("Linh")
    await expect(colleagues).to_have_count(1)
    await dialog.get_by_role("combobox", name="Person").fill(name)
    await expect(colleagues).to_have_count(0)
    await nele.page.keyboard.press("Escape")


async def _finds_no_room_of(nele: Colleague, stranger: Colleague, origin: str) -> None:
    """Not in her lists, not among those that she could join, and not by an address that somebody gave her."""
    hers = (await nele.ask("GET", "/rooms"))["items"]
    assert {room["name"] for room in hers} == {OWN, f"{OWN} – Ankündigungen"}
    assert not [room for room in (await nele.ask("GET", "/rooms/open"))["items"] if BESIDE.search(room["name"])]
    theirs = (await stranger.ask("GET", "/rooms"))["items"]
    assert {room["name"] for room in theirs} >= {"Referat Z 2 – Haushalt"}
    for room in theirs:
        for what in ("state", "readers", "policies"):
            path = f"{origin}/api/v1/rooms/{room['id']}/{what}"
            assert (await stranger.context.request.get(path)).ok
            assert (await nele.context.request.get(path)).status == NOT_FOUND
