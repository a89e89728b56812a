# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People as they are shown to others."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work

from . import wire
from .model import Department, DepartmentMember

_SHORT = (
    select(func.min(Department.short))
    .join(DepartmentMember, col(DepartmentMember.department_id) == col(Department.id))
    .where(col(DepartmentMember.person_id) == col(Person.id))
    .scalar_subquery()
)
CARDS = select(Person, _SHORT)
"""People with the short name of their first department."""


async def people(work: Work, chosen: Select[Person, str]) -> list[tuple[str, wire.Person]]:
    """(folded name, card) of each."""
    return [(p.name_key, _card(p, d)) for p, d in (await work.db.exec(chosen)).all()]


def _card(who: Person, department: str | None) -> wire.Person:
    return wire.Person(
        id=who.id,
        name=who.name,
        department=department,
        active=who.active,
        organisation=None if who.is_guest else who.organisation,
        guest=(who.organisation or "") if who.is_guest else None,
    )
