# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What must not change at the same time: a person's places and attributes, and what rules of rooms say about these."""

from collections.abc import Collection

from sqlmodel import col, select

from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work

from .model import Department, DepartmentMember


async def hold(work: Work, department_ids: Collection[str]) -> None:
    """Let nobody come into these departments or leave them until this transaction ends; wait for those who do."""
    chosen = select(Department.id).where(col(Department.id).in_(department_ids)).order_by(col(Department.id))
    await work.db.exec(chosen.with_for_update())


async def share(work: Work, department_id: str) -> None:
    """Wait for whoever holds a department; others may come and go beside us."""
    chosen = select(Department.id).where(col(Department.id) == department_id)
    await work.db.exec(chosen.with_for_update(read=True, key_share=True))


async def share_departments_of(work: Work, person_id: str) -> None:
    """As `share`, for all departments that somebody belongs to."""
    theirs = select(DepartmentMember.department_id).where(col(DepartmentMember.person_id) == person_id)
    chosen = select(Department.id).where(col(Department.id).in_(theirs)).order_by(col(Department.id))
    await work.db.exec(chosen.with_for_update(read=True, key_share=True))


async def hold_person(work: Work, person_id: str) -> None:
    """Change what rules ask about a person one after the other: each change then sees the other one."""
    await work.db.exec(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
