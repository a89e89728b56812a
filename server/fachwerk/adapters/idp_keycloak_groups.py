# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments as groups of a Keycloak realm, known by the department's id whatever they are called there."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakGetError, KeycloakPostError, raise_error_from_response

from fachwerk.core.identity import GROUP_ROOT, GroupWanted

DEPARTMENT_ID = "fachwerk_department"
"""Attribute of a group: the department's id here, which stays when its name changes."""
PAGE = 200
"""Groups or their members asked for at once."""
NOT_FOUND = 404
MOVED = 204


class _Group(msgspec.Struct):
    """A GroupRepresentation, as far as it is used."""

    id: str
    name: str
    attributes: dict[str, list[str]] = {}
    description: str | None = None


class Group(NamedTuple):
    """A group below another. parent_id: another group's id. department_id: None for one that is not ours."""

    id: str
    parent_id: str
    name: str
    department_id: str | None
    attributes: dict[str, list[str]]
    description: str


def root_of(admin: KeycloakAdmin) -> str | None:
    """The id of the group that all departments are in; None if there is none yet."""
    return group_at(admin, GROUP_ROOT.rstrip("/"))


def group_at(admin: KeycloakAdmin, path: str) -> str | None:
    """The id of the group at a path, None if there is none."""
    try:
        return str(admin.get_group_by_path(path)["id"])
    except KeycloakGetError as error:
        if error.response_code != NOT_FOUND:
            raise
        return None


def below(admin: KeycloakAdmin, root: str) -> Iterator[Group]:
    """All groups below one, each after the one that it is in. One request a group."""
    waiting = [root]
    while waiting:
        parent = waiting.pop(0)
        for group in _children(admin, parent):
            department = next(iter(group.attributes.get(DEPARTMENT_ID, [])), None)
            yield Group(group.id, parent, group.name, department, group.attributes, group.description or "")
            waiting.append(group.id)


def set_groups(admin: KeycloakAdmin, wanted: Sequence[GroupWanted]) -> list[str]:
    """Make, rename and move groups, which are found by the department's id or, if an operator made them, by name.

    wanted: parents first. Returns what was changed, a phrase each. Raises KeycloakError.
    """
    did = []
    root = root_of(admin)
    if root is None:
        name = GROUP_ROOT.strip("/")
        root = str(admin.create_group({"name": name}))
        did.append(f"made the group {name}")
    found = list(below(admin, root))
    ours = {group.department_id: group for group in found if group.department_id}
    named = {(group.parent_id, group.name): group for group in found if not group.department_id}
    at: dict[str | None, str] = {None: root}
    for group in wanted:
        parent = at[group.parent_id]
        there = ours.get(group.id) or named.get((parent, group.name))
        attributes = {DEPARTMENT_ID: [group.id]}
        if there is None:
            at[group.id] = str(admin.create_group({"name": group.name, "attributes": attributes}, parent=parent))
            did.append(f"made the group {group.name}")
            continue
        at[group.id] = there.id
        if there.parent_id != parent:
            _move(admin, there, parent)
            did.append(f"moved the group {group.name}")
        if there.name != group.name or there.department_id != group.id:
            admin.update_group(there.id, {"name": group.name, "attributes": there.attributes | attributes})
            did.append(f"corrected the group {group.name}")
    return did


def drop_groups(admin: KeycloakAdmin, departments: Collection[str]) -> None:
    """Remove the groups of these departments, those below others first. Raises KeycloakError."""
    root = root_of(admin) if departments else None
    found = list(below(admin, root)) if root else []
    for group in reversed(found):
        if group.department_id in departments:
            admin.delete_group(group.id)


def _move(admin: KeycloakAdmin, group: Group, parent: str) -> None:
    """Keycloak moves an existing group that is put among the children of another one."""
    path = f"admin/realms/{admin.connection.realm_name}/groups/{parent}/children"
    answer = admin.connection.raw_post(path, data=json.dumps({"id": group.id, "name": group.name}))
    raise_error_from_response(answer, KeycloakPostError, expected_codes=[MOVED])


def _children(admin: KeycloakAdmin, parent: str) -> Iterator[_Group]:
    for first in range(0, 1 << 20, PAGE):
        query: dict[str, Any] = {"first": first, "max": PAGE, "briefRepresentation": "false"}
        page = msgspec.convert(admin.get_group_children(parent, query), list[_Group])
        yield from page
        if len(page) < PAGE:
            return
