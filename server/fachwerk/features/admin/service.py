# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Numbers and lists of the whole installation, and what its administrators do. Nothing here tells what a person does.

Lists end where what the actor administers ends; that is decided inside the queries.
"""

from datetime import datetime

from fachwerk.core import directory, files, identity, rooms
from fachwerk.kernel.clock import rfc3339
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
    UnitAdmin,
)

DAY_MS = 86_400_000
LONGEST_MS = 1_830 * DAY_MS
"""Of an appointment that ends: five years and a few days."""


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
    """All departments, each after the one that it belongs to. Four queries."""
    reach = policy.reach(actor, "admin.list")
    admins: dict[str, list[UnitAdmin]] = {}
    for one in await directory.appointments(work, reach):
        shown = UnitAdmin(person_id=one.person_id, name=one.person, until=_until(one.until_ms))
        admins.setdefault(one.department_id, []).append(shown)
    return [
        Unit(
            id=unit.id,
            parent_id=unit.parent_id,
            name=unit.name,
            short=unit.short,
            people=people,
            leads=leads,
            deputies=deputies,
            admins=admins.get(unit.id, []),
        )
        for unit, people, leads, deputies in await directory.units(work, reach)
    ]


def _until(until_ms: int | None) -> str | None:
    return None if until_ms is None else rfc3339(until_ms)


async def appoint(
    work: Work, policy: Policy, actor: Actor, department_id: str, person_id: str, until: datetime | None
) -> None:
    """Let somebody administer a department and all below it.

    Raises NotFound for no such department or person, Invalid for an end that cannot be, TooManyAdministrators.
    """
    policy.require(actor, "admin.appoint", Facts())
    until_ms = None if until is None else int(until.timestamp() * 1000)
    if until_ms is not None and not work.now_ms < until_ms <= work.now_ms + LONGEST_MS:
        raise Invalid(errors=(FieldError("/until", f"from now on, and at most {LONGEST_MS // DAY_MS} days"),))
    person = await _colleague(work, person_id)
    await directory.appoint(work, department_id, person.id, by=actor.id, until_ms=until_ms)


async def dismiss(work: Work, policy: Policy, actor: Actor, department_id: str, person_id: str) -> None:
    """Let somebody no longer administer a department. Who does not stays so."""
    policy.require(actor, "admin.appoint", Facts())
    await directory.dismiss(work, department_id, person_id, by=actor.id)


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
    """A page of people by name. Six queries at most. Raises NotFound for a cursor that is nobody on the roll.

    Who administers departments learns of their people where in these they belong and nothing of the installation.
    """
    reach = policy.reach(actor, "admin.list")
    after = await _colleague(work, search.cursor) if search.cursor else None
    if after is not None and not await directory.belongs_to(work, after.id, reach):
        raise NotFound
    found = await directory.roll(work, search.q, search.department, after, PAGE + 1, reach)
    page = found[:PAGE]
    ids = [person.id for person in page]
    places, given = await directory.places(work, ids, reach), await directory.administered_by(work, ids, reach)
    sessions = await identity.living_sessions_of(work, ids) if reach is None else None
    items = [
        Listed(
            id=person.id,
            name=person.name,
            active=person.active,
            roles=person.roles if reach is None else [],
            departments=[Belongs(short=place.short, role=place.role) for place in places.get(person.id, [])],
            administers=[one.short for one in given.get(person.id, [])],
            sessions=None if sessions is None else sessions.get(person.id, 0),
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
    policy.reach(actor, "admin.list")
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
