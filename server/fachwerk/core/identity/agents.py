# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a browser calls itself, reduced to what a person needs to know it again.

A User-Agent (RFC 9110, section 10.1.5) has versions and models that would tell a device from all others;
only the two makes are kept.
"""

from typing import NamedTuple

BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""(what it says, its name). The first that fits counts: most of them claim to be those further down, too."""
SYSTEMS = (
    ("Windows", "Windows"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"),
    ("Macintosh", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


class Agent(NamedTuple):
    """A browser and the system it runs on; None for what is not known."""

    browser: str | None
    system: str | None


UNKNOWN = Agent(None, None)


def agent_of(text: str) -> Agent:
    """The makes that a User-Agent header names."""

    def first(known: tuple[tuple[str, str], ...]) -> str | None:
        return next((name for said, name in known if said in text), None)

    return Agent(first(BROWSERS), first(SYSTEMS))
