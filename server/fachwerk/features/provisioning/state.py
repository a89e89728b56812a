# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What there is, in the house and at the provider, as one value that plans are made from."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

import msgspec

Role = Literal["member", "deputy", "lead"]


class Part(msgspec.Struct, frozen=True):
    """A department. parent: the short name of the one it belongs to."""

    id: str
    name: str
    parent: str | None


class Who(msgspec.Struct, frozen=True):
    """An account at the provider. attributes: those of which something is said."""

    given_name: str
    name: str
    email: str | None
    enabled: bool = True
    attributes: dict[str, tuple[str, ...]] = {}

    def saying(self, names: Collection[str]) -> Self:
        """The same, saying something of these attributes alone."""
        said = {name: self.attributes[name] for name in names if name in self.attributes}
        return msgspec.structs.replace(self, attributes=said)

    def __str__(self) -> str:
        address = f" <{self.email}>" if self.email else ""
        return f"{self.given_name} {self.name}{address}{'' if self.enabled else ', disabled'}"


class Place(NamedTuple):
    """Somebody in a department."""

    login: str
    key: str


class State(NamedTuple):
    """The house and the provider together.

    departments: by short name. rooms: the id of each department's own one. groups: the departments whose group
    at the provider is right. accounts: by login. places: whoever is in a department. half: those of these who are so
    in the house alone or at the provider alone. announcements: as rooms.
    """

    departments: Mapping[str, Part]
    rooms: Mapping[str, str]
    groups: frozenset[str]
    accounts: Mapping[str, Who]
    places: Mapping[Place, Role]
    half: frozenset[Place] = frozenset()
    announcements: Mapping[str, str] = MappingProxyType({})
