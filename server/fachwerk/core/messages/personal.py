# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What messages keep about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import MessageRow, Revision, ThreadRead


def messages(person_id: str) -> Select[Any]:
    """What they wrote; of what was deleted only that it was."""
    return (
        select(*columns(MessageRow, "id", "room_id", "root_id", "at_ms", "text", "files", "edited_ms", "deleted_ms"))
        .where(col(MessageRow.sender_id) == person_id)
        .order_by(col(MessageRow.at_ms), col(MessageRow.id))
    )


def revisions(person_id: str) -> Select[Any]:
    """What they wrote before they changed it."""
    return (
        select(*columns(Revision, "message_id", "no", "at_ms", "text"))
        .join(MessageRow, col(MessageRow.id) == Revision.message_id)
        .where(col(MessageRow.sender_id) == person_id)
        .order_by(col(Revision.at_ms), col(Revision.message_id), col(Revision.no))
    )


def threads(person_id: str) -> Select[Any]:
    """How far they have read threads."""
    return (
        select(*columns(ThreadRead, "root_id", "read_seq"))
        .where(col(ThreadRead.person_id) == person_id)
        .order_by(col(ThreadRead.root_id))
    )


PERSONAL = {"messages": messages, "revisions": revisions, "threads": threads}
