# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People who administer a department and all below it. The caller has asked the policy.

What they may do there is decided by the policy, which knows what an actor administers and where a thing belongs.
"""

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select

from fachwerk.core.identity import Person, PersonDisabled
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict, NotFound
from fachwerk.kernel.policy import Actor

from .events import AdministrationChanged
from .model import Department, DepartmentAdmin
from .tree import administered, at_or_above

OF_DEPARTMENT_MAX, OF_PERSON_MAX = 20, 20
"""Administrators of one department; departments of one administrator."""
LASTING = "lasting"
"""In the audit trail: the appointment has no end."""
Why = Literal["expired", "disabled", "department"]
"""Why it ended by itself: its time was over, the person may not come in any more, or the department has ended."""


class TooManyAdministrators(Conflict):
    """More than a department or a person may have. whose: "department" or "person"."""

    slug, title = "too-many-administrators", "There are too many administrators already"


class Appointment(NamedTuple):
    """Who administers a department, whose name, and until when."""

    department_id: str
    person_id: str
    person: str
    until_ms: int | None


class Administered(NamedTuple):
    """A department that somebody administers, and until when."""

    id: str
    name: str
    short: str
    until_ms: int | None


# ---- asking


def _stands(work: Work) -> ColumnElement[bool]:
    until = col(DepartmentAdmin.until_ms)
    return until.is_(None) | (until > work.now_ms)


async def appointments(work: Work, reach: Collection[str] | None) -> list[Appointment]:
    """Who administers what, by name. reach: of these departments and all below; None for the whole house."""
    chosen = (
        select(DepartmentAdmin, Person.name)
        .join(Person, col(Person.id) == col(DepartmentAdmin.person_id))
        .where(_stands(work))
        .order_by(col(Person.name_key), col(Person.id))
    )
    if reach is not None:
        chosen = chosen.where(col(DepartmentAdmin.department_id).in_(administered(reach)))
    found = (await work.db.exec(chosen)).all()
    return [Appointment(one.department_id, one.person_id, name, one.until_ms) for one, name in found]


async def administered_by(
    work: Work, person_ids: Collection[str], reach: Collection[str] | None = None
) -> Mapping[str, list[Administered]]:
    """What these people administer, by short name; who administers nothing is left out."""
    chosen = (
        select(DepartmentAdmin, Department)
        .join(Department, col(Department.id) == col(DepartmentAdmin.department_id))
        .where(col(DepartmentAdmin.person_id).in_(person_ids), _stands(work))
        .order_by(col(Department.short))
    )
    if reach is not None:
        chosen = chosen.where(col(Department.id).in_(administered(reach)))
    found: dict[str, list[Administered]] = {}
    for one, department in (await work.db.exec(chosen)).all():
        of = Administered(department.id, department.name, department.short, one.until_ms)
        found.setdefault(one.person_id, []).append(of)
    return found


async def within(work: Work, actor: Actor, department_id: str | None) -> frozenset[str]:
    """A department and all above it, as the policy wants to know it. Nothing is asked for who administers none."""
    if department_id is None or not actor.administers:
        return frozenset()
    above = at_or_above(department_id)
    return frozenset((await work.db.exec(select(above.c.id))).all())


# ---- changing


async def appoint(work: Work, department_id: str, person_id: str, *, by: str, until_ms: int | None) -> None:
    """Let somebody administer a department, or until another day than before.

    person_id: of our own. Raises NotFound for no such department and for who may not sign in, TooManyAdministrators.
    """
    able = select(Person.active).where(col(Person.id) == person_id).with_for_update(read=True)
    if not (await work.db.exec(able)).first():
        raise NotFound
    chosen = select(Department).where(col(Department.id) == department_id).with_for_update(key_share=True)
    if (await work.db.exec(chosen)).first() is None:
        raise NotFound
    row = await work.db.get(DepartmentAdmin, (department_id, person_id), populate_existing=True)
    if row is not None and row.until_ms == until_ms:
        return
    if row is None:
        await _require_place(work, department_id, person_id)
        row = DepartmentAdmin(
            department_id=department_id, person_id=person_id, appointed_by=by, appointed_ms=work.now_ms
        )
    row.until_ms, row.appointed_by, row.appointed_ms = until_ms, by, work.now_ms
    work.db.add(row)
    await work.db.flush()
    until = LASTING if until_ms is None else rfc3339(until_ms)
    work.audit(by, "department.appoint_admin", department_id, person=person_id, until=until)
    work.announce(AdministrationChanged(person_id=person_id))


async def _require_place(work: Work, department_id: str, person_id: str) -> None:
    counted = select(func.count()).select_from(DepartmentAdmin)
    there = (await work.db.exec(counted.where(col(DepartmentAdmin.department_id) == department_id))).one()
    if there >= OF_DEPARTMENT_MAX:
        raise TooManyAdministrators(whose="department", limit=OF_DEPARTMENT_MAX)
    theirs = (await work.db.exec(counted.where(col(DepartmentAdmin.person_id) == person_id))).one()
    if theirs >= OF_PERSON_MAX:
        raise TooManyAdministrators(whose="person", limit=OF_PERSON_MAX)


async def dismiss(work: Work, department_id: str, person_id: str, *, by: str) -> None:
    """Let somebody no longer administer a department. Who does not stays so."""
    this = (col(DepartmentAdmin.department_id) == department_id) & (col(DepartmentAdmin.person_id) == person_id)
    if (await work.db.exec(delete(DepartmentAdmin).where(this))).rowcount:
        work.audit(by, "department.dismiss_admin", department_id, person=person_id)
        work.announce(AdministrationChanged(person_id=person_id))


async def end_of_department(work: Work, department_id: str) -> None:
    """A department ends, and with it the right to administer it."""
    await _end(work, col(DepartmentAdmin.department_id) == department_id, "department")


async def on_disabled(work: Work, event: PersonDisabled) -> None:
    """Who may not come in any more administers nothing, also when they come back."""
    await _end(work, col(DepartmentAdmin.person_id) == event.person_id, "disabled")


async def any_over(work: Work) -> bool:
    """Whether the time of some appointment is over. One look at an index."""
    over = select(DepartmentAdmin.person_id).where(col(DepartmentAdmin.until_ms) <= work.now_ms)
    return (await work.db.exec(over.limit(1))).first() is not None


async def end_over(work: Work) -> int:
    """Tell clients and the audit trail that their time is over; the right itself was gone then. Returns how many."""
    return await _end(work, col(DepartmentAdmin.until_ms) <= work.now_ms, "expired")


async def _end(work: Work, which: ColumnElement[bool], why: Why) -> int:
    pair = (col(DepartmentAdmin.department_id), col(DepartmentAdmin.person_id))
    ended = (await work.db.exec(delete(DepartmentAdmin).where(which).returning(*pair))).all()
    for department_id, person_id in ended:
        work.audit(person_id, "department.end_admin", department_id, why=why)
        work.announce(AdministrationChanged(person_id=person_id))
    return len(ended)
