# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provider's list of people as an operator changes it; `accounts.py` only reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .attributes import Attributes


@dataclass(frozen=True, slots=True)
class Profile:
    """An account's own data. login: what the person signs in with. attributes: those of which something is said."""

    login: str
    given_name: str
    name: str
    email: str | None
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Registered:
    """An account as it is. departments: ids. subject: the provider's own id, which never changes."""

    subject: str
    profile: Profile
    enabled: bool
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account to be made. departments: ids."""

    profile: Profile
    enabled: bool
    departments: Collection[str]


@dataclass(frozen=True, slots=True)
class GroupWanted:
    """A department as a group. parent_id: of the department it belongs to."""

    id: str
    parent_id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class GroupThere:
    """A group as it is, whoever made it. path: where it is. above: path of the group that it is in.

    title: what is said of it, empty for nothing. members: logins of those who are in it itself.
    """

    path: str
    above: str
    name: str
    title: str
    members: tuple[str, ...]


class RealmRefused(Exception):
    """The provider does not answer or will not do it. The text is a sentence for the operator."""


class Realm(Protocol):
    """How the list is changed. Every method blocks, may be repeated, and raises RealmRefused."""

    def groups(self) -> Mapping[str, GroupWanted]:
        """The departments' groups as they are, by the department's id."""
        ...

    def tree(self, path: str) -> Sequence[GroupThere]:
        """All groups below the one at a path, each after the one that it is in."""
        ...

    def accounts(self) -> Mapping[str, Registered]:
        """All accounts, by login."""
        ...

    def set_groups(self, wanted: Sequence[GroupWanted], gone: Collection[str] = ()) -> None:
        """Make, rename and move groups (those above first), then remove those of the departments that are gone."""
        ...

    def create(self, newcomers: Sequence[Newcomer]) -> Mapping[str, str]:
        """Make accounts in their groups. Returns the subjects of those that were made, by login.

        An account that somebody made meanwhile stays as it is; one whose address is another's is not made.
        """
        ...

    def change(self, subject: str, profile: Profile, *, enabled: bool) -> None:
        """Give an account another name, address or attributes, open or close it. Who is closed out is signed out, too.

        Attributes of which nothing is said stay.
        """
        ...

    def delete(self, subject: str) -> None:
        """Remove an account; one that is gone is no fault."""
        ...

    def join(self, subject: str, department_id: str) -> None:
        """Put an account into a department's group."""
        ...

    def leave(self, subject: str, department_id: str) -> None:
        """Take an account out of a department's group."""
        ...
