# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of polls, and how each event changes that."""

import msgspec
from sqlmodel import col, select

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor

from .events import Poll, PollClosed, PollOpened, PollVoted, VoteCast
from .model import PollRow, Vote
from .service import counts_of, wire

State = dict[str, Poll]
POLLS = 50
"""The newest polls of a room that a client gets with its state."""


async def load(work: Work, actor: Actor, room_id: str) -> State:
    """Snapshot of a room: its newest polls. Three queries."""
    newest = select(PollRow).where(PollRow.room_id == room_id).order_by(col(PollRow.seq).desc()).limit(POLLS)
    rows = list(await work.db.exec(newest))
    counts = await counts_of(work, rows)
    mine = {
        vote.poll_id: vote.option
        for vote in await work.db.exec(select(Vote).where(col(Vote.poll_id).in_(counts), Vote.person_id == actor.id))
    }
    return {row.id: wire(row, counts[row.id], mine.get(row.id)) for row in rows}


def apply(state: State, received: Received) -> State:
    """How the polls change."""
    match received.event:
        case PollOpened(poll=poll):
            return state | {poll.id: poll}
        case PollVoted(poll_id=id_, counts=counts, voters=voters) if id_ in state:
            return state | {id_: msgspec.structs.replace(state[id_], counts=counts, voters=voters)}
        case VoteCast(poll_id=id_, option=option) if id_ in state:
            return state | {id_: msgspec.structs.replace(state[id_], mine=option)}
        case PollClosed(poll_id=id_) if id_ in state:
            return state | {id_: msgspec.structs.replace(state[id_], closed=True)}
    return state


SNAPSHOTS = {"room": Snapshot(load=load, apply=apply)}
