# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The whole house as its administrators see it, whoever may see whom. The caller has asked the policy.

reach: only these departments and all below them, and who belongs there; None for the whole house.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, Label, true, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import col, func, select

from fachwerk.core import identity
from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work

from . import wire
from .cards import CARDS, people
from .model import Department, DepartmentMember, DepartmentRole
from .service import all_departments
from .tree import administered, at_or_below


class Unit(NamedTuple):
    """A department. people: active ones who belong to it or to one below it, each once.

    leads, deputies: names of its own.
    """

    department: wire.Department
    people: int
    leads: list[str]
    deputies: list[str]


class Place(NamedTuple):
    """A department that somebody belongs to. short: as on a door sign."""

    department_id: str
    short: str
    role: DepartmentRole


async def department_count(work: Work) -> int:
    """How many departments there are."""
    return (await work.db.exec(select(func.count()).select_from(Department))).one()


async def units(work: Work, reach: Collection[str] | None) -> list[Unit]:
    """All departments, each after the one it belongs to, those beside each other by name. Three queries."""
    departments, people = await all_departments(work, reach), await _people(work, reach)
    heads = await _heads(work, reach)
    return [
        Unit(one, people.get(one.id, 0), heads.get((one.id, "lead"), []), heads.get((one.id, "deputy"), []))
        for one in departments
    ]


def _in(reach: Collection[str] | None, department: Mapped[str]) -> ColumnElement[bool]:
    return true() if reach is None else department.in_(administered(reach))


async def _people(work: Work, reach: Collection[str] | None) -> dict[str, int]:
    """How many belong to each department or to one below it. UNION drops doubles, so even a ring ends."""
    above: Label[str] = col(Department.id).label("above")
    parts = select(above, Department.id).where(_in(reach, col(Department.id))).cte("parts", recursive=True)
    parts = parts.union(select(parts.c.above, Department.id).join(parts, col(Department.parent_id) == parts.c.id))
    counted = (
        select(parts.c.above, func.count(col(DepartmentMember.person_id).distinct()))
        .join(DepartmentMember, col(DepartmentMember.department_id) == parts.c.id)
        .join(Person, col(Person.id) == col(DepartmentMember.person_id))
        .where(col(Person.active).is_(True))
        .group_by(parts.c.above)
    )
    return dict((await work.db.exec(counted)).all())


async def _heads(work: Work, reach: Collection[str] | None) -> dict[tuple[str, str], list[str]]:
    """Names of those who are more than members, by department and role."""
    chosen = (
        select(DepartmentMember.department_id, DepartmentMember.role, Person.name)
        .join(Person, col(Person.id) == col(DepartmentMember.person_id))
        .where(col(DepartmentMember.role) != "member", col(Person.active).is_(True))
        .where(_in(reach, col(DepartmentMember.department_id)))
        .order_by(col(Person.name_key), col(Person.id))
    )
    heads: dict[tuple[str, str], list[str]] = {}
    for department_id, role, name in (await work.db.exec(chosen)).all():
        heads.setdefault((department_id, role), []).append(name)
    return heads


def _belongs(reach: Collection[str]) -> ColumnElement[bool]:
    """Which people belong to one of these departments or to one below."""
    there = col(DepartmentMember.department_id).in_(administered(reach))
    return col(Person.id).in_(select(DepartmentMember.person_id).where(there))


async def roll(
    work: Work, text: str, department_id: str | None, after: Person | None, limit: int, reach: Collection[str] | None
) -> list[Person]:
    """People of our own by name, active or not, whose name contains the text in any spelling (`identity.fold`).

    department_id: only those who belong to it or to one below it. after: those behind this person.
    """
    place = (col(Person.name_key), col(Person.id))
    chosen = select(Person).where(identity.ours(), place[0].contains(identity.fold(text), autoescape=True))
    if department_id is not None:
        there = col(DepartmentMember.department_id).in_(select(at_or_below(department_id).c.id))
        chosen = chosen.where(col(Person.id).in_(select(DepartmentMember.person_id).where(there)))
    if reach is not None:
        chosen = chosen.where(_belongs(reach))
    if after is not None:
        chosen = chosen.where(tuple_(*place) > (after.name_key, after.id))
    return list((await work.db.exec(chosen.order_by(*place).limit(limit))).all())


async def find_anybody(work: Work, text: str, limit: int) -> wire.People:
    """People of our own and guests by name, active or not, whose name contains the text in any spelling."""
    name = col(Person.name_key)
    here = col(Person.issuer).not_in((identity.EXTERNAL, identity.SERVICE))
    chosen = CARDS.where(here, name.contains(identity.fold(text), autoescape=True)).order_by(name, col(Person.id))
    return wire.People(items=[card for _, card in await people(work, chosen.limit(limit))])


async def belongs_to(work: Work, person_id: str, reach: Collection[str] | None) -> bool:
    """Whether somebody is on the roll of these departments."""
    if reach is None:
        return True
    chosen = select(Person.id).where(col(Person.id) == person_id, _belongs(reach))
    return (await work.db.exec(chosen)).first() is not None


async def places(
    work: Work, person_ids: Collection[str], reach: Collection[str] | None = None
) -> dict[str, list[Place]]:
    """The departments that these people belong to themselves, by short name; who belongs to none is left out."""
    chosen = (
        select(DepartmentMember, Department.short)
        .join(Department, col(Department.id) == col(DepartmentMember.department_id))
        .where(col(DepartmentMember.person_id).in_(person_ids), _in(reach, col(Department.id)))
        .order_by(col(Department.short))
    )
    found: dict[str, list[Place]] = {}
    for member, short in (await work.db.exec(chosen)).all():
        found.setdefault(member.person_id, []).append(Place(member.department_id, short, member.role))
    return found
