# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How plans are carried out here without an operator: in whose name, and at which provider."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from fachwerk.core.identity import Realm
from fachwerk.kernel.db import Database


@dataclass(frozen=True, slots=True)
class Site:
    """issuer: whose people are meant. realm: what changes them; None if only commands may.

    attributes: names of those of people that a file may have columns for.
    """

    issuer: str
    realm: Callable[[Database], Awaitable[Realm]] | None
    attributes: Collection[str] = ()
