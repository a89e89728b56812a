# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The house's side of provisioning: what there is, and doing the house's part of steps."""

from collections.abc import Iterable, Mapping, Sequence

from fachwerk.core import directory, identity, rooms
from fachwerk.core.identity import GROUP_ROOT, Account, GroupWanted, Registered
from fachwerk.kernel.audit import OPERATOR
from fachwerk.kernel.db import Work

from .state import Part, Place, Role, State, Who
from .steps import AnnouncementsStep, DepartmentStep, GroupRepair, PlaceStep, Repair, RoomStep


async def state_of(
    work: Work, issuer: str, groups: Mapping[str, GroupWanted], accounts: Mapping[str, Registered]
) -> State:
    """What there is now. issuer: whose people are meant. Four queries, however large the house."""
    found = await directory.all_departments(work)
    shorts = {department.id: department.short for department in found}
    departments = {d.short: Part(d.id, d.name, shorts[d.parent_id] if d.parent_id else None) for d in found}
    own, announcements = (
        {shorts[department_id]: room_id for department_id, room_id in there.items() if department_id in shorts}
        for there in await rooms.department_rooms(work)
    )
    logins = {there.subject: login for login, there in accounts.items()}
    people = await identity.subjects(work, issuer)
    here: dict[Place, Role] = {}
    for person_id, department_id, role in await directory.all_members(work):
        if login := logins.get(people.get(person_id, "")):
            here[Place(login, shorts[department_id])] = role
    registered: dict[Place, Role] = {
        Place(login, shorts[department_id]): "member"
        for login, there in accounts.items()
        for department_id in there.departments
        if department_id in shorts
    }
    return State(
        departments,
        own,
        frozenset(d.short for d in found if groups.get(d.id) == GroupWanted(d.id, d.parent_id, d.short)),
        {login: who_of(there) for login, there in accounts.items()},
        registered | here,
        frozenset(registered.keys() ^ here.keys()),
        announcements,
    )


def who_of(there: Registered) -> Who:
    """An account as plans see it."""
    profile = there.profile
    return Who(profile.given_name, profile.name, profile.email, there.enabled, dict(profile.attributes))


async def shape(work: Work, steps: Iterable[DepartmentStep | RoomStep | GroupRepair]) -> list[str]:
    """Make, change and end departments and their rooms. Returns the ids of departments that ended."""
    there = {d.short: Part(d.id, d.name, None) for d in await directory.all_departments(work)}
    ended = []
    for step in steps:
        if isinstance(step, RoomStep):
            await _set_room(work, step, there.get(step.target))
        elif isinstance(step, DepartmentStep) and step.after is not None:
            parent = there[step.after.parent].id if step.after.parent else None
            if step.target in there:
                await directory.change_department(work, there[step.target].id, step.after.name, parent)
            else:
                name, department_id = step.after.name, step.after.id
                await directory.add_department(work, name, step.target, parent, department_id=department_id)
                there[step.target] = step.after
        elif isinstance(step, DepartmentStep) and step.before is not None:
            await directory.remove_department(work, step.before.id)
            there.pop(step.target, None)
            ended.append(step.before.id)
    return ended


async def _set_room(work: Work, step: RoomStep, department: Part | None) -> None:
    if step.after is not None and department is not None:
        announces = isinstance(step, AnnouncementsStep)
        await rooms.found_department_room(
            work, department.id, department.name, by=OPERATOR, announces=announces, room_id=step.after
        )
    elif step.before is not None:
        await rooms.close_department_room(work, step.before)


async def ids_of(work: Work) -> dict[str, str]:
    """Departments' ids, by short name."""
    return {d.short: d.id for d in await directory.all_departments(work)}


async def groups_wanted(work: Work) -> list[GroupWanted]:
    """The departments as groups, those above first."""
    return [GroupWanted(d.id, d.parent_id, d.short) for d in await directory.all_departments(work)]


async def take_over(work: Work, issuer: str, subject: str, there: Registered | None, *, arrives: bool) -> None:
    """Know somebody as the provider has them now; None for one whose account is gone."""
    account = None
    if there is not None:
        groups = tuple(f"{GROUP_ROOT}{department_id}" for department_id in sorted(there.departments))
        name = f"{there.profile.given_name} {there.profile.name}"
        said = there.profile.attributes
        account = Account(subject, name, there.profile.email, there.enabled, groups, attributes=said)
    await identity.take_over(work, issuer, subject, account, arrives=arrives)


async def seat(
    work: Work, issuer: str, there: Registered, steps: Sequence[PlaceStep | Repair], ids: Mapping[str, str]
) -> None:
    """Somebody's places, after the provider has them: here too, and so in the departments' rooms.

    ids: of departments, by short name.
    """
    await take_over(work, issuer, there.subject, there, arrives=True)
    who = await identity.person_of(work, issuer, there.subject)
    if who is None:  # disabled before they were ever here: nothing to take from them
        return
    for step in steps:
        department_id = ids.get(step.place.key)
        if department_id is None:
            continue
        if step.after is None:
            await directory.remove_member(work, department_id, who.id)
        else:
            await directory.add_member(work, department_id, who.id, step.after)
