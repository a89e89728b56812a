# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The OpenID providers of an installation: the house's own, and further ones whose people may come in, too.

Each has its own address to come back to, and its own for its logout tokens, so that what one of them says can
never be taken for a word of another (RFC 9700, section 4.4.2.2).
"""

from collections.abc import Iterator, Mapping

from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound

from .model import Person
from .provider import Provider


class Providers:
    """All providers. house: whose list of people we may know, and whose roles count for the whole installation."""

    def __init__(self, house: Provider, further: Mapping[str, Provider] | None = None) -> None:
        self.house, self._further = house, dict(further or {})

    def __iter__(self) -> Iterator[Provider]:
        yield self.house
        yield from self._further.values()

    def named(self, name: str) -> Provider:
        """The further one of this name. Raises NotFound."""
        if name not in self._further:
            raise NotFound
        return self._further[name]

    def of(self, namespace: str) -> Provider | None:
        """Whose people are kept under this name; None if the settings do not name it any more."""
        return next((provider for provider in self if provider.namespace == namespace), None)

    async def of_person(self, work: Work, person_id: str) -> Provider | None:
        """By whom somebody signs in; None for whoever does so in another way."""
        who = await work.db.get(Person, person_id)
        return self.of(who.issuer) if who else None
