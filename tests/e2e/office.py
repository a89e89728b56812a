# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The people of one test: lets them in, gives them rooms, and keeps what they saw when it fails."""

import itertools
import os
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from tests.e2e.colleague import Colleague
from tests.e2e.ministry import Ministry

EVIDENCE = Path(__file__).parents[2] / "build/e2e"
_numbers = itertools.count(1)


class Office:
    """One ministry and one browser, a profile per colleague."""

    def __init__(self, browser: Browser, ministry: Ministry) -> None:
        self.browser, self.ministry = browser, ministry
        self.colleagues: list[Colleague] = []
        self.network_fails = False
        """Set by tests that cut connections or kill processes: only there may the console say so."""

    async def arrive(self, name: str, browser: Browser | None = None, **options: Any) -> Colleague:
        """Somebody who has not signed in yet, at an empty page. browser: of another machine."""
        colleague = await Colleague.arrive(browser or self.browser, name, **options)
        self.colleagues.append(colleague)
        return colleague

    async def colleague(self, name: str, browser: Browser | None = None, **options: Any) -> Colleague:
        """Somebody signed in."""
        colleague = await self.arrive(name, browser, **options)
        await colleague.page.goto(self.ministry.origin)
        await colleague.identify(self.ministry.password)
        return colleague

    async def room(self, founder: Colleague, *others: Colleague) -> dict[str, Any]:
        """A new room of these people; nothing of other tests is in it."""
        ids = [(await other.ask("GET", "/me"))["person"]["id"] for other in others]
        name = f"Vorgang {next(_numbers):03}"
        room: dict[str, Any] = await founder.ask("POST", "/rooms", {"name": name, "person_ids": ids})
        for other in others:
            await other.ask("POST", f"/rooms/{room['id']}/join")
        return room

    def faults(self) -> dict[str, list[str]]:
        """What went wrong in somebody's browser, by name."""
        found = {one.name: one.faults + ([] if self.network_fails else one.cuts) for one in self.colleagues}
        return {name: faults for name, faults in found.items() if faults}

    async def keep_evidence(self, test: str) -> None:
        """A picture and the accessibility tree of every page."""
        EVIDENCE.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(self.colleagues, 1):
            base = EVIDENCE / re.sub(r"\W+", "-", f"{test}-{number}-{one.name}")
            said = "\n".join(f"# {line}" for line in [one.page.url, *one.faults, *one.cuts])
            try:
                await one.page.screenshot(path=base.with_suffix(".png"))
                tree = await one.page.locator("body").aria_snapshot()
            except PlaywrightError as error:  # it hangs: that is evidence too, and the others' pages may say more
                tree = f"# {error.message}\n# load: {os.getloadavg()}"
            base.with_suffix(".yml").write_text(f"{said}\n{tree}\n")
        (EVIDENCE / f"{test}-ministry.log").write_text(self.ministry.log())

    async def close(self) -> None:
        """Everybody goes home."""
        for one in self.colleagues:
            await one.context.close()
