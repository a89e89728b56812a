# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""From a room's stream in Fachwerk to steps in its Matrix room: read, translated and numbered in one transaction."""

import uuid
from collections import deque
from collections.abc import Sequence

from sqlmodel import col, select, update

from .connector import Fachwerk
from .people import People
from .steps import (
    UNNUMBERED,
    AnyStep,
    Come,
    Edit,
    Go,
    Passed,
    React,
    Rename,
    Say,
    Unreact,
    Withdraw,
    encode,
    text_parts,
)
from .store import Link, Outgoing, Room, Store, now_ms
from .wire import Events, LocalEvent, Message, Numbered

HEARD_MAX = 500
"""Events of a room kept from the socket; whoever missed some asks for them."""


class Collector:
    """Reads what happened in Fachwerk. What externals did came from Matrix and does not go back."""

    def __init__(self, store: Store, fachwerk: Fachwerk, people: People) -> None:
        self._store, self._fachwerk, self._people = store, fachwerk, people
        self._heard: dict[str, deque[Numbered]] = {}

    def hear(self, room_id: str, one: Numbered) -> None:
        """An event came on the socket: if it is the next one, nobody needs to ask for it."""
        heard = self._heard.setdefault(room_id, deque(maxlen=HEARD_MAX))
        heard.append(one)

    def passes(self, one: Numbered) -> bool:
        """Whether an event is surely one that does not go back, so that nobody needs to hurry."""
        return one.event.message is not None and self._people.is_external(one.event.message.sender_id)

    async def collect(self, room: Room) -> bool:
        """Take the next events of a room. Returns whether there may be more."""
        page = self._next(room) or await self._fachwerk.events(room.room_id, room.read_seq)
        steps = [(one.seq, step) for one in page.items for step in await self._translate(room, one)]
        if page.items:
            await self._keep(room, page.items[-1].seq, steps)
        return page.more

    def _next(self, room: Room) -> Events | None:
        """What was heard, if nothing is missing before it."""
        heard, expected, items = self._heard.pop(room.room_id, ()), room.read_seq + 1, []
        for one in heard:
            if one.seq == expected:
                items.append(one)
                expected += 1
            elif one.seq > expected:
                return None
        # asked all the same when nothing was heard: what wakes us may be something else
        return Events(items=items, more=False) if items else None

    async def _keep(self, room: Room, read_seq: int, steps: Sequence[tuple[int, AnyStep]]) -> None:
        """Queue the steps, numbered unless their kind is not. Nobody else gives numbers in this room."""
        rows, out_seq = [], room.out_seq
        for local_seq, step in steps:
            numbered = not isinstance(step, UNNUMBERED)
            out_seq += numbered
            rows.append(queued(room.room_id, local_seq, step, out_seq if numbered else 0))
        async with self._store.work() as db:
            this = col(Room.room_id) == room.room_id
            await db.exec(update(Room).where(this).values(read_seq=read_seq, out_seq=out_seq))
            db.add_all(rows)
        room.read_seq, room.out_seq = read_seq, out_seq

    async def _translate(self, room: Room, one: Numbered) -> Sequence[AnyStep]:
        event = one.event
        steps: Sequence[AnyStep] = ()
        match event.kind:
            case "message.posted" if event.message:
                steps = await self._posted(room, event.message)
            case "message.edited" if await self._is_ours(event.message_id):
                steps = [Edit(event.message_id, event.text)]
            case "message.deleted":
                steps = await self._deleted(room, event)
            case "reaction.added" if await self._people.is_own(room.room_id, event.person_id):
                steps = [React(event.person_id, event.message_id, event.emoji)]
            case "reaction.removed" if await self._people.is_own(room.room_id, event.person_id):
                steps = [Unreact(event.person_id, event.message_id, event.emoji)]
            case "member.joined" if await self._comes(room, event.person_id):
                steps = [Come(event.person_id)]
            case "member.left" | "member.removed" if await self._people.is_own(room.room_id, event.person_id):
                steps = [Go(event.person_id)]
            case "room.changed" if room.origin is None:
                steps = [Rename(event.name, event.topic)]
        return steps

    async def _comes(self, room: Room, person_id: str) -> bool:
        """Whether an employee came, whose name we then know."""
        await self._people.learn(await self._fachwerk.members(room.room_id))
        return await self._people.is_own(room.room_id, person_id)

    async def _posted(self, room: Room, message: Message) -> Sequence[AnyStep]:
        if not await self._people.is_own(room.room_id, message.sender_id):
            return [Passed()]
        if message.deleted:
            return ()
        contents = [(text, None) for text in text_parts(message.text)] + [("", file) for file in message.files]
        return [
            Say(message.sender_id, message.id, text, file, message.root_id, number, len(contents))
            for number, (text, file) in enumerate(contents, 1)
        ]

    async def _deleted(self, room: Room, event: LocalEvent) -> Sequence[AnyStep]:
        if not await self._people.is_own(room.room_id, event.by):
            return ()
        # what people elsewhere wrote can only be taken from them where the room is at home
        ours = await self._is_ours(event.message_id)
        return [Withdraw(event.message_id, event.by)] if ours or room.origin is None else ()

    async def _is_ours(self, message_id: str) -> bool:
        """Whether we have brought a message to Matrix, or are about to."""
        async with self._store.read() as db:
            found = await db.exec(select(Link).where(Link.message_id == message_id, Link.kind == "message").limit(1))
            link = found.first()
        return link is None or link.seq > 0


def queued(room_id: str, local_seq: int, step: AnyStep, seq: int = 0) -> Outgoing:
    """A step as it waits for its turn. seq: its number on the wire."""
    done_ms = now_ms() if isinstance(step, Passed) else None
    txn_id = uuid.uuid4().hex
    return Outgoing(txn_id=txn_id, room_id=room_id, local_seq=local_seq, seq=seq, step=encode(step), done_ms=done_ms)
