# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages over HTTP and on the socket: the same services under both."""

from typing import Annotated

import msgspec

from fachwerk.core import files, rooms
from fachwerk.core.sync import Later, Relay, Socket
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import command, route
from fachwerk.kernel.policy import Facts
from fachwerk.kernel.wire import Body, Frame, Id, Query, Wire

from . import service
from .events import Ack, Message, Typing
from .log import Stored
from .model import MessageRow
from .rules import FILES_PER_MESSAGE, TEXT_CHARS
from .sequencer import Sequencer
from .service import Draft
from .sync import MessagePage

Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARS)]
ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
FileIds = Annotated[list[Id], msgspec.Meta(max_length=FILES_PER_MESSAGE)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
PAGE_MAX = 200


class NewMessage(Body):
    """A message to send. client_id: made by the client; the same one again is the same message."""

    client_id: ClientId
    text: Text
    root_id: Id | None = None
    file_ids: FileIds = []


class NewText(Body):
    """What a message is to say from now on."""

    text: Text


class ThreadReadUpTo(Body):
    """The last reply that was seen."""

    seq: Seq


class PageQuery(Query):
    """before: a number; what is older than that."""

    before: Annotated[int, msgspec.Meta(ge=1)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = 50


class RevisionRow(Wire):
    """A former text. at: since when it said so."""

    text: str
    at: str


class Revisions(Wire):
    """Former texts, oldest first."""

    items: list[RevisionRow]


class Send(Frame, tag="send"):
    """Send a message; `id` is its client id."""

    id: ClientId
    room: Id
    text: Text
    root_id: Id | None = None
    file_ids: FileIds = []


class ReadThread(Frame, tag="read_thread"):
    """Move my marker of a thread."""

    message: Id
    seq: Seq


class Type(Frame, tag="typing"):
    """I am writing."""

    room: Id
    root_id: Id | None = None


async def send(call: Call, body: NewMessage) -> Message:
    """Send a message."""
    draft = Draft(call.id("room"), body.client_id, body.text, body.root_id, tuple(body.file_ids))
    async with call.context.database.read() as work:
        facts = await rooms.facts(work, call.actor, draft.room_id)
        call.policy.require(call.actor, "message.post", facts)
        refs = await service.attached(work, call.actor, draft)
    context = call.context
    stored = await service.post(call.port(Sequencer), context.clock, context.ids, call.actor, draft, refs)
    async with call.context.database.read() as work:
        row = await work.db.get(MessageRow, stored.id)
        if row is None:
            raise NotFound
        return await service.with_thread(work, call.actor.id, row)


async def send_command(socket: Socket, frame: Send) -> Later[Stored]:
    """Send a message. What the policy needs is kept with the socket, so that this costs no query."""
    facts = await _facts(socket, frame.room)
    socket.context.policy.require(socket.actor, "message.post", facts)
    draft = Draft(frame.room, frame.id, frame.text, frame.root_id, tuple(frame.file_ids))
    refs: list[files.FileRef] = []
    if draft.file_ids:
        async with socket.context.database.read() as work:
            refs = await service.attached(work, socket.actor, draft)
    context = socket.context
    stored = service.post(socket.port(Sequencer), context.clock, context.ids, socket.actor, draft, refs)
    return Later(stored, lambda stored: _acknowledge(socket, draft, stored))


def _acknowledge(socket: Socket, draft: Draft, stored: Stored) -> Ack:
    if draft.root_id is None and stored.fresh:
        moved = rooms.Read(room_id=stored.room_id, read_seq=stored.seq, read_posts=stored.posts)
        socket.port(Relay).signal(f"user:{socket.actor.id}", moved, but=socket)
    return Ack(id=draft.client_id, seq=stored.seq, message_id=stored.id, at=rfc3339(stored.at_ms))


async def _facts(socket: Socket, room_id: str) -> Facts:
    async def read() -> Facts:
        async with socket.context.database.read() as work:
            return await rooms.facts(work, socket.actor, room_id)

    return await socket.facts(rooms.audience_of(room_id), read)


async def typing(socket: Socket, frame: Type) -> None:
    """Tell the room that this person is writing."""
    socket.context.policy.require(socket.actor, "message.post", await _facts(socket, frame.room))
    event = Typing(person_id=socket.actor.id, root_id=frame.root_id)
    socket.port(Relay).signal(rooms.audience_of(frame.room), event, but=socket)


async def read_thread_command(socket: Socket, frame: ReadThread) -> None:
    """Move my marker of a thread."""
    async with socket.context.database.work() as work:
        await service.mark_thread_read(work, socket.context.policy, socket.actor, frame.message, frame.seq)


async def list_messages(call: Call, query: PageQuery) -> MessagePage:
    """Older messages of a room."""
    room_id = call.id("room")
    await rooms.allowed_place(call.work, call.policy, call.actor, "message.read", room_id)
    items, more = await service.page(call.work, call.actor.id, room_id=room_id, before=query.before, limit=query.limit)
    return MessagePage(items=items, more=more, extra=await _extra(call, items))


async def list_thread(call: Call, query: PageQuery) -> MessagePage:
    """Replies of a thread, with its root."""
    root = await service.allowed_message(call.work, call.policy, call.actor, "message.read", call.id("message"))
    items, more = await service.page(call.work, call.actor.id, root_id=root.id, before=query.before, limit=query.limit)
    first = await service.with_thread(call.work, call.actor.id, root)
    return MessagePage(items=items, more=more, extra=await _extra(call, [first, *items]), root=first)


async def _extra(call: Call, items: list[Message]) -> dict[str, dict[str, object]]:
    """What other modules add to messages, such as reactions."""
    ids = [message.id for message in items]
    return {m.name: await m.annotate(call.work, call.actor, ids) for m in call.context.modules if m.annotate}


async def edit(call: Call, body: NewText) -> Message:
    """Change the text of a message."""
    await service.edit(call.work, call.policy, call.actor, call.id("message"), body.text)
    row = await service.allowed_message(call.work, call.policy, call.actor, "message.read", call.id("message"))
    return await service.with_thread(call.work, call.actor.id, row)


async def remove(call: Call) -> None:
    """Delete a message."""
    await service.remove(call.work, call.policy, call.actor, call.id("message"))


async def list_revisions(call: Call) -> Revisions:
    """Former texts of a message."""
    rows = await service.revisions(call.work, call.policy, call.actor, call.id("message"))
    return Revisions(items=[RevisionRow(text=row.text, at=rfc3339(row.at_ms)) for row in rows])


async def mark_thread_read(call: Call, body: ThreadReadUpTo) -> None:
    """Move my marker of a thread."""
    await service.mark_thread_read(call.work, call.policy, call.actor, call.id("message"), body.seq)


ROUTES = [
    route("POST", "/api/v1/rooms/{room}/messages", send, action="message.post", status=201, transaction="none"),
    route("GET", "/api/v1/rooms/{room}/messages", list_messages, action="message.read"),
    route("GET", "/api/v1/messages/{message}/thread", list_thread, action="message.read"),
    route("PUT", "/api/v1/messages/{message}/thread/read", mark_thread_read, action="message.read"),
    route("PATCH", "/api/v1/messages/{message}", edit, action="message.edit"),
    route("DELETE", "/api/v1/messages/{message}", remove, action="message.delete"),
    route("GET", "/api/v1/messages/{message}/revisions", list_revisions, action="message.read"),
]
COMMANDS = [
    command(send_command, action="message.post"),
    command(typing, action="message.post"),
    command(read_thread_command, action="message.read"),
]
