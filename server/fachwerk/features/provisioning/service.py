# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The house's side of provisioning: what there is, and making it what a file says."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fachwerk.core import directory, identity, rooms
from fachwerk.core.identity import GROUP_ROOT, Account, Registered
from fachwerk.kernel.audit import OPERATOR
from fachwerk.kernel.db import Work

from .orgfile import Org, OrgPerson


class Part(NamedTuple):
    """A department as it is. parent: its short name."""

    id: str
    name: str
    parent: str | None
    has_room: bool


class House(NamedTuple):
    """What there is. departments: by short name. places: of each subject, by short name, whether they lead."""

    departments: Mapping[str, Part]
    places: Mapping[str, Mapping[str, bool]]


async def house_of(work: Work, issuer: str) -> House:
    """What there is now. issuer: whose people are meant. Four queries, however large the house."""
    found = await directory.all_departments(work)
    shorts = {department.id: department.short for department in found}
    with_room = await rooms.departments_with_room(work)
    parts = {
        d.short: Part(d.id, d.name, shorts[d.parent_id] if d.parent_id else None, d.id in with_room) for d in found
    }
    subjects = await identity.subjects(work, issuer)
    places: dict[str, dict[str, bool]] = {}
    for person_id, department_id, lead in await directory.all_members(work):
        if person_id in subjects:
            places.setdefault(subjects[person_id], {})[shorts[department_id]] = lead
    return House(parts, places)


async def build(work: Work, org: Org) -> None:
    """Make, rename and move departments as the file says, and give each its room. Twice changes nothing."""
    ids = {d.short: d.id for d in await directory.all_departments(work)}
    with_room = await rooms.departments_with_room(work)
    for wanted in org.departments:
        parent = ids[wanted.parent] if wanted.parent else None
        if wanted.key in ids:
            changed = await directory.change_department(work, ids[wanted.key], wanted.name, parent)
        else:
            ids[wanted.key] = (await directory.add_department(work, wanted.name, wanted.key, parent)).id
            changed = True
        if changed:
            work.audit(OPERATOR, "department.set", ids[wanted.key], parent=parent or "")
        if ids[wanted.key] not in with_room:
            await rooms.found_department_room(work, ids[wanted.key], wanted.name, "", by=OPERATOR)


async def arrive(work: Work, issuer: str, people: Sequence[tuple[OrgPerson, Registered]]) -> None:
    """Know these people and put them into their departments, and so into the departments' rooms."""
    ids = {d.short: d.id for d in await directory.all_departments(work)}
    for person, there in people:
        groups = tuple(f"{GROUP_ROOT}{ids[key]}" for key in person.departments)
        email = person.email or there.profile.email
        account = Account(there.subject, f"{person.given_name} {person.name}", email, there.enabled, groups)
        await identity.take_over(work, issuer, there.subject, account, arrives=True)
        who = await identity.person_of(work, issuer, there.subject)
        assert who, "was just taken over"
        for key, lead in person.departments.items():
            await directory.add_member(work, ids[key], who.id, "lead" if lead else "member")
