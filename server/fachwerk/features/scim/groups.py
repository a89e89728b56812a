# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments as SCIM groups: who belongs to them can be changed, they themselves cannot.

A department has a place in the tree, a room and a group at the provider, of which SCIM knows nothing; it is made,
renamed and ended by `fachwerk org`. Of its members those are told of who are users.
"""

import re
from collections.abc import Collection, Sequence
from typing import Any

from scim2_models import (
    ForbiddenException,
    GroupMember,
    InvalidValueException,
    Meta,
    NotImplementedException,
    PatchOp,
    PatchOperation,
    PayloadTooLargeException,
    Reference,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_models.path import Path
from scim2_server.storage import SearchPage
from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from fachwerk.core import directory
from fachwerk.core.directory import Department, DepartmentMember
from fachwerk.kernel.ids import is_id

from .filters import conditions
from .metrics import CHANGES, MEMBERSHIPS
from .model import ScimGroup, ScimUser
from .schema import Group
from .storage import Storage, require_text

CHANGES_MAX = 200
"""People who are put into a department and taken out of it by one request: each of them changes rooms."""
ONE_MEMBER = re.compile(r'members\[value eq "([0-9a-f-]{1,64})"\]', re.IGNORECASE)


class Groups(Storage):
    """The groups."""

    among: frozenset[str] | None = None
    """Of a department's members only these are loaded; None for all."""

    def narrow(self, patch: PatchOp[Group]) -> None:
        """Load only the members of whom a PATCH speaks, if it says who they are and its answer holds no others."""
        if not {"attributes", "excludedAttributes"} & set(self.request.query):
            self.among = _named(patch)

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Group:
        """One group. Raises NotFoundException."""
        found = await self.one(_rows(), col(Department.id), resource_id)
        return (await self._resources([found], response_parameters))[0]

    async def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """A page of groups in the order in which they were made. Three queries, two without members."""
        asked = conditions(
            search_request.filter,
            {
                "id": lambda value: col(Department.id) == value,
                "display_name": lambda value: col(Department.short) == value,
                "external_id": lambda value: col(ScimGroup.external_id) == value,
                "members": _has_member,
            },
        )
        chosen = _rows().where(*asked).order_by(col(Department.id))
        total, rows = await self.page(chosen, search_request)
        return SearchPage(total, [*await self._resources(rows, search_request)])

    async def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Group:
        """Refused."""
        raise NotImplementedException(detail="departments are made by `fachwerk org`, not over SCIM")

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """Refused."""
        raise NotImplementedException(detail="departments end by `fachwerk org`, not over SCIM")

    async def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Group:
        """Make members and the system's own id what is said now. A PUT without members leaves them as they are."""
        assert isinstance(resource, Group)
        assert resource.id
        present = set((await self._members([resource.id])).get(resource.id, ()))
        wanted = {member.value or "" for member in resource.members or ()}
        if resource.members is None and self.request.method == "PUT":
            wanted = present
        joining, leaving = wanted - present, present - wanted
        await self._require(joining, leaving)
        for person_id in sorted(leaving):
            await directory.remove_member(self.work, resource.id, person_id)
        for person_id in sorted(joining):
            await directory.add_member(self.work, resource.id, person_id)
        renamed = await self._set_external_id(resource.id, resource.external_id)
        said = {"joined": str(len(joining)), "left": str(len(leaving)), "changed": "externalId" if renamed else ""}
        self.work.audit(
            self.actor_id, "department.scim_change", resource.id, **{name: word for name, word in said.items() if word}
        )
        MEMBERSHIPS.labels("joined").inc(len(joining))
        MEMBERSHIPS.labels("left").inc(len(leaving))
        CHANGES.labels("group", "change").inc()
        return await self.get(resource_type, resource.id)

    async def _require(self, joining: set[str], leaving: set[str]) -> None:
        """Raises what is against it that these come and those go."""
        if (joining or leaving) and not self.endpoint.places:
            raise ForbiddenException(
                detail="departments are filled by the sign-in provider's groups (FACHWERK_IDENTITY__DEPARTMENTS)"
            )
        if len(joining) + len(leaving) > CHANGES_MAX:
            raise PayloadTooLargeException(detail=f"at most {CHANGES_MAX} members come and go in a request")
        users = select(ScimUser.person_id).where(col(ScimUser.person_id).in_([one for one in joining if is_id(one)]))
        if joining - set((await self.work.db.exec(users)).all()):
            raise InvalidValueException(detail="members: there is no such user")

    async def _set_external_id(self, department_id: str, external_id: str | None) -> bool:
        """Returns whether it was another one."""
        row = await self.work.db.get(ScimGroup, department_id)
        if external_id == (row.external_id if row else None):
            return False
        if row is not None:
            await self.work.db.delete(row)
            await self.work.db.flush()
        if external_id is not None:
            require_text("externalId", external_id)
            self.work.db.add(ScimGroup(department_id=department_id, external_id=external_id))
            await self.flush("externalId")
        return True

    async def _members(self, department_ids: Collection[str]) -> dict[str, list[str]]:
        """Users who belong to these departments themselves, as far as they are of interest."""
        chosen = (
            select(DepartmentMember.department_id, DepartmentMember.person_id)
            .join(ScimUser, col(ScimUser.person_id) == col(DepartmentMember.person_id))
            .where(col(DepartmentMember.department_id).in_(department_ids))
            .order_by(col(DepartmentMember.person_id))
        )
        if self.among is not None:
            chosen = chosen.where(col(DepartmentMember.person_id).in_(self.among))
        members: dict[str, list[str]] = {}
        for department_id, person_id in (await self.work.db.exec(chosen)).all():
            members.setdefault(department_id, []).append(person_id)
        return members

    async def _resources(
        self, rows: Sequence[tuple[Department, str | None]], asked: ResponseParameters[Any] | None
    ) -> list[Group]:
        base_url = self.endpoint.base_url
        ids = [department.id for department, _ in rows]
        members = await self._members(ids) if ids and _with_members(asked) else {}
        return [
            Group(
                id=department.id,
                external_id=external_id,
                display_name=department.short,
                members=[
                    GroupMember.model_construct(
                        value=person_id, ref=Reference(f"{base_url}/Users/{person_id}"), type="User"
                    )
                    for person_id in members.get(department.id, ())
                ],
                meta=Meta(resource_type="Group", location=f"{base_url}/Groups/{department.id}"),
            )
            for department, external_id in rows
        ]


def _rows() -> Select[Department, str]:
    joined = select(Department, ScimGroup.external_id)
    return joined.outerjoin(ScimGroup, col(ScimGroup.department_id) == col(Department.id))


def _has_member(person_id: str) -> ColumnElement[bool]:
    theirs = select(DepartmentMember.department_id).join(
        ScimUser, col(ScimUser.person_id) == col(DepartmentMember.person_id)
    )
    return col(Department.id).in_(theirs.where(col(ScimUser.person_id) == person_id))


def _with_members(asked: ResponseParameters[Any] | None) -> bool:
    """Whether an answer with these parameters holds members."""
    if asked is None:
        return True
    kept = Path[Group].iter_paths(attributes=asked.attributes, excluded_attributes=asked.excluded_attributes or [])
    return any(path == "members" for path in kept)


def _named(patch: PatchOp[Group]) -> frozenset[str] | None:
    """The members of whom a PATCH speaks, if it says all in one of the usual ways; None if it may mean any of them."""
    named: set[str] = set()
    for operation in patch.operations or ():
        path = str(operation.path or "")
        if operation.op is not PatchOperation.Op.replace_ and path.lower() == "members" and operation.value:
            entries = operation.value if isinstance(operation.value, list) else [operation.value]
            if not all(isinstance(entry, dict) and isinstance(entry.get("value"), str) for entry in entries):
                return None
            named |= {entry["value"] for entry in entries if is_id(entry["value"])}
        elif operation.op is PatchOperation.Op.remove and (one := ONE_MEMBER.fullmatch(path)):
            named.add(one[1])
        elif path.lower() != "externalid":
            return None
    return frozenset(named)
