# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Numbers and lists of the whole installation, and signing somebody out. Nothing here tells what a person does."""

from fachwerk.core import directory, files, identity, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from .wire import (
    PAGE,
    Belongs,
    DepartmentOpening,
    Listed,
    Overview,
    RoleRow,
    Roll,
    RoomCounts,
    RuleRow,
    Rules,
    Search,
    Unit,
)


async def overview(work: Work, policy: Policy, actor: Actor) -> Overview:
    """The installation in numbers. Five queries."""
    policy.require(actor, "admin.read", Facts())
    people, kinds = await identity.headcount(work), await rooms.count_by_kind(work)
    return Overview(
        people_active=people.active,
        people_disabled=people.disabled,
        departments=await directory.department_count(work),
        rooms=RoomCounts(
            group=kinds.get("group", 0), department=kinds.get("department", 0), direct=kinds.get("direct", 0)
        ),
        sessions=await identity.living_sessions(work),
        files_bytes=await files.size_bytes(work),
    )


async def departments(work: Work, policy: Policy, actor: Actor) -> list[Unit]:
    """All departments, each after the one that it belongs to. Three queries."""
    policy.require(actor, "admin.read", Facts())
    return [
        Unit(
            id=one.id,
            parent_id=one.parent_id,
            name=one.name,
            short=one.short,
            people=people,
            leads=leads,
            deputies=deputies,
        )
        for one, people, leads, deputies in await directory.units(work)
    ]


async def openings(work: Work, policy: Policy, actor: Actor) -> list[DepartmentOpening]:
    """Which departments are open to which."""
    policy.require(actor, "admin.read", Facts())
    return [DepartmentOpening(department=one.department_id, to=one.to_id) for one in await directory.openings(work)]


async def open_department(work: Work, policy: Policy, actor: Actor, opening: directory.Opening) -> None:
    """Let the people of a department be seen by those of another. Raises NotFound, Invalid for one and the same."""
    policy.require(actor, "admin.open_department", Facts())
    if opening.department_id == opening.to_id:
        raise Invalid(errors=(FieldError("/to", "a department beside this one"),))
    if to := await directory.open_to(work, opening):
        work.audit(actor.id, "department.open", opening.department_id, to=to)


async def close_department(work: Work, policy: Policy, actor: Actor, opening: directory.Opening) -> None:
    """Take an opening back; one that is none stays so."""
    policy.require(actor, "admin.open_department", Facts())
    if to := await directory.close_to(work, opening):
        work.audit(actor.id, "department.close", opening.department_id, to=to)


async def people(work: Work, policy: Policy, actor: Actor, search: Search) -> Roll:
    """A page of people by name. Four queries at most. Raises NotFound for a cursor that is nobody."""
    policy.require(actor, "admin.read", Facts())
    after = await _colleague(work, search.cursor) if search.cursor else None
    found = await directory.roll(work, search.q, search.department, after, PAGE + 1)
    page = found[:PAGE]
    ids = [person.id for person in page]
    places, sessions = await directory.places(work, ids), await identity.living_sessions_of(work, ids)
    items = [
        Listed(
            id=person.id,
            name=person.name,
            active=person.active,
            roles=person.roles,
            departments=[Belongs(short=place.short, role=place.role) for place in places.get(person.id, [])],
            sessions=sessions.get(person.id, 0),
        )
        for person in page
    ]
    return Roll(items=items, next=page[-1].id if len(found) > PAGE else None)


async def sign_out(work: Work, policy: Policy, actor: Actor, person_id: str) -> None:
    """End all sessions of one of our own people. Who has none stays so. Raises NotFound for anybody else."""
    policy.require(actor, "admin.end_sessions", Facts())
    person = await _colleague(work, person_id)
    await identity.sign_out(work, person.id)
    work.audit(actor.id, "person.sign_out", person.id)


def rules(policy: Policy, actor: Actor) -> Rules:
    """The table by which this server decides."""
    policy.require(actor, "admin.read", Facts())
    return Rules(
        rules=[
            RuleRow(action=action, any_of=grounds.split(" or "), stranger=stranger)
            for action, grounds, stranger in policy.table()
        ],
        roles=[RoleRow(role=role, means=means) for role, means in identity.ROLES.items()],
    )


async def _colleague(work: Work, person_id: str) -> identity.Person:
    person = await identity.colleague(work, person_id)
    if person is None:
        raise NotFound
    return person
