# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments, who belongs to them, and finding people."""

from collections.abc import Collection, Mapping, Sequence

from sqlmodel import col, delete, or_, select
from starlette.requests import HTTPConnection

from fachwerk.core import identity
from fachwerk.core.identity import GROUP_ROOT, Person, PersonReported, SignedIn
from fachwerk.kernel.context import Authenticate
from fachwerk.kernel.db import Database, Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.log import logger
from fachwerk.kernel.policy import Actor

from . import wire
from .administrators import administered_by, end_of_department
from .attributes import other_attributes, set_attributes
from .cards import CARDS, people
from .events import (
    AdministrationChanged,
    DepartmentJoined,
    DepartmentLeft,
    DepartmentMoved,
    DepartmentRenamed,
    SurroundingsChanged,
)
from .holding import hold, hold_person, share
from .model import Department, DepartmentMember, DepartmentOpening, DepartmentRole
from .tree import administered, at_or_below
from .visibility import seen_departments, standing, visible_people

DEPARTMENTS_MAX = 5_000
"""Of one installation; a longer list is cut."""

log = logger("directory")


# ---- who asks


Limits = Mapping[str, frozenset[str]]
"""By issuer: all that its people can ever do, whatever the rules allow. Who is of none of these has no such limit."""


def authenticator(database: Database, limits: Limits) -> Authenticate:
    """How the front learns who asks: one read, and once a minute a session a note that it is in use."""

    async def authenticate(connection: HTTPConnection) -> Actor | None:
        async with database.read() as work:
            signed_in = await identity.session_of(work, connection)
            if signed_in is None:
                return None
            actor = await _actor(work, signed_in, limits)
        if signed_in.touch_due:
            async with database.work() as work:
                await identity.touch(work, signed_in.session_id)
        return actor

    return authenticate


async def _actor(work: Work, signed_in: SignedIn, limits: Limits) -> Actor:
    who = signed_in.person
    departments, administers = await standing(work, who.id)
    return Actor(
        id=who.id,
        session_id=signed_in.session_id,
        acr=signed_in.acr,
        roles=frozenset(who.roles),
        departments=departments,
        administers=administers,
        only=limits.get(who.issuer),
    )


# ---- people


async def people_by_id(
    work: Work, actor: Actor, person_ids: Collection[str], *, also: Collection[str] = ()
) -> wire.People:
    """Those of these people whom the actor may see, active or not; others are left out.

    also: ids that the caller knows to be visible for another reason.
    """
    ids = list(person_ids)
    seen = visible_people(actor, await seen_departments(work, actor)) | col(Person.id).in_(also)
    chosen = CARDS.where(col(Person.id).in_(ids), seen).order_by(col(Person.name_key), col(Person.id))
    return wire.People(items=[card for _, card in await people(work, chosen)])


# ---- departments


def _as_wire(department: Department) -> wire.Department:
    return wire.Department(
        id=department.id, parent_id=department.parent_id, name=department.name, short=department.short
    )


async def departments(work: Work, actor: Actor) -> list[wire.Department]:
    """All departments that the actor may see, each after the one it belongs to, those beside each other by name."""
    seen = col(Department.id).in_(await seen_departments(work, actor))
    chosen = select(Department).where(seen).order_by(col(Department.name), col(Department.id))
    return _parents_first((await work.db.exec(chosen.limit(DEPARTMENTS_MAX))).all())


async def all_departments(work: Work, reach: Collection[str] | None = None) -> list[wire.Department]:
    """Every department of the house, each after the one it belongs to. For operators and administrators.

    reach: only these and all below.
    """
    chosen = select(Department).order_by(col(Department.name), col(Department.id))
    if reach is not None:
        chosen = chosen.where(col(Department.id).in_(administered(reach)))
    return _parents_first((await work.db.exec(chosen)).all())


def _parents_first(found: Sequence[Department]) -> list[wire.Department]:
    known = {d.id for d in found}
    children: dict[str | None, list[Department]] = {}
    for department in found:
        parent = department.parent_id if department.parent_id in known else None
        children.setdefault(parent, []).append(department)
    ordered: list[wire.Department] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        department = waiting.pop()
        ordered.append(_as_wire(department))
        waiting += children.get(department.id, [])[::-1]
    return ordered


async def own_departments(work: Work, actor: Actor) -> list[wire.Department]:
    """The departments to which the actor belongs themselves, by name."""
    chosen = (
        select(Department)
        .join(DepartmentMember, col(DepartmentMember.department_id) == col(Department.id))
        .where(col(DepartmentMember.person_id) == actor.id)
        .order_by(col(Department.name), col(Department.id))
    )
    return [_as_wire(department) for department in (await work.db.exec(chosen)).all()]


async def surroundings(work: Work, actor: Actor) -> wire.Surroundings:
    """What the actor's client knows from the start."""
    ((_, me),) = await people(work, CARDS.where(col(Person.id) == actor.id))
    administers = (await administered_by(work, [actor.id])).get(actor.id, [])
    return wire.Surroundings(
        me=me, departments=await departments(work, actor), administers=tuple(sorted(one.id for one in administers))
    )


async def add_department(
    work: Work, name: str, short: str, parent_id: str | None = None, *, department_id: str | None = None
) -> Department:
    """Make a department. Raises NotFound if there is no such parent. For seeds and imports."""
    if parent_id is not None and await work.db.get(Department, parent_id) is None:
        raise NotFound
    made = Department(id=department_id or work.ids(), parent_id=parent_id, name=name, short=short)
    work.db.add(made)
    await work.db.flush()
    return made


async def change_department(work: Work, department_id: str, name: str, parent_id: str | None) -> bool:
    """Give a department another name or place. Returns whether it had another one. For imports.

    Its people and those below it are told at once; others see it when they next arrive.
    """
    found = await work.db.get(Department, department_id)
    if found is None:
        raise NotFound
    if (found.name, found.parent_id) == (name, parent_id):
        return False
    if found.name != name:
        work.announce(DepartmentRenamed(department_id=department_id, before=found.name, name=name))
    if found.parent_id != parent_id:
        await hold(work, await departments_below(work, department_id))
        work.announce(DepartmentMoved(department_id=department_id, before=found.parent_id, parent_id=parent_id))
    found.name, found.parent_id = name, parent_id
    work.db.add(found)
    await work.db.flush()
    for person_id in await people_at_or_below(work, department_id):
        await _tell(work, person_id)
    return True


async def department(work: Work, department_id: str) -> wire.Department:
    """One department, whoever asks."""
    return _as_wire((await work.db.exec(select(Department).where(col(Department.id) == department_id))).one())


async def remove_department(work: Work, department_id: str) -> bool:
    """Let a department end; whoever is still in it leaves first. Returns whether it was there. For imports.

    None may be below it any more. What it was opened to, or was open to it, is so no longer, and nobody administers it.
    """
    if await work.db.get(Department, department_id) is None:
        return False
    for person_id, _ in await members_of(work, department_id):
        await remove_member(work, department_id, person_id)
    await end_of_department(work, department_id)
    opening = (col(DepartmentOpening.department_id), col(DepartmentOpening.to_id))
    await work.db.exec(delete(DepartmentOpening).where(or_(*(side == department_id for side in opening))))
    await work.db.exec(delete(Department).where(col(Department.id) == department_id))
    return True


async def departments_below(work: Work, department_id: str) -> list[str]:
    """A department and all that belong to it, in order of id."""
    below = at_or_below(department_id)
    return list((await work.db.exec(select(below.c.id).order_by(below.c.id))).all())


async def department_names(work: Work, department_ids: Collection[str]) -> dict[str, str]:
    """The names of these departments, whoever asks; those that have ended are left out."""
    chosen = select(Department.id, Department.name).where(col(Department.id).in_(department_ids))
    return dict((await work.db.exec(chosen)).all())


async def people_at_or_below(work: Work, department_id: str) -> list[str]:
    """Everybody of a department and of all that belong to it who may sign in, in order of id."""
    below = at_or_below(department_id)
    chosen = select(DepartmentMember.person_id).join(Person, col(Person.id) == col(DepartmentMember.person_id))
    there = chosen.where(col(DepartmentMember.department_id).in_(select(below.c.id)), col(Person.active).is_(True))
    return list((await work.db.exec(there.distinct().order_by(col(DepartmentMember.person_id)))).all())


async def members_of(work: Work, department_id: str) -> list[tuple[str, DepartmentRole]]:
    """(person, role) for each who belongs to a department itself."""
    chosen = select(DepartmentMember).where(col(DepartmentMember.department_id) == department_id)
    return [(place.person_id, place.role) for place in (await work.db.exec(chosen)).all()]


async def all_members(work: Work) -> list[tuple[str, str, DepartmentRole]]:
    """(person, department, role) for the whole house. For operators' commands."""
    found = await work.db.exec(select(DepartmentMember))
    return [(place.person_id, place.department_id, place.role) for place in found.all()]


async def add_member(work: Work, department_id: str, person_id: str, role: DepartmentRole = "member") -> None:
    """Put a person into a department, or give them another role there. For seeds and imports."""
    if await _join(work, department_id, person_id, role):
        await _tell(work, person_id)


async def remove_member(work: Work, department_id: str, person_id: str) -> None:
    """Take a person out of a department. For imports. Who is not in it stays so."""
    if await work.db.get(DepartmentMember, (person_id, department_id)):
        await _leave(work, department_id, person_id)
        await _tell(work, person_id)


async def _join(work: Work, department_id: str, person_id: str, role: DepartmentRole) -> bool:
    """Returns whether the person was not in it before."""
    await share(work, department_id)
    await hold_person(work, person_id)
    place = await work.db.get(DepartmentMember, (person_id, department_id))
    if place is not None:
        if place.role != role:
            place.role = role
            work.db.add(place)
            work.announce(DepartmentJoined(department_id=department_id, person_id=person_id, role=role))
            work.audit(person_id, "department.set_role", department_id, role=role)
        return False
    work.db.add(DepartmentMember(person_id=person_id, department_id=department_id, role=role))
    work.announce(DepartmentJoined(department_id=department_id, person_id=person_id, role=role))
    work.audit(person_id, "department.join", department_id, role=role)
    return True


async def _leave(work: Work, department_id: str, person_id: str) -> None:
    await share(work, department_id)
    await hold_person(work, person_id)
    here = (col(DepartmentMember.person_id) == person_id) & (col(DepartmentMember.department_id) == department_id)
    await work.db.exec(delete(DepartmentMember).where(here))
    work.announce(DepartmentLeft(department_id=department_id, person_id=person_id))
    work.audit(person_id, "department.leave", department_id)


async def _tell(work: Work, person_id: str) -> None:
    await work.db.flush()
    seen = await surroundings(work, Actor(id=person_id))
    work.emit(f"user:{person_id}", SurroundingsChanged(surroundings=seen))


async def on_administration_changed(work: Work, event: AdministrationChanged) -> None:
    """Let the person's clients know at once: they ask anew what the person may do."""
    await _tell(work, event.person_id)


async def on_reported(work: Work, event: PersonReported) -> None:
    """Make memberships what the provider says: of `/departments/.../NAME`, NAME is a short name or an id.

    A provider that sends no groups at all says nothing about them; groups without a department here
    are skipped.
    """
    changed = event.changed
    if event.groups is not None:
        named = _names(event.groups)
        wanted = await _named(work, named)
        held = DepartmentMember.department_id
        has = set((await work.db.exec(select(held).where(DepartmentMember.person_id == event.person_id))).all())
        if len(wanted) < len(named):
            log.warning("groups of the provider are no departments here", groups=len(named) - len(wanted))
        for department_id in sorted(wanted - has):
            await _join(work, department_id, event.person_id, "member")
        for department_id in sorted(has - wanted):
            await _leave(work, department_id, event.person_id)
        changed = changed or wanted != has
    await set_attributes(work, event.person_id, event.attributes, no_others=event.left)
    if changed:
        await _tell(work, event.person_id)


async def unlike(
    work: Work, groups: Mapping[str, Collection[str]], attributes: Mapping[str, identity.Attributes]
) -> set[str]:
    """Of these people, by id, with what the provider says of them: those who have other departments or attributes here.

    attributes: the same names for everybody.
    """
    return await _placed_otherwise(work, groups) | await other_attributes(work, attributes)


async def _placed_otherwise(work: Work, groups: Mapping[str, Collection[str]]) -> set[str]:
    names = {name for paths in groups.values() for name in _names(paths)}
    called = col(Department.short).in_(names) | col(Department.id).in_(names)
    wanted: dict[str, str] = {}
    for department_id, short in (await work.db.exec(select(Department.id, Department.short).where(called))).all():
        wanted |= {department_id: department_id, short: department_id}
    held: dict[str, set[str]] = {person_id: set() for person_id in groups}
    chosen = select(DepartmentMember.person_id, DepartmentMember.department_id)
    for person_id, department_id in await work.db.exec(chosen.where(col(DepartmentMember.person_id).in_(held))):
        held[person_id].add(department_id)
    return {
        person_id
        for person_id, paths in groups.items()
        if {wanted[name] for name in _names(paths) if name in wanted} != held[person_id]
    }


def _names(groups: Collection[str]) -> set[str]:
    """What the departments among a provider's groups are called: short names or ids."""
    return {path.removeprefix(GROUP_ROOT).split("/")[-1] for path in groups if path.startswith(GROUP_ROOT)}


async def _named(work: Work, names: Collection[str]) -> set[str]:
    called = col(Department.short).in_(names) | col(Department.id).in_(names)
    return set((await work.db.exec(select(Department.id).where(called))).all())
