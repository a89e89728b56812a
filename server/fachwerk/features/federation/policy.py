# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The policy that federation follows: whether a department's rooms may be shared with other ministries.

What is shared already stays so until somebody closes it; it is not opened again then.
"""

from collections import Counter
from collections.abc import Mapping

from sqlmodel import col, select

from fachwerk.core import policies, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import DepartmentPolicy

from .model import LIVE, PeerRow


async def _reached(work: Work) -> Mapping[tuple[str | None, str], int]:
    shared = (await work.db.exec(select(PeerRow.room_id).where(col(PeerRow.state).in_(LIVE)).distinct())).all()
    return Counter((room.department_id, "allowed") for room in await rooms.by_ids(work, shared))


FEDERATION = DepartmentPolicy("federation", ("allowed", "denied"), _reached)


async def require_allowed(work: Work, department_id: str | None) -> None:
    """Raise PolicyForbids if rooms of a department, or of none, are shared with nobody or never open. One query."""
    here = await policies.at(work, department_id)
    here.require(FEDERATION, "allowed")
    here.require(rooms.LEAST_LABEL, "open")
