# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What calls keep about a person, as they may read it. Nothing is recorded."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import CallRow, Participant


def calls(person_id: str) -> Select[Any]:
    """Calls they began."""
    return (
        select(*columns(CallRow, "id", "room_id", "started_ms", "ended_ms"))
        .where(col(CallRow.started_by) == person_id)
        .order_by(col(CallRow.started_ms), col(CallRow.id))
    )


def participations(person_id: str) -> Select[Any]:
    """Running calls that they came into."""
    return (
        select(
            *columns(Participant, "call_id"), *columns(CallRow, "room_id"), *columns(Participant, "inside", "barred")
        )
        .join(CallRow, col(CallRow.id) == Participant.call_id)
        .where(col(Participant.person_id) == person_id)
        .order_by(col(Participant.call_id))
    )


PERSONAL = {"calls": calls, "participations": participations}
