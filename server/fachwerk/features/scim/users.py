# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People as SCIM users: those of whom the pushing system told us, and nobody else.

A user is a row beside a person. Deleting a user leaves the person, barred; telling of them again finds them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from unicodedata import normalize

import msgspec
from scim2_models import InvalidValueException, Resource, ResourceType, SearchRequest
from scim2_server.storage import SearchPage
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from fachwerk.core import directory, identity
from fachwerk.core.directory import Place
from fachwerk.core.identity import Person

from .filters import conditions
from .metrics import CHANGES
from .model import ScimUser
from .schema import USER, Name, User
from .storage import Storage, require_text

KEPT = ("name", "displayName", "emails")
"""Attributes that are kept as they were sent."""
EMAILS_MAX = 10
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


class Users(Storage):
    """The users."""

    async def get(self, resource_type: ResourceType, resource_id: str, **_: Any) -> User:
        """One user. Raises NotFoundException."""
        return (await self._resources([await self.one(_rows(), col(ScimUser.person_id), resource_id)]))[0]

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """A page of users in the order in which they became known. Three queries."""
        asked = conditions(
            search_request.filter,
            {
                "id": lambda value: col(ScimUser.person_id) == value,
                "user_name": lambda value: col(ScimUser.user_name_key) == key_of(value),
                "external_id": lambda value: col(Person.subject) == value,
                "active": lambda value: col(Person.barred).is_not(value),
            },
        )
        chosen = _rows().where(*asked).order_by(col(ScimUser.person_id))
        total, rows = await self.page(chosen, search_request)
        return SearchPage(total, [*await self._resources(rows)])

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> User:
        """Tell of somebody, known here before or not. Raises UniquenessException, InvalidValueException."""
        assert isinstance(resource, User)
        assert resource.user_name
        said = _said(resource)
        person = await self._push(resource, said, active=resource.active is not False)
        row = ScimUser(
            person_id=person.id,
            user_name=resource.user_name,
            user_name_key=key_of(resource.user_name),
            said=said,
            created_ms=self.work.now_ms,
            changed_ms=self.work.now_ms,
        )
        await self._write(row)
        self.work.audit(self.actor_id, "person.scim_create", person.id)
        CHANGES.labels("user", "create").inc()
        return await self.get(resource_type, person.id)

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> User:
        """Make a user what is said now. Raises as `create`; it is held since it was read, so the version is the same.

        A PUT that does not say whether somebody is active leaves them as they are.
        """
        assert isinstance(resource, User)
        assert resource.id
        assert resource.user_name
        row, person = await self._row(resource.id)
        said = _said(resource)
        active = not person.barred if resource.active is None else resource.active
        changed = {"userName": row.user_name != resource.user_name, "active": active == person.barred}
        changed |= {name: row.said.get(name) != said.get(name) for name in KEPT}
        await self._push(resource, said, active=active)
        row.user_name, row.user_name_key = resource.user_name, key_of(resource.user_name)
        row.said, row.changed_ms = said, self.work.now_ms
        await self._write(row)
        words = " ".join(name for name, is_changed in changed.items() if is_changed)
        self.work.audit(self.actor_id, "person.scim_change", row.person_id, changed=words)
        CHANGES.labels("user", "change").inc()
        return await self.get(resource_type, row.person_id)

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Tell of somebody no more: they are barred and leave their departments."""
        row, person = await self._row(resource_id)
        await identity.withdraw(self.work, person)
        await self.work.db.delete(row)
        self.work.audit(self.actor_id, "person.scim_delete", person.id)
        CHANGES.labels("user", "delete").inc()

    async def _push(self, resource: User, said: Mapping[str, Any], *, active: bool) -> Person:
        """Make what is said true of the person."""
        assert resource.external_id
        name, email, subject = _name(resource), _email(said), resource.external_id
        return await identity.push(self.work, self.endpoint.issuer, subject, name, email, active=active)

    async def _write(self, row: ScimUser) -> None:
        self.work.db.add(row)
        await self.flush("userName and externalId")

    async def _row(self, person_id: str) -> tuple[ScimUser, Person]:
        """What was read and is held."""
        row, person = await self.work.db.get(ScimUser, person_id), await self.work.db.get(Person, person_id)
        assert row
        assert person
        return row, person

    async def _resources(self, rows: Sequence[tuple[ScimUser, Person]]) -> list[User]:
        places = await directory.places(self.work, [row.person_id for row, _ in rows]) if rows else {}
        return [self._resource(row, person, places) for row, person in rows]

    def _resource(self, row: ScimUser, person: Person, places: Mapping[str, list[Place]]) -> User:
        groups = [
            {
                "value": place.department_id,
                "$ref": f"{self.endpoint.base_url}/Groups/{place.department_id}",
                "display": place.short,
                "type": "direct",
            }
            for place in places.get(row.person_id, ())
        ]
        state = {
            "externalId": person.subject,
            "userName": row.user_name,
            "active": not person.barred,
            **row.said,
            "groups": groups,
        }
        meta = {
            "resourceType": "User",
            "created": _moment(row.created_ms),
            "lastModified": _moment(row.changed_ms),
            "location": f"{self.endpoint.base_url}/Users/{row.person_id}",
            "version": f'W/"{sha256(msgspec.json.encode(state)).hexdigest()[:32]}"',
        }
        return User.model_validate({"schemas": [USER], "id": row.person_id, **state, "meta": meta})


def key_of(user_name: str) -> str:
    """A user name as it is compared: in any case (RFC 7643, section 4.1.1), composed in one way."""
    return normalize("NFC", normalize("NFC", user_name).lower())


def _rows() -> Select[ScimUser, Person]:
    return select(ScimUser, Person).join(Person, col(Person.id) == col(ScimUser.person_id))


def _said(resource: User) -> dict[str, Any]:
    """The attributes that are kept as they are. Raises InvalidValueException for what nobody could use."""
    sent: dict[str, Any] = resource.model_dump()
    said = {name: sent[name] for name in KEPT if name in sent}
    for name, text in _texts("", said | {"userName": resource.user_name, "externalId": resource.external_id}):
        require_text(name, text)
    emails = said.get("emails", [])
    if len(emails) > EMAILS_MAX:
        raise InvalidValueException(detail=f"emails: at most {EMAILS_MAX}")
    if not all(ADDRESS.fullmatch(email.get("value", "")) for email in emails):
        raise InvalidValueException(detail="emails: each needs an address")
    return said


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """(name, text) for each text within a value."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(f"{name}.{key}" if name else key, part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(f"{name}[{index}]", part)


def _name(resource: User) -> str:
    """How somebody is called here."""
    name = resource.name or Name()
    parts = " ".join(part for part in (name.given_name, name.family_name) if part)
    return resource.display_name or name.formatted or parts or resource.user_name or ""


def _email(said: Mapping[str, Any]) -> str | None:
    """The address that is written to: the primary one, or the first."""
    emails = sorted(said.get("emails", ()), key=lambda email: not email.get("primary"))
    return emails[0]["value"] if emails else None


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
