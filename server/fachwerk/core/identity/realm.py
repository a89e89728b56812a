# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provider's list of people as an operator changes it; `accounts.py` only reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """An account's own data. login: what the person signs in with."""

    login: str
    given_name: str
    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Registered:
    """An account as it is. departments: ids. subject: the provider's own id, which never changes."""

    subject: str
    profile: Profile
    enabled: bool
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class GroupWanted:
    """A department as a group. parent_id: of the department it belongs to."""

    id: str
    parent_id: str | None
    name: str


class RealmRefused(Exception):
    """The provider does not answer or will not do it. The text is a sentence for the operator."""
