# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The policy that rooms follow: how open the label of a department's rooms may be at most.

A new room begins with it. What is wider already stays so until somebody labels the room.
"""

from collections.abc import Mapping
from typing import cast, get_args

from sqlmodel import col, func, select

from fachwerk.core import policies
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import DepartmentPolicy

from .model import Label, Room


async def _reached(work: Work) -> Mapping[tuple[str | None, str], int]:
    """Rooms of two have no label of their own choice and are left out."""
    counted = (
        select(Room.department_id, Room.label, func.count())
        .where(Room.kind != "direct")
        .group_by(col(Room.department_id), col(Room.label))
    )
    return {(department_id, label): count for department_id, label, count in (await work.db.exec(counted)).all()}


LEAST_LABEL = DepartmentPolicy("least_label", get_args(Label), _reached)


async def least_label(work: Work, department_id: str | None) -> Label:
    """The label with which a room of this department, or of none, begins. One query."""
    return cast("Label", (await policies.at(work, department_id)).ruling(LEAST_LABEL).value)


async def require_label_allowed(work: Work, room: Room, label: Label) -> None:
    """Raise PolicyForbids if rooms of its department may not have this label. One query."""
    (await policies.at(work, room.department_id)).require(LEAST_LABEL, label)
