# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sees whom, decided in the query so that no list can forget it.

A person sees the people of their own departments, of those below and of those above, not of the
departments beside. Nothing of it depends on what a client sends.
"""

from collections.abc import Collection

from sqlalchemy import CTE, ColumnElement, union
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor

from .model import Department, DepartmentMember


def _own(person_id: str) -> SelectOfScalar[str]:
    return select(DepartmentMember.department_id).where(col(DepartmentMember.person_id) == person_id)


def _above(person_id: str) -> CTE:
    """The person's departments and all that these belong to. UNION drops doubles, so even a ring ends."""
    start = select(Department.id, Department.parent_id).where(col(Department.id).in_(_own(person_id)))
    above = start.cte("above", recursive=True)
    return above.union(select(Department.id, Department.parent_id).join(above, col(Department.id) == above.c.parent_id))


def _below(person_id: str) -> CTE:
    """The person's departments and all that belong to these."""
    start = select(Department.id).where(col(Department.id).in_(_own(person_id)))
    below = start.cte("below", recursive=True)
    return below.union(select(Department.id).join(below, col(Department.parent_id) == below.c.id))


def visible_departments(actor: Actor) -> ColumnElement[bool]:
    """The departments that a person may see: own, above, below."""
    above, below = _above(actor.id), _below(actor.id)
    return col(Department.id).in_(union(select(above.c.id), select(below.c.id)))


async def seen_departments(work: Work, actor: Actor) -> list[str]:
    """Ids of the departments that a person may see.

    Asked for by itself: with the list a database plans well what it cannot with the question inside another one
    (PostgreSQL, 70,000 people: seconds).
    """
    return list((await work.db.exec(select(Department.id).where(visible_departments(actor)))).all())


def visible_people(actor: Actor, departments: Collection[str]) -> ColumnElement[bool]:
    """The people that a person may see: those of the departments that they may see, and oneself."""
    place = col(DepartmentMember.person_id) == col(Person.id)
    there = select(DepartmentMember.person_id).where(place, col(DepartmentMember.department_id).in_(departments))
    return (col(Person.id) == actor.id) | there.exists()


async def departments_of(work: Work, person_id: str) -> frozenset[str]:
    """The departments of a person and all above them: what is open to a department is open to its parts."""
    return frozenset((await work.db.exec(select(_above(person_id).c.id))).all())


async def may_see(work: Work, actor: Actor, person_id: str) -> bool:
    """Whether this person may be shown to the actor."""
    seen = visible_people(actor, await seen_departments(work, actor))
    return (await work.db.exec(select(Person.id).where(col(Person.id) == person_id, seen))).first() is not None
