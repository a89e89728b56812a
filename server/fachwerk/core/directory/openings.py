# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments that are seen from beside them, too. The caller has asked the policy."""

from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import col, delete, select

from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound

from .model import Department, DepartmentOpening

ADD = text(
    "INSERT INTO department_opening (department_id, to_id) VALUES (:department_id, :to_id) ON CONFLICT DO NOTHING"
)


class Opening(NamedTuple):
    """The people of one department may be seen by those of another; not the other way round."""

    department_id: str
    to_id: str


async def openings(work: Work) -> list[Opening]:
    """All of the house."""
    chosen = select(DepartmentOpening).order_by(col(DepartmentOpening.department_id), col(DepartmentOpening.to_id))
    return [Opening(one.department_id, one.to_id) for one in (await work.db.exec(chosen)).all()]


async def open_to(work: Work, opening: Opening) -> str | None:
    """Open a department to another one. Returns the short name of that one; None if it was open before.

    It holds for whatever is asked from now on; who is there sees it in their list of departments when they next
    arrive. Raises NotFound if one of the two is not there.
    """
    shorts = dict(
        (await work.db.exec(select(Department.id, Department.short).where(col(Department.id).in_(opening)))).all()
    )
    if shorts.keys() != set(opening):
        raise NotFound
    added = await (await work.db.connection()).execute(ADD, opening._asdict())
    return shorts[opening.to_id] if added.rowcount else None


async def close_to(work: Work, opening: Opening) -> str | None:
    """Take an opening back. Returns the short name of the department that it was for; None if there was none."""
    this = (col(DepartmentOpening.department_id) == opening.department_id) & (
        col(DepartmentOpening.to_id) == opening.to_id
    )
    if not (await work.db.exec(delete(DepartmentOpening).where(this))).rowcount:
        return None
    return (await work.db.exec(select(Department.short).where(col(Department.id) == opening.to_id))).one()
