# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Posting, changing and reading messages."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, text, update
from sqlmodel import col, func, select

from fachwerk.core import files, rooms
from fachwerk.kernel.clock import Clock, rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.events import EventRow, encode
from fachwerk.kernel.ids import Ids
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import events
from .events import Message, Thread
from .log import Append, Stored
from .model import MessageRow, Revision, ThreadRead
from .rules import REVISIONS, AlreadyDeleted, EmptyMessage, TooManyEdits, body_hash
from .sequencer import Sequencer

PEOPLE_SHOWN = 3
"""Faces on the summary of a thread."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message as its sender wrote it."""

    room_id: str
    client_id: str
    text: str
    root_id: str | None
    file_ids: tuple[str, ...]


async def attached(work: Work, actor: Actor, draft: Draft) -> list[files.FileRef]:
    """The files of a draft. Those of one that was stored before are as they were then. Raises Invalid."""
    if not draft.file_ids:
        return []
    before = select(MessageRow.files).where(MessageRow.sender_id == actor.id, MessageRow.client_id == draft.client_id)
    stored = (await work.db.exec(before)).first()
    if stored is not None:
        return msgspec.convert(stored, list[files.FileRef])
    return await files.attachable(work, actor, draft.room_id, draft.file_ids)


def post(
    sequencer: Sequencer, clock: Clock, ids: Ids, actor: Actor, draft: Draft, refs: Sequence[files.FileRef]
) -> "asyncio.Future[Stored]":
    """Queue a message whose sender the policy has allowed; see `Sequencer.post`. Raises EmptyMessage.

    The membership is looked at again in the statement that stores it, so nobody who was just removed
    slips one in.
    """
    if not draft.text.strip() and not draft.file_ids:
        raise EmptyMessage
    now_ms = clock.now_ms()
    message = Message(
        id=ids(),
        room_id=draft.room_id,
        sender_id=actor.id,
        client_id=draft.client_id,
        at=rfc3339(now_ms),
        text=draft.text,
        root_id=draft.root_id,
        files=list(refs),
    )
    return sequencer.post(
        Append(
            id=message.id,
            room_id=draft.room_id,
            sender_id=actor.id,
            client_id=draft.client_id,
            body_hash=body_hash(draft.room_id, draft.text, draft.root_id, draft.file_ids),
            at_ms=now_ms,
            text=draft.text,
            root_id=draft.root_id,
            files=encode(refs).decode() if refs else "[]",
            file_ids=draft.file_ids,
            event=encode(events.MessagePosted(message=message)),
        )
    )


async def facts_of(work: Work, actor: Actor, row: MessageRow) -> Facts:
    """What the policy may know of a message."""
    room = await rooms.facts(work, actor, row.room_id)
    return Facts(role=room.role, kind=room.kind, label=room.label, author_id=row.sender_id)


async def allowed_message(work: Work, policy: Policy, actor: Actor, action: str, message_id: str) -> MessageRow:
    """Find a message with which the actor may do this. Raises as the policy does."""
    row = await work.db.get(MessageRow, message_id)
    if row is None:
        raise NotFound
    policy.require(actor, action, await facts_of(work, actor, row))
    return row


async def edit(work: Work, policy: Policy, actor: Actor, message_id: str, words: str) -> None:
    """Give a message another text; the former one stays readable."""
    row = await allowed_message(work, policy, actor, "message.edit", message_id)
    if row.deleted_ms is not None:
        raise AlreadyDeleted
    if not words.strip() and not row.files:
        raise EmptyMessage
    if words == row.text:
        return
    former = (await work.db.exec(select(func.count()).where(Revision.message_id == row.id))).one()
    if former >= REVISIONS:
        raise TooManyEdits(limit=REVISIONS)
    revision = Revision(message_id=row.id, no=former + 1, at_ms=row.edited_ms or row.at_ms, text=row.text)
    work.db.add(revision)
    row.text, row.edited_ms = words, work.now_ms
    work.db.add(row)
    at = rfc3339(row.edited_ms)

    def told(seq: int) -> events.MessageEdited:
        revision.event_seq = seq
        work.db.add(revision)
        return events.MessageEdited(message_id=message_id, text=words, at=at, root_id=row.root_id)

    work.emit(rooms.audience_of(row.room_id), told)
    await _tell_preview(work, row)


async def remove(work: Work, policy: Policy, actor: Actor, message_id: str) -> None:
    """Delete a message for everyone: text, files and former texts go, also from the log; a trace stays."""
    row = await allowed_message(work, policy, actor, "message.delete", message_id)
    if row.deleted_ms is not None:
        return
    row.text, row.files, row.deleted_ms = "", [], work.now_ms
    work.db.add(row)
    await _blank_events(work, row)
    await work.db.exec(delete(Revision).where(col(Revision.message_id) == row.id))
    await files.remove_of_message(work, row.id)
    if row.root_id:
        await work.db.exec(
            update(MessageRow).where(col(MessageRow.id) == row.root_id).values(replies=col(MessageRow.replies) - 1)
        )
    if row.sender_id != actor.id:
        work.audit(actor.id, "message.delete", row.id, author=row.sender_id)
    deleted = events.MessageDeleted(message_id=row.id, by=actor.id, at=rfc3339(row.deleted_ms), root_id=row.root_id)
    work.emit(rooms.audience_of(row.room_id), deleted)
    await _tell_preview(work, row)


async def _blank_events(work: Work, row: MessageRow) -> None:
    """Take the content out of the events that carried it; their numbers stay."""
    edits = await work.db.exec(select(Revision.event_seq).where(Revision.message_id == row.id))
    carried = [row.seq, *edits]
    told = await work.db.exec(
        select(EventRow).where(EventRow.audience == rooms.audience_of(row.room_id), col(EventRow.seq).in_(carried))
    )
    for event in told:
        if event.kind == "message.posted":
            posted = msgspec.json.decode(event.body, type=events.MessagePosted)
            blank = msgspec.structs.replace(posted.message, text="", files=[], deleted=True)
            event.body = encode(events.MessagePosted(message=blank))
        else:
            edited = msgspec.json.decode(event.body, type=events.MessageEdited)
            event.body = encode(msgspec.structs.replace(edited, text=""))
        work.db.add(event)


async def _tell_preview(work: Work, row: MessageRow) -> None:
    """Correct every member's list, if this is the message that it shows."""
    later = select(MessageRow.id).where(
        MessageRow.room_id == row.room_id, col(MessageRow.root_id).is_(None), col(MessageRow.seq) > row.seq
    )
    if row.root_id is None and (await work.db.exec(later.limit(1))).first() is None:
        changed = events.PreviewChanged(room_id=row.room_id, preview=_preview(row.sender_id, row.at_ms, row.text))
        work.signal(rooms.audience_of(row.room_id), changed, wide=True)


async def revisions(work: Work, policy: Policy, actor: Actor, message_id: str) -> list[Revision]:
    """The former texts of a message, oldest first."""
    await allowed_message(work, policy, actor, "message.read", message_id)
    found = await work.db.exec(select(Revision).where(Revision.message_id == message_id).order_by(col(Revision.no)))
    return list(found)


async def page(
    work: Work,
    person_id: str,
    *,
    room_id: str | None = None,
    root_id: str | None = None,
    before: int | None,
    limit: int,
) -> tuple[list[Message], bool]:
    """The last `limit` top-level messages of a room, or replies of a thread, before a number; ascending.

    Returns (messages, whether there are older ones). Three queries, whatever the limit.
    """
    wanted = select(MessageRow).order_by(col(MessageRow.seq).desc()).limit(limit + 1)
    if root_id is None:
        wanted = wanted.where(MessageRow.room_id == room_id, col(MessageRow.root_id).is_(None))
    else:
        wanted = wanted.where(MessageRow.root_id == root_id)
    if before is not None:
        wanted = wanted.where(col(MessageRow.seq) < before)
    rows = list(await work.db.exec(wanted))
    more, rows = len(rows) > limit, rows[:limit][::-1]
    threads = await _threads(work, person_id, [row for row in rows if row.replies])
    return [wire(row, threads.get(row.id)) for row in rows], more


def wire(row: MessageRow, thread: Thread | None = None) -> Message:
    """A message as clients see it."""
    return Message(
        id=row.id,
        room_id=row.room_id,
        seq=row.seq,
        sender_id=row.sender_id,
        client_id=row.client_id,
        at=rfc3339(row.at_ms),
        text=row.text,
        root_id=row.root_id,
        files=msgspec.convert(row.files, list[files.FileRef]),
        edited_at=rfc3339(row.edited_ms) if row.edited_ms else None,
        deleted=row.deleted_ms is not None,
        thread=thread,
    )


async def with_thread(work: Work, person_id: str, row: MessageRow) -> Message:
    """A message with the summary of its replies."""
    threads = await _threads(work, person_id, [row] if row.replies else [])
    return wire(row, threads.get(row.id))


async def _threads(work: Work, person_id: str, roots: list[MessageRow]) -> dict[str, Thread]:
    """Summaries of these roots: who replied last, and what this person has not seen. Two queries."""
    if not roots:
        return {}
    ids = [root.id for root in roots]
    by_person = (
        select(MessageRow.root_id, MessageRow.sender_id, func.max(MessageRow.seq))
        .where(col(MessageRow.root_id).in_(ids))
        .group_by(col(MessageRow.root_id), col(MessageRow.sender_id))
    )
    replied: dict[str, list[tuple[int, str]]] = {}
    for root_id, sender, last in await work.db.exec(by_person):
        replied.setdefault(str(root_id), []).append((last, sender))
    seen = select(ThreadRead.read_seq).where(
        ThreadRead.person_id == person_id, ThreadRead.root_id == MessageRow.root_id
    )
    unseen = (
        select(MessageRow.root_id, func.count())
        .where(col(MessageRow.root_id).in_(ids), col(MessageRow.sender_id) != person_id)
        .where(col(MessageRow.seq) > func.coalesce(seen.scalar_subquery(), 0))
        .group_by(col(MessageRow.root_id))
    )
    unread = {str(root_id): count for root_id, count in await work.db.exec(unseen)}
    summaries: dict[str, Thread] = {}
    for root in roots:
        people = [sender for _, sender in sorted(replied.get(root.id, ()), reverse=True)]
        mine = root.sender_id == person_id or person_id in people
        summaries[root.id] = Thread(
            replies=root.replies,
            last_at=rfc3339(root.last_reply_ms or root.at_ms),
            people=people[:PEOPLE_SHOWN],
            following=mine,
            unread=unread.get(root.id, 0) if mine else 0,
        )
    return summaries


async def mark_thread_read(work: Work, policy: Policy, actor: Actor, message_id: str, seq: int) -> None:
    """Move one's marker of a thread forward; it never goes back."""
    root = await allowed_message(work, policy, actor, "message.read", message_id)
    marker = await work.db.get(ThreadRead, (actor.id, root.id))
    if marker is None:
        marker = ThreadRead(person_id=actor.id, root_id=root.id, read_seq=0)
    if seq > marker.read_seq:
        marker.read_seq = seq
        work.db.add(marker)
        work.signal(f"user:{actor.id}", events.ThreadSeen(message_id=root.id, seq=seq))


PREVIEWS = text(
    "SELECT x.room_id, x.sender_id, x.at_ms, x.text FROM member m JOIN message x ON x.room_id = m.room_id "
    "AND x.root_id IS NULL AND x.seq = (SELECT max(y.seq) FROM message y WHERE y.room_id = m.room_id "
    "AND y.root_id IS NULL) WHERE m.person_id = :person AND m.membership = 'joined'"
)
PREVIEW_CHARS = 200


async def previews(work: Work, person_id: str) -> dict[str, events.Preview]:
    """The last top-level message of each room of a person. One query, two index look-ups per room."""
    found = await (await work.db.connection()).execute(PREVIEWS, {"person": person_id})
    return {room_id: _preview(sender, at_ms, words) for room_id, sender, at_ms, words in found}


def _preview(sender_id: str, at_ms: int, words: str) -> events.Preview:
    return events.Preview(sender_id=sender_id, at=rfc3339(at_ms), text=words[:PREVIEW_CHARS])


async def seq_of(work: Work, message_id: str) -> int | None:
    """Where in its room a message stands; None if there is no such one."""
    return (await work.db.exec(select(MessageRow.seq).where(MessageRow.id == message_id))).first()


async def tail_ids(work: Work, room_id: str, limit: int) -> list[str]:
    """Ids of the last top-level messages of a room, for modules that add to them."""
    wanted = (
        select(MessageRow.id)
        .where(MessageRow.room_id == room_id, col(MessageRow.root_id).is_(None))
        .order_by(col(MessageRow.seq).desc())
        .limit(limit)
    )
    return list(await work.db.exec(wanted))
