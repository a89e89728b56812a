# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the directory keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Department, DepartmentMember, PersonAttribute


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


PERSONAL = {"departments": departments, "attributes": attributes}
