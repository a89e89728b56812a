# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sees whom, decided in the query so that no list can forget it.

A person sees the people of their own departments, of those below and of those above; of the departments beside only
where these were opened. Nothing of it depends on what a client sends.
"""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import CTE, BigInteger, ColumnElement, bindparam, false, true, union, union_all
from sqlmodel import col, select

from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor

from .model import Department, DepartmentAdmin, DepartmentMember, DepartmentOpening

_OWN = select(DepartmentMember.department_id).where(col(DepartmentMember.person_id) == bindparam("person_id"))
"""The queries are made once: to put them together costs more than to ask them, and every arrival asks."""


def _above() -> CTE:
    """The person's departments and all that these belong to. UNION drops doubles, so even a ring ends."""
    above = select(Department.id, Department.parent_id).where(col(Department.id).in_(_OWN)).cte("above", recursive=True)
    return above.union(select(Department.id, Department.parent_id).join(above, col(Department.id) == above.c.parent_id))


def _below() -> CTE:
    """The person's departments and all that belong to these."""
    below = select(Department.id).where(col(Department.id).in_(_OWN)).cte("below", recursive=True)
    return below.union(select(Department.id).join(below, col(Department.parent_id) == below.c.id))


_ABOVE = select(_above().c.id)


def _opened() -> CTE:
    """What was opened to the person's departments or to one above them, and all that belongs to it."""
    given = select(DepartmentOpening.department_id).where(col(DepartmentOpening.to_id).in_(_ABOVE))
    opened = select(Department.id).where(col(Department.id).in_(given)).cte("opened", recursive=True)
    return opened.union(select(Department.id).join(opened, col(Department.parent_id) == opened.c.id))


VISIBLE_DEPARTMENTS = select(Department.id).where(
    col(Department.id).in_(union(_ABOVE, select(_below().c.id), select(_opened().c.id)))
)
"""Ids of the departments that a person may see: own, above, below, opened. Takes person_id."""


async def seen_departments(work: Work, actor: Actor) -> list[str]:
    """Ids of the departments that a person may see.

    Asked for by itself: with the list a database plans well what it cannot with the question inside another one
    (PostgreSQL, 70,000 people: seconds).
    """
    return list((await work.db.exec(VISIBLE_DEPARTMENTS, params={"person_id": actor.id})).all())


def visible_people(actor: Actor, departments: Collection[str]) -> ColumnElement[bool]:
    """The people that a person may see: those of the departments that they may see, and oneself."""
    place = col(DepartmentMember.person_id) == col(Person.id)
    there = select(DepartmentMember.person_id).where(place, col(DepartmentMember.department_id).in_(departments))
    return (col(Person.id) == actor.id) | there.exists()


class Standing(NamedTuple):
    """departments: a person's own and all above them, for what is open to a department is open to its parts.

    administers: those that were given to them.
    """

    departments: frozenset[str]
    administers: frozenset[str]


_UNTIL = col(DepartmentAdmin.until_ms)
_STANDING = union_all(
    select(_above().c.id, false()),
    select(DepartmentAdmin.department_id, true()).where(
        col(DepartmentAdmin.person_id) == bindparam("person_id"),
        _UNTIL.is_(None) | (bindparam("now_ms", type_=BigInteger) < _UNTIL),
    ),
)


async def standing(work: Work, person_id: str) -> Standing:
    """What the policy asks of a person who sends a request. One query."""
    asked = {"person_id": person_id, "now_ms": work.now_ms}
    found = (await (await work.db.connection()).execute(_STANDING, asked)).all()
    return Standing(*(frozenset(one for one, given in found if bool(given) is kind) for kind in (False, True)))


def _led() -> CTE:
    """The departments that a person leads or is deputy of, and all that belong to these."""
    own = _OWN.where(col(DepartmentMember.role) != "member")
    led = select(Department.id).where(col(Department.id).in_(own)).cte("led", recursive=True)
    return led.union(select(Department.id).join(led, col(Department.parent_id) == led.c.id))


_LED = select(_led().c.id)


async def led_departments(work: Work, actor: Actor) -> frozenset[str]:
    """The departments that a person leads or is deputy of, and all below these."""
    return frozenset((await work.db.exec(_LED, params={"person_id": actor.id})).all())


async def may_see(work: Work, actor: Actor, person_id: str) -> bool:
    """Whether this person may be shown to the actor."""
    seen = visible_people(actor, await seen_departments(work, actor))
    return (await work.db.exec(select(Person.id).where(col(Person.id) == person_id, seen))).first() is not None
