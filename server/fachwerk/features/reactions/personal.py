# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What reactions keep about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import ReactionRow


def reactions(person_id: str) -> Select[Any]:
    """How they reacted to messages."""
    return (
        select(*columns(ReactionRow, "message_id", "room_id", "emoji", "at_ms"))
        .where(col(ReactionRow.person_id) == person_id)
        .order_by(col(ReactionRow.at_ms), col(ReactionRow.message_id), col(ReactionRow.emoji))
    )


PERSONAL = {"reactions": reactions}
