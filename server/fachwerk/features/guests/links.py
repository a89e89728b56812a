# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the links of guests need of the installation."""

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.limits import RateLimit

from .settings import GuestSettings

PAGE = "/gast"
"""Of the web client."""
WRONG_AT_ONCE = 10


class Links:
    """wrong: counts links that are none, by the address that tried them; a right one is never held up by it."""

    def __init__(self, origin: str, settings: GuestSettings, clock: Clock) -> None:
        self.settings = settings
        self._origin = origin
        self.wrong = RateLimit(clock, per_s=settings.wrong_links_per_minute / 60, burst=WRONG_AT_ONCE)

    def address(self, secret: str) -> str:
        """The link itself. The secret is its fragment, which browsers send to nobody, so that no log has it."""
        return f"{self._origin}{PAGE}#{secret}"
