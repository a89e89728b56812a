# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the directory keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Department, DepartmentAdmin, DepartmentMember, PersonAttribute


def departments(person_id: str) -> Select[Any]:
    """Where they belong."""
    return (
        select(*columns(Department, "id", "short", "name"), *columns(DepartmentMember, "role"))
        .join(Department, col(Department.id) == DepartmentMember.department_id)
        .where(col(DepartmentMember.person_id) == person_id)
        .order_by(col(Department.short))
    )


def attributes(person_id: str) -> Select[Any]:
    """What is taken over about them, for rules about who is in a room."""
    return (
        select(*columns(PersonAttribute, "name", "value"))
        .where(col(PersonAttribute.person_id) == person_id)
        .order_by(col(PersonAttribute.name), col(PersonAttribute.value))
    )


def administration(person_id: str) -> Select[Any]:
    """What they administer, since when, until when, and who appointed them."""
    return (
        select(
            *columns(Department, "id", "short", "name"),
            *columns(DepartmentAdmin, "appointed_by", "appointed_ms", "until_ms"),
        )
        .join(Department, col(Department.id) == DepartmentAdmin.department_id)
        .where(col(DepartmentAdmin.person_id) == person_id)
        .order_by(col(Department.short))
    )


def appointments(person_id: str) -> Select[Any]:
    """Whom they appointed to administer a department."""
    return (
        select(*columns(DepartmentAdmin, "department_id", "person_id", "appointed_ms", "until_ms"))
        .where(col(DepartmentAdmin.appointed_by) == person_id)
        .order_by(col(DepartmentAdmin.appointed_ms), col(DepartmentAdmin.department_id), col(DepartmentAdmin.person_id))
    )


PERSONAL = {
    "departments": departments,
    "attributes": attributes,
    "administration": administration,
    "appointments": appointments,
}
