# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What rooms keep about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Member, Room


def rooms(person_id: str) -> Select[Any]:
    """Rooms they are or were in, and how far they have read there."""
    return (
        select(
            *columns(Room, "id", "kind", "name", "label"),
            *columns(Member, "role", "membership", "since_ms", "until_ms", "by_rule", "invited_by", "read_seq"),
            (col(Room.created_by) == person_id).label("created_by_you"),
        )
        .join(Room, col(Room.id) == Member.room_id)
        .where(col(Member.person_id) == person_id)
        .order_by(col(Member.since_ms), col(Room.id))
    )


def invitations(person_id: str) -> Select[Any]:
    """Who has an invitation of theirs and has not answered it."""
    return (
        select(*columns(Member, "room_id", "person_id", "membership", "since_ms"))
        .where(col(Member.invited_by) == person_id)
        .order_by(col(Member.since_ms), col(Member.room_id))
    )


PERSONAL = {"rooms": rooms, "invitations": invitations}
