# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What polls keep about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import PollRow, Vote


def polls(person_id: str) -> Select[Any]:
    """What they asked."""
    return (
        select(*columns(PollRow, "id", "room_id", "at_ms", "question", "options", "closed"))
        .where(col(PollRow.sender_id) == person_id)
        .order_by(col(PollRow.at_ms), col(PollRow.id))
    )


def votes(person_id: str) -> Select[Any]:
    """What they chose. option: counted from 0."""
    return (
        select(*columns(Vote, "poll_id"), *columns(PollRow, "room_id", "question"), *columns(Vote, "option"))
        .join(PollRow, col(PollRow.id) == Vote.poll_id)
        .where(col(Vote.person_id) == person_id)
        .order_by(col(Vote.poll_id))
    )


PERSONAL = {"polls": polls, "votes": votes}
