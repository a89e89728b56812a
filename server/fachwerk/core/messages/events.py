# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of messages."""

from fachwerk.core.files import FileRef
from fachwerk.core.sync import Answer
from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire


class Thread(Wire):
    """The replies to a message, as one reader sees them.

    people: up to three who replied last, latest first. following: the reader wrote the root or replied;
    only then unread counts what others replied since.
    """

    replies: int
    last_at: str
    people: list[str]
    following: bool
    unread: int


class Message(Wire, omit_defaults=True):
    """A message. seq is absent in `message.posted`: there it is the frame's own number."""

    id: str
    room_id: str
    sender_id: str
    client_id: str
    at: str
    text: str
    seq: int = 0
    root_id: str | None = None
    files: list[FileRef] = []
    edited_at: str | None = None
    deleted: bool = False
    thread: Thread | None = None


class Preview(Wire):
    """The last top-level message of a room, for the list."""

    sender_id: str
    at: str
    text: str


class PreviewChanged(Event, tag="message.preview", frozen=True):
    """Signal to all members: the last top-level message of the room was edited or deleted."""

    room_id: str
    preview: Preview


class MessagePosted(Event, tag="message.posted", frozen=True):
    """A message, or a reply when it has a root_id."""

    message: Message


class MessageEdited(Event, tag="message.edited", frozen=True):
    """The text is another one now."""

    message_id: str
    text: str
    at: str
    root_id: str | None = None


class MessageDeleted(Event, tag="message.deleted", frozen=True):
    """Only the trace is left."""

    message_id: str
    by: str
    at: str
    root_id: str | None = None


class Typing(Event, tag="typing", frozen=True):
    """Signal: somebody is writing; good for six seconds."""

    person_id: str
    root_id: str | None = None


class ThreadSeen(Event, tag="thread.read", frozen=True):
    """Signal to one's own sockets: the marker of a thread moved."""

    message_id: str
    seq: int


class Ack(Answer, tag="ack", frozen=True):
    """The message is stored and will not be lost."""

    id: str
    seq: int
    message_id: str
    at: str
