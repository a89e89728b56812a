# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking, voting, closing."""

from sqlmodel import col, func, select

from fachwerk.core import rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from .events import Poll, PollClosed, PollOpened, PollVoted, VoteCast
from .model import PollRow, Vote
from .rules import PollClosedForVotes


async def open_poll(
    work: Work, policy: Policy, actor: Actor, room_id: str, question: str, options: list[str]
) -> PollRow:
    """Ask a room. It counts as unread, like a message."""
    policy.require(actor, "poll.open", await rooms.facts(work, actor, room_id))
    if len(set(options)) != len(options):
        raise Invalid(errors=(FieldError("/options", "an option stands there twice"),))
    row = PollRow(
        id=work.ids(), room_id=room_id, sender_id=actor.id, at_ms=work.now_ms, question=question, options=options
    )
    work.db.add(row)

    def opened(seq: int) -> PollOpened:
        row.seq = seq
        work.db.add(row)
        return PollOpened(poll=wire(row, [0] * len(options), None))

    work.emit(rooms.audience_of(room_id), opened, counts=True)
    return row


async def vote(work: Work, policy: Policy, actor: Actor, poll_id: str, option: int) -> None:
    """Choose. One vote each; voting again moves it."""
    row = await _allowed(work, policy, actor, "poll.vote", poll_id)
    if row.closed:
        raise PollClosedForVotes
    if option >= len(row.options):
        raise Invalid(errors=(FieldError("/option", "no such option"),))
    await work.db.merge(Vote(poll_id=row.id, person_id=actor.id, option=option))
    await work.db.flush()
    counts = (await counts_of(work, [row]))[row.id]
    work.emit(rooms.audience_of(row.room_id), PollVoted(poll_id=row.id, counts=counts, voters=sum(counts)))
    work.emit(f"user:{actor.id}", VoteCast(poll_id=row.id, room_id=row.room_id, option=option))


async def close(work: Work, policy: Policy, actor: Actor, poll_id: str) -> None:
    """End a poll. Closing twice changes nothing."""
    row = await _allowed(work, policy, actor, "poll.close", poll_id)
    if not row.closed:
        row.closed = True
        work.db.add(row)
        work.emit(rooms.audience_of(row.room_id), PollClosed(poll_id=row.id))


async def counts_of(work: Work, rows: list[PollRow]) -> dict[str, list[int]]:
    """Votes per option, by poll. One query."""
    counts = {row.id: [0] * len(row.options) for row in rows}
    found = await work.db.exec(
        select(Vote.poll_id, Vote.option, func.count())
        .where(col(Vote.poll_id).in_(counts))
        .group_by(col(Vote.poll_id), col(Vote.option))
    )
    for poll_id, option, count in found:
        counts[poll_id][option] = count
    return counts


def wire(row: PollRow, counts: list[int], mine: int | None) -> Poll:
    """A poll as one person sees it."""
    return Poll(
        id=row.id,
        room_id=row.room_id,
        seq=row.seq,
        sender_id=row.sender_id,
        at=rfc3339(row.at_ms),
        question=row.question,
        options=row.options,
        counts=counts,
        voters=sum(counts),
        mine=mine,
        closed=row.closed,
    )


async def _allowed(work: Work, policy: Policy, actor: Actor, action: str, poll_id: str) -> PollRow:
    # The lock makes votes of one poll wait for each other, so that the last counts told are right.
    row = await work.db.get(PollRow, poll_id, with_for_update=True)
    if row is None:
        raise NotFound
    room = await rooms.facts(work, actor, row.room_id)
    policy.require(actor, action, Facts(role=room.role, kind=room.kind, label=room.label, author_id=row.sender_id))
    return row
