# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the directory keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Department, DepartmentMember


def departments(person_id: str) -> Select[Any]:
    """Where they belong."""
    return (
        select(*columns(Department, "id", "short", "name"), *columns(DepartmentMember, "role"))
        .join(Department, col(Department.id) == DepartmentMember.department_id)
        .where(col(DepartmentMember.person_id) == person_id)
        .order_by(col(Department.short))
    )


PERSONAL = {"departments": departments}
