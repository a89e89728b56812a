# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A Keycloak realm as an operator changes its people and groups."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from fachwerk.core.identity import (
    GROUP_ROOT,
    GroupThere,
    GroupWanted,
    Newcomer,
    Profile,
    RealmRefused,
    Registered,
    attributes_of,
)

from .idp_keycloak_groups import NOT_FOUND, PAGE, Group, below, drop_groups, group_at, root_of, set_groups

IMPORT_MAX = 500
"""Accounts made by one request."""
TIMEOUT_S = 60
CONFLICT = 409


class _User(msgspec.Struct):
    """A UserRepresentation, as far as it is used."""

    id: str
    username: str
    enabled: bool = False
    firstName: str = ""  # noqa: N815 -- Keycloak's names
    lastName: str = ""  # noqa: N815
    email: str | None = None
    attributes: dict[str, Any] | None = None


class _ImportedUser(msgspec.Struct):
    """action: ADDED or SKIPPED."""

    action: str
    resourceName: str  # noqa: N815
    id: str


class _Imported(msgspec.Struct):
    """What a partial import answers."""

    results: list[_ImportedUser]


class _Member(msgspec.Struct):
    id: str
    username: str


def organisation(
    *, issuer: str, url: str | None, client_id: str, client_secret: str, attributes: Collection[str]
) -> "KeycloakRealm":
    """The realm as the service account sees it that may manage people and groups, and nothing else."""
    base, _, name = issuer.rstrip("/").rpartition("/realms/")
    connection = KeycloakOpenIDConnection(
        server_url=url or base,
        realm_name=name,
        client_id=client_id,
        client_secret_key=client_secret,
        timeout=TIMEOUT_S,
    )
    return KeycloakRealm(KeycloakAdmin(connection=connection), attributes, may_import=False)


class KeycloakRealm:
    """An `identity.Realm`. admin: with the rights to manage people and groups. attributes: names of those we deal with.

    may_import: also those to change the realm itself, which many accounts at once ask for.
    """

    def __init__(self, admin: KeycloakAdmin, attributes: Collection[str] = (), *, may_import: bool = True) -> None:
        self._admin, self._may_import, self._attributes = admin, may_import, attributes
        self._known: list[Group] | None = None

    def groups(self) -> Mapping[str, GroupWanted]:
        """The departments' groups as they are. One request for each."""
        with _refusing():
            found = self._groups()
        departments = {group.id: group.department_id for group in found}
        return {
            group.department_id: GroupWanted(group.department_id, departments.get(group.parent_id), group.name)
            for group in found
            if group.department_id
        }

    def tree(self, path: str) -> Sequence[GroupThere]:
        """All groups below the one at a path. Two requests for each, and one for 200 members."""
        with _refusing():
            root = group_at(self._admin, path)
            if root is None:
                raise RealmRefused(f"Keycloak has no group {path}")
            paths, found = {root: path}, list[GroupThere]()
            for group in below(self._admin, root):
                above = paths[group.parent_id]
                paths[group.id] = f"{above}/{group.name}"
                members = tuple(member.username for member in self._members(group.id))
                found.append(GroupThere(paths[group.id], above, group.name, group.description, members))
        return found

    def accounts(self) -> Mapping[str, Registered]:
        """All accounts, by login. One request for 100 accounts, and one for each group."""
        with _refusing():
            brief = "false" if self._attributes else "true"
            users = msgspec.convert(self._admin.get_users({"briefRepresentation": brief}), list[_User])
            places = defaultdict[str, set[str]](set)
            for group in self._groups():
                for member in self._members(group.id) if group.department_id else ():
                    places[member.id].add(group.department_id or "")
        return {
            user.username: Registered(
                user.id,
                Profile(
                    user.username,
                    user.firstName,
                    user.lastName,
                    user.email,
                    attributes_of(user.attributes or {}, self._attributes),
                ),
                user.enabled,
                frozenset(places[user.id]),
            )
            for user in users
        }

    def set_groups(self, wanted: Sequence[GroupWanted], gone: Collection[str] = ()) -> None:
        """Make, rename and move the departments' groups; remove those that are gone."""
        self._known = None
        with _refusing():
            set_groups(self._admin, wanted)
            drop_groups(self._admin, gone)

    def create(self, newcomers: Sequence[Newcomer]) -> Mapping[str, str]:
        """Make accounts; those that somebody made meanwhile stay as they are."""
        made: dict[str, str] = {}
        realm = self._admin.connection.realm_name or ""
        with _refusing():
            paths = self._paths()
            wanted = [
                _representation(one.profile, {})
                | {"enabled": one.enabled, "groups": [paths[department] for department in one.departments]}
                for one in newcomers
            ]
            if not self._may_import:
                return {user["username"]: subject for user in wanted if (subject := self._create(user))}
            for first in range(0, len(wanted), IMPORT_MAX):
                users = wanted[first : first + IMPORT_MAX]
                answer = self._admin.partial_import_realm(realm, {"ifResourceExists": "SKIP", "users": users})
                imported = msgspec.convert(answer, _Imported).results
                made |= {one.resourceName: one.id for one in imported if one.action == "ADDED"}
        return made

    def _create(self, user: dict[str, Any]) -> str | None:
        """Make one account. Returns its subject; None if its login or address is somebody else's."""
        try:
            return str(self._admin.create_user(user, exist_ok=False))
        except KeycloakError as error:
            if error.response_code != CONFLICT:
                raise
            return None

    def change(self, subject: str, profile: Profile, *, enabled: bool) -> None:
        """Give an account another name, address or attributes; the rest stays. Disabling ends no session there."""
        with _refusing():
            before = self._admin.get_user(subject)
            has = before.get("attributes") or {}
            wanted = {"email": "", "enabled": enabled} | _representation(profile, has)
            self._admin.update_user(subject, before | wanted)
            if not enabled:
                self._admin.user_logout(subject)

    def delete(self, subject: str) -> None:
        """Remove an account."""
        with _refusing():
            try:
                self._admin.delete_user(subject)
            except KeycloakError as error:
                if error.response_code != NOT_FOUND:
                    raise

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

    def _paths(self) -> dict[str, str]:
        """Where each department's group is, as an import names it."""
        at: dict[str, str] = {}
        paths: dict[str, str] = {}
        for group in self._groups():
            at[group.id] = f"{at.get(group.parent_id, GROUP_ROOT.rstrip('/'))}/{group.name}"
            if group.department_id:
                paths[group.department_id] = at[group.id]
        return paths

    def _members(self, group_id: str) -> Iterator[_Member]:
        for first in range(0, 1 << 20, PAGE):
            query = {"first": first, "max": PAGE, "briefRepresentation": "true"}
            page = msgspec.convert(self._admin.get_group_members(group_id, query), list[_Member])
            yield from page
            if len(page) < PAGE:
                return


def _representation(profile: Profile, has: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """has: the attributes that the account has; Keycloak takes away what is not named."""
    said: dict[str, Any] = {"username": profile.login, "firstName": profile.given_name, "lastName": profile.name}
    if profile.attributes:
        attributes = dict(has) | {name: list(values) for name, values in profile.attributes.items()}
        said["attributes"] = {name: values for name, values in attributes.items() if values}
    return said | ({"email": profile.email, "emailVerified": True} if profile.email else {})


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (KeycloakError, msgspec.ValidationError) as error:
        said = error.error_message if isinstance(error, KeycloakError) else str(error)
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        raise RealmRefused(f"Keycloak refused or does not answer: {text}") from error
