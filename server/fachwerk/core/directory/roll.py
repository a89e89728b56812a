# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The whole house as its administrators see it, whoever may see whom. The caller has asked the policy."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Label, tuple_
from sqlmodel import col, func, select

from fachwerk.core import identity
from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work

from . import wire
from .cards import CARDS, people
from .model import Department, DepartmentMember, DepartmentRole
from .service import all_departments, at_or_below


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


async def units(work: Work) -> list[Unit]:
    """All departments, each after the one it belongs to, those beside each other by name. Three queries."""
    departments, people, heads = await all_departments(work), await _people(work), await _heads(work)
    return [
        Unit(one, people.get(one.id, 0), heads.get((one.id, "lead"), []), heads.get((one.id, "deputy"), []))
        for one in departments
    ]


async def _people(work: Work) -> dict[str, int]:
    """How many belong to each department or to one below it. UNION drops doubles, so even a ring ends."""
    above: Label[str] = col(Department.id).label("above")
    parts = select(above, Department.id).cte("parts", recursive=True)
    parts = parts.union(select(parts.c.above, Department.id).join(parts, col(Department.parent_id) == parts.c.id))
    counted = (
        select(parts.c.above, func.count(col(DepartmentMember.person_id).distinct()))
        .join(DepartmentMember, col(DepartmentMember.department_id) == parts.c.id)
        .join(Person, col(Person.id) == col(DepartmentMember.person_id))
        .where(col(Person.active).is_(True))
        .group_by(parts.c.above)
    )
    return dict((await work.db.exec(counted)).all())


async def _heads(work: Work) -> dict[tuple[str, str], list[str]]:
    """Names of those who are more than members, by department and role."""
    chosen = (
        select(DepartmentMember.department_id, DepartmentMember.role, Person.name)
        .join(Person, col(Person.id) == col(DepartmentMember.person_id))
        .where(col(DepartmentMember.role) != "member", col(Person.active).is_(True))
        .order_by(col(Person.name_key), col(Person.id))
    )
    heads: dict[tuple[str, str], list[str]] = {}
    for department_id, role, name in (await work.db.exec(chosen)).all():
        heads.setdefault((department_id, role), []).append(name)
    return heads


async def roll(work: Work, text: str, department_id: str | None, after: Person | None, limit: int) -> list[Person]:
    """People of our own by name, active or not, whose name contains the text in any spelling (`identity.fold`).

    department_id: only those who belong to it or to one below it. after: those behind this person.
    """
    place = (col(Person.name_key), col(Person.id))
    chosen = select(Person).where(identity.ours(), place[0].contains(identity.fold(text), autoescape=True))
    if department_id is not None:
        there = col(DepartmentMember.department_id).in_(select(at_or_below(department_id).c.id))
        chosen = chosen.where(col(Person.id).in_(select(DepartmentMember.person_id).where(there)))
    if after is not None:
        chosen = chosen.where(tuple_(*place) > (after.name_key, after.id))
    return list((await work.db.exec(chosen.order_by(*place).limit(limit))).all())


async def find_anybody(work: Work, text: str, limit: int) -> wire.People:
    """People of our own and guests by name, active or not, whose name contains the text in any spelling."""
    name = col(Person.name_key)
    here = col(Person.issuer).not_in((identity.EXTERNAL, identity.SERVICE))
    chosen = CARDS.where(here, name.contains(identity.fold(text), autoescape=True)).order_by(name, col(Person.id))
    return wire.People(items=[card for _, card in await people(work, chosen.limit(limit))])


async def places(work: Work, person_ids: Collection[str]) -> dict[str, list[Place]]:
    """The departments that these people belong to themselves, by short name; who belongs to none is left out."""
    chosen = (
        select(DepartmentMember, Department.short)
        .join(Department, col(Department.id) == col(DepartmentMember.department_id))
        .where(col(DepartmentMember.person_id).in_(person_ids))
        .order_by(col(Department.short))
    )
    found: dict[str, list[Place]] = {}
    for member, short in (await work.db.exec(chosen)).all():
        found.setdefault(member.person_id, []).append(Place(member.department_id, short, member.role))
    return found
