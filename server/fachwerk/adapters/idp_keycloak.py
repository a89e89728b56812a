# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Keycloak's list of people, read through its admin API by a service account that may do nothing else."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from functools import partial
from typing import Any, TypeVar

import msgspec
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from fachwerk.core.identity import GROUP_ROOT, Account, Notice, SignedOut, attributes_of
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.log import logger

T = TypeVar("T")

PAGE = 200
"""People, groups or events asked for at once."""
PAGES_MAX = 5_000
"""Of one list: a million people. Beyond it the answer makes no sense."""
TIMEOUT_S = 5
"""For one request; a look at what changed must fit between two others."""
MANY = frozenset({"GROUP", "REALM_ROLE", "PARTIAL_IMPORT"})
"""Kinds of things whose change may concern people who are not named."""
NOT_FOUND = 404

log = logger("keycloak")


class _User(msgspec.Struct):
    """A UserRepresentation, as far as it is used."""

    id: str
    username: str
    enabled: bool = False
    firstName: str = ""  # noqa: N815 -- Keycloak's names
    lastName: str = ""  # noqa: N815
    email: str | None = None
    attributes: dict[str, Any] | None = None


class _Group(msgspec.Struct):
    """A GroupRepresentation."""

    id: str
    path: str


class _Role(msgspec.Struct):
    """A RoleRepresentation."""

    name: str


class _AdminEvent(msgspec.Struct):
    """An AdminEventRepresentation. resourcePath: below the realm, such as `users/ID/groups/ID`."""

    id: str
    time: int
    operationType: str  # noqa: N815
    resourceType: str = ""  # noqa: N815
    resourcePath: str = ""  # noqa: N815


class KeycloakAccounts:
    """The people of one realm; an `identity.Accounts`. issuer: `URL/realms/NAME`. url: another way to the same.

    attributes: names of those that are taken over; without any, Keycloak is not even asked for them.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        url: str | None = None,
        attributes: Collection[str] = (),
    ) -> None:
        self._attributes = attributes
        base, _, realm = issuer.rstrip("/").rpartition("/realms/")
        self._connection = KeycloakOpenIDConnection(
            server_url=url or base,
            realm_name=realm,
            client_id=client_id,
            client_secret_key=client_secret,
            timeout=TIMEOUT_S,
            max_retries=0,
        )
        self._admin = KeycloakAdmin(connection=self._connection)

    async def close(self) -> None:
        """Give back the connections."""
        await self._connection.keycloak_openid.connection.aclose()
        await self._connection.aclose()

    async def noted_ms(self) -> int:
        """When the last admin event was, by Keycloak's clock; 0 if there is none. Raises Unavailable."""
        asked = self._admin.a_get_admin_events({"direction": "desc", "max": 1})
        return max((event.time for event in await _asked(asked, list[_AdminEvent])), default=0)

    async def notices(self, since_ms: int, *, only_sign_outs: bool = False) -> AsyncIterator[list[Notice]]:
        """Pages of admin events as notices, the oldest first. Raises Unavailable."""
        query: dict[str, Any] = {"dateFrom": str(since_ms), "direction": "asc"}
        if only_sign_outs:
            query["operationTypes"] = ["ACTION", "DELETE"]
        ask = self._admin.a_get_admin_events
        async for page in _pages(lambda part: ask(query | part), _AdminEvent):
            notices = [notice_of(event) for event in page]
            yield [n for n in notices if n and (n.signed_out or not only_sign_outs)]

    async def account(self, subject: str) -> Account | None:
        """One account with groups and roles. Raises Unavailable."""
        admin = self._admin
        try:
            user = await _asked(admin.a_get_user(subject), _User)
            groups = await _asked(admin.a_get_user_groups(subject), list[_Group])
            roles = await _asked(admin.a_get_composite_realm_roles_of_user(subject), list[_Role])
        except _Missing:
            return None
        return self._account(user, [group.path for group in groups], [role.name for role in roles])

    async def everybody(self) -> AsyncIterator[list[Account]]:
        """Pages of all accounts with their departments' groups. Raises Unavailable."""
        admin, paths = self._admin, defaultdict[str, list[str]](list)
        brief = {"briefRepresentation": "false" if self._attributes else "true"}
        try:
            waiting = [await _asked(admin.a_get_group_by_path(GROUP_ROOT.rstrip("/")), _Group)]
        except _Missing:
            waiting = []
        while waiting:
            group = waiting.pop()
            waiting += await self._below(group)
            ask = partial(self._members, group)
            async for members in _pages(ask, _User):
                for user in members:
                    paths[user.id].append(group.path)
        async for page in _pages(lambda part: admin.a_get_users(brief | part), _User):
            yield [self._account(user, paths.get(user.id, []), None) for user in page]

    def _members(self, group: _Group, part: dict[str, Any]) -> Awaitable[Any]:
        return self._admin.a_get_group_members(group.id, {"briefRepresentation": "true"} | part)

    def _account(self, user: _User, groups: list[str], roles: list[str] | None) -> Account:
        """Names as Keycloak puts them together for the claim `name`."""
        return Account(
            subject=user.id,
            name=f"{user.firstName} {user.lastName}".strip() or user.username,
            email=user.email,
            enabled=user.enabled,
            groups=tuple(groups),
            roles=None if roles is None else tuple(roles),
            attributes=attributes_of(user.attributes or {}, self._attributes),
        )

    async def _below(self, group: _Group) -> list[_Group]:
        ask = self._admin.a_get_group_children
        return [child async for page in _pages(lambda part: ask(group.id, part), _Group) for child in page]


def notice_of(event: _AdminEvent) -> Notice | None:
    """What an admin event means for us; None for most of what administrators do.

    Whose account changed is in the path. What it was changed to is asked for, not read from the event.
    """
    match event.operationType, event.resourceType, event.resourcePath.split("/"):
        case "ACTION", _, ["users", subject, "logout"]:
            return Notice(event.id, event.time, signed_out=SignedOut(event.time, subject=subject))
        case "ACTION", _, ["logout-all"]:
            return Notice(event.id, event.time, signed_out=SignedOut(event.time))
        case "DELETE", _, ["sessions", sid]:
            return Notice(event.id, event.time, signed_out=SignedOut(event.time, sid=sid))
        case _, kind, ["users", subject, *_] if kind != "USER_PROFILE":  # its path is `users/profile`, who is nobody
            return Notice(event.id, event.time, subject=subject)
        case operation, kind, _ if kind in MANY and operation != "CREATE":
            return Notice(event.id, event.time, many=True)
    return None


class _Missing(Exception):
    """There is no such thing in the realm."""


async def _asked(answer: Awaitable[Any], kind: type[T]) -> T:
    """The answer as this type. Raises _Missing or Unavailable."""
    try:
        return msgspec.convert(await answer, kind)
    except KeycloakError as error:
        if error.response_code == NOT_FOUND:
            raise _Missing from error
        log.debug("Keycloak does not answer", error=type(error).__name__, status=error.response_code)
        raise _unavailable() from error
    except (msgspec.ValidationError, TypeError) as error:
        log.warning("Keycloak answers what we do not understand", error=type(error).__name__)
        raise _unavailable() from error


async def _pages(ask: Callable[[dict[str, Any]], Awaitable[Any]], kind: type[T]) -> AsyncIterator[list[T]]:
    """Page after page until one is not full. Raises Unavailable; a list that is gone meanwhile has ended."""
    for number in range(PAGES_MAX):
        try:
            page = await _asked(ask({"first": number * PAGE, "max": PAGE}), list[kind])  # type: ignore[valid-type]
        except _Missing:
            return
        yield page
        if len(page) < PAGE:
            return
    log.error("a list of Keycloak does not end", pages=PAGES_MAX)
    raise _unavailable()


def _unavailable() -> Unavailable:
    return Unavailable("The list of people does not answer just now.")
