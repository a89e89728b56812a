# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of messages, and how each event changes that."""

from typing import Any

import msgspec

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Wire

from . import events, service
from .events import Message, Preview, Thread

TAIL = 50
"""Messages that a client gets with the state of a room."""


class MessagePage(Wire, omit_defaults=True):
    """Messages in ascending order. more: there are older ones. extra: what other modules add, by module and message.

    root: of a thread, the message that began it.
    """

    items: list[Message]
    more: bool = False
    extra: dict[str, dict[str, Any]] = {}
    root: Message | None = None


class Previews(Wire):
    """The last message of each room."""

    previews: dict[str, Preview]


async def load_tail(work: Work, actor: Actor, room_id: str) -> MessagePage:
    """Snapshot of a room: its last messages."""
    items, more = await service.page(work, actor.id, room_id=room_id, before=None, limit=TAIL)
    return MessagePage(items=items, more=more)


def apply_tail(state: MessagePage, received: Received) -> MessagePage:
    """How the last messages change."""
    items = {message.id: message for message in state.items}
    match received.event:
        case events.MessagePosted(message=message) if message.root_id is None:
            items[message.id] = msgspec.structs.replace(message, seq=received.seq)
        case events.MessagePosted(message=reply) if reply.root_id in items:
            root = items[reply.root_id]
            items[root.id] = msgspec.structs.replace(root, thread=_replied(root, reply, received.me))
        case events.MessageEdited(message_id=edited, text=text, at=at) if edited in items:
            items[edited] = msgspec.structs.replace(items[edited], text=text, edited_at=at)
        case events.MessageDeleted(message_id=gone) if gone in items:
            items[gone] = msgspec.structs.replace(items[gone], text="", files=[], deleted=True)
        case events.MessageDeleted(root_id=root_id) if root_id in items and (thread := items[root_id].thread):
            fewer = msgspec.structs.replace(thread, replies=thread.replies - 1)
            items[root_id] = msgspec.structs.replace(items[root_id], thread=fewer if fewer.replies else None)
        case events.ThreadSeen(message_id=seen) if seen in items and (thread := items[seen].thread):
            items[seen] = msgspec.structs.replace(items[seen], thread=msgspec.structs.replace(thread, unread=0))
    return MessagePage(items=list(items.values()), more=state.more)


def _replied(root: Message, reply: Message, me: str) -> Thread:
    old = root.thread
    others = [person for person in (old.people if old else ()) if person != reply.sender_id]
    mine = reply.sender_id == me
    following = mine or root.sender_id == me or (old is not None and old.following)
    unread = 0 if mine or not following else (old.unread if old else 0) + 1
    return Thread(
        replies=(old.replies if old else 0) + 1,
        last_at=reply.at,
        people=[reply.sender_id, *others][: service.PEOPLE_SHOWN],
        following=following,
        unread=unread,
    )


async def load_previews(work: Work, actor: Actor, person_id: str) -> Previews:  # noqa: ARG001 -- the shape
    """Snapshot of a person's list: the last message of each room."""
    return Previews(previews=await service.previews(work, person_id))


def apply_previews(state: Previews, received: Received) -> Previews:
    """A new top-level message is the last one now, and the last one may change."""
    match received.event:
        case events.MessagePosted(message=message) if message.root_id is None:
            last = Preview(sender_id=message.sender_id, at=message.at, text=message.text[: service.PREVIEW_CHARS])
            return Previews(previews=state.previews | {message.room_id: last})
        case events.PreviewChanged(room_id=room_id, preview=preview):
            return Previews(previews=state.previews | {room_id: preview})
    return state


SNAPSHOTS = {
    "user": Snapshot(load=load_previews, apply=apply_previews),
    "room": Snapshot(load=load_tail, apply=apply_tail),
}
