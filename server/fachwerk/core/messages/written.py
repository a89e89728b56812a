# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What one person wrote in a range of time, wherever that was. The caller has asked the policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import tuple_
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from fachwerk.kernel.db import Work

from .model import MessageRow, Revision


@dataclass(frozen=True, slots=True)
class Span:
    """Messages of a person that were sent at or after `since_ms` and before `until_ms`."""

    person_id: str
    since_ms: int
    until_ms: int


class Written(NamedTuple):
    """A message as it stood at the end of the range. edited_ms: its last change until then. files: their names."""

    id: str
    room_id: str
    at_ms: int
    text: str
    edited_ms: int | None
    reply: bool
    files: list[str]


async def written(work: Work, span: Span, after: tuple[int, str] | None, limit: int) -> list[Written]:
    """At most `limit` messages, oldest first, without those that were deleted. Two queries at most.

    after: (time, id) of the last one that the caller has already. A text that was changed after the range
    is told as it was before: what was written later is not in it.
    """
    rows = list(await work.db.exec(chosen(span, after, limit)))
    former = await _former(work, rows, span.until_ms)
    return [_told(row, former.get(row.id)) for row in rows]


def chosen(span: Span, after: tuple[int, str] | None, limit: int) -> SelectOfScalar[MessageRow]:
    """A range of the index `message_written`, in its order."""
    place = (col(MessageRow.at_ms), col(MessageRow.id))
    wanted = select(MessageRow).where(
        MessageRow.sender_id == span.person_id,
        col(MessageRow.deleted_ms).is_(None),
        MessageRow.at_ms >= (span.since_ms if after is None else max(span.since_ms, after[0])),
        MessageRow.at_ms < span.until_ms,
    )
    if after is not None:
        wanted = wanted.where(tuple_(*place) > after)
    return wanted.order_by(*place).limit(limit)


async def _former(work: Work, rows: Sequence[MessageRow], until_ms: int) -> dict[str, Revision]:
    """The last texts within the range, of those that were changed after it."""
    changed = [row.id for row in rows if row.edited_ms is not None and row.edited_ms >= until_ms]
    if not changed:
        return {}
    last = (
        select(Revision.message_id, func.max(Revision.no).label("no"))
        .where(col(Revision.message_id).in_(changed), col(Revision.at_ms) < until_ms)
        .group_by(col(Revision.message_id))
        .subquery()
    )
    same = (col(Revision.message_id) == last.c.message_id) & (col(Revision.no) == last.c.no)
    return {revision.message_id: revision for revision in await work.db.exec(select(Revision).join(last, same))}


def _told(row: MessageRow, former: Revision | None) -> Written:
    edited_ms = row.edited_ms
    if former is not None:
        edited_ms = former.at_ms if former.no > 1 else None
    return Written(
        id=row.id,
        room_id=row.room_id,
        at_ms=row.at_ms,
        text=row.text if former is None else former.text,
        edited_ms=edited_ms,
        reply=row.root_id is not None,
        files=[str(file["name"]) for file in row.files],
    )
