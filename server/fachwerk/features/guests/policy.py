# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The policy that guests follow: whether a department's rooms may have any.

Guests who are there already stay until their time is over.
"""

from collections.abc import Mapping

from sqlmodel import col, func, select

from fachwerk.core import policies, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import DepartmentPolicy

from .model import Guest


async def _reached(work: Work) -> Mapping[tuple[str | None, str], int]:
    having = (
        select(rooms.Room.department_id, func.count(col(Guest.room_id).distinct()))
        .join(Guest, col(Guest.room_id) == rooms.Room.id)
        .where(col(Guest.ended_ms).is_(None))
        .group_by(col(rooms.Room.department_id))
    )
    return {(department_id, "allowed"): count for department_id, count in (await work.db.exec(having)).all()}


GUESTS = DepartmentPolicy("guests", ("allowed", "forbidden"), _reached)


async def require_allowed(work: Work, room: rooms.Room) -> None:
    """Raise PolicyForbids or LabelForbids if nobody from outside comes into this room. One query."""
    rooms.require_label(room, "open")
    here = await policies.at(work, room.department_id)
    here.require(GUESTS, "allowed")
    here.require(rooms.LEAST_LABEL, "open")
