# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of reactions, and how each event changes that."""

from fachwerk.core import messages
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor

from .events import Reaction, ReactionAdded, ReactionRemoved
from .service import of_messages

State = dict[str, list[Reaction]]


async def load(work: Work, actor: Actor, room_id: str) -> State:
    """Snapshot of a room: reactions on its last messages."""
    return await of_messages(work, actor, await messages.tail_ids(work, room_id, messages.TAIL))


def apply(state: State, received: Received) -> State:
    """How the reactions change."""
    match received.event:
        case ReactionAdded(message_id=message, emoji=emoji, person_id=person):
            given = {r.emoji: r.person_ids for r in state.get(message, ())}
            given[emoji] = [*given.get(emoji, ()), person]
        case ReactionRemoved(message_id=message, emoji=emoji, person_id=person):
            given = {r.emoji: r.person_ids for r in state.get(message, ())}
            given[emoji] = [one for one in given.get(emoji, ()) if one != person]
        case messages.MessageDeleted(message_id=message):
            given = {}
        case _:
            return state
    left = [Reaction(emoji=e, person_ids=people) for e, people in given.items() if people]
    rest = {id_: reactions for id_, reactions in state.items() if id_ != message}
    return rest | ({message: left} if left else {})


SNAPSHOTS = {"room": Snapshot(load=load, apply=apply)}
