# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Walks up and down the tree of departments, as parts of queries. UNION drops doubles, so even a ring ends."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import CTE, Select
from sqlmodel import col, select

from .model import Department


def at_or_below(department_id: str) -> CTE:
    """A department and all that belong to it."""
    return _down([department_id], "below")


def administered(department_ids: Collection[str]) -> Select[Any]:
    """Ids of these departments and of all that belong to them."""
    return select(_down(department_ids, "administered").c.id)


def _down(department_ids: Collection[str], name: str) -> CTE:
    below = select(Department.id).where(col(Department.id).in_(department_ids)).cte(name, recursive=True)
    return below.union(select(Department.id).join(below, col(Department.parent_id) == below.c.id))


def at_or_above(department_id: str) -> CTE:
    """A department and all that it belongs to: id, parent_id, name."""
    columns = (col(Department.id), col(Department.parent_id), col(Department.name))
    above = select(*columns).where(col(Department.id) == department_id).cte("above", recursive=True)
    return above.union(select(*columns).join(above, col(Department.id) == above.c.parent_id))
