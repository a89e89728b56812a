# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A Keycloak realm as an operator changes its people and groups."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakError

from fachwerk.core.identity import GroupWanted, Profile, RealmRefused, Registered

from .idp_keycloak_groups import PAGE, Group, below, root_of, set_groups

IMPORT_MAX = 500
"""Accounts made by one request."""


class _User(msgspec.Struct):
    """A UserRepresentation, as far as it is used."""

    id: str
    username: str
    enabled: bool = False
    firstName: str = ""  # noqa: N815 -- Keycloak's names
    lastName: str = ""  # noqa: N815
    email: str | None = None


class _Member(msgspec.Struct):
    id: str


class KeycloakRealm:
    """admin: with the rights to manage people and groups. Every method raises RealmRefused."""

    def __init__(self, admin: KeycloakAdmin) -> None:
        self._admin = admin
        self._known: list[Group] | None = None

    def groups(self) -> Mapping[str, str]:
        """Names of the departments' groups, by the department's id."""
        with _refusing():
            return {group.department_id: group.name for group in self._groups() if group.department_id}

    def accounts(self) -> Mapping[str, Registered]:
        """All accounts, by login. One request for 100 accounts, and one for each group."""
        with _refusing():
            users = msgspec.convert(self._admin.get_users({"briefRepresentation": "true"}), list[_User])
            places = defaultdict[str, set[str]](set)
            for group in self._groups():
                for member in self._members(group.id) if group.department_id else ():
                    places[member.id].add(group.department_id or "")
        return {
            user.username: Registered(
                user.id,
                Profile(user.username, user.firstName, user.lastName, user.email),
                user.enabled,
                frozenset(places[user.id]),
            )
            for user in users
        }

    def set_groups(self, wanted: Sequence[GroupWanted]) -> None:
        """Make, rename and move the departments' groups."""
        with _refusing():
            set_groups(self._admin, wanted)
        self._known = None

    def create(self, profiles: Sequence[Profile]) -> None:
        """Make accounts; those that somebody made meanwhile stay as they are."""
        realm = self._admin.connection.realm_name or ""
        for first in range(0, len(profiles), IMPORT_MAX):
            users = [_representation(profile) | {"enabled": True} for profile in profiles[first : first + IMPORT_MAX]]
            with _refusing():
                self._admin.partial_import_realm(realm, {"ifResourceExists": "SKIP", "users": users})

    def change(self, subject: str, profile: Profile) -> None:
        """Give an account another name or address; what else it has stays."""
        with _refusing():
            before = self._admin.get_user(subject)
            self._admin.update_user(subject, before | _representation(profile))

    def join(self, subject: str, department_id: str) -> None:
        """Put an account into a department's group."""
        with _refusing():
            self._admin.group_user_add(subject, self._group(department_id))

    def leave(self, subject: str, department_id: str) -> None:
        """Take an account out of a department's group."""
        with _refusing():
            self._admin.group_user_remove(subject, self._group(department_id))

    def _groups(self) -> list[Group]:
        if self._known is None:
            root = root_of(self._admin)
            self._known = list(below(self._admin, root)) if root else []
        return self._known

    def _group(self, department_id: str) -> str:
        return next(group.id for group in self._groups() if group.department_id == department_id)

    def _members(self, group_id: str) -> Iterator[_Member]:
        for first in range(0, 1 << 20, PAGE):
            query = {"first": first, "max": PAGE, "briefRepresentation": "true"}
            page = msgspec.convert(self._admin.get_group_members(group_id, query), list[_Member])
            yield from page
            if len(page) < PAGE:
                return


def _representation(profile: Profile) -> dict[str, str | bool]:
    said: dict[str, str | bool] = {"username": profile.login, "firstName": profile.given_name, "lastName": profile.name}
    return said | ({"email": profile.email, "emailVerified": True} if profile.email else {})


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (KeycloakError, msgspec.ValidationError) as error:
        said = error.error_message if isinstance(error, KeycloakError) else str(error)
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        raise RealmRefused(f"Keycloak refused or does not answer: {text}") from error
