# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Steps are done in a Matrix room, in order, at most a window of them without a receipt."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from nio import RoomSendResponse
from sqlalchemy import insert
from sqlmodel import col, select, update

from .collect import Collector
from .errors import Refused
from .ghosts import GhostClient, Homeserver, asked
from .ids import ghost_of
from .media import Media, TooLarge
from .metrics import EVENTS_OUT
from .people import People
from .steps import AnyStep, Begin, Come, Edit, Go, Passed, React, Rename, Say, Unreact, Withdraw, decode, text_parts
from .store import Link, Outgoing, Peer, Room, Store, now_ms
from .texts import file_too_large
from .wire import ORIGIN, START, Origin

BATCH = 100
BEHIND_S = 30.0
"""A bridge that acknowledges nothing for so long does not hold up the others."""
SKIPPED = "org.fachwerk.skipped"
"""Event: takes the number of something that could not be sent."""

log = structlog.get_logger(part="to_matrix")


class ToMatrix:
    """Sends. window: events of a room on their way without a receipt."""

    def __init__(
        self, store: Store, homeserver: Homeserver, people: People, media: Media, collector: Collector, window: int
    ) -> None:
        self._store, self._homeserver, self._people = store, homeserver, people
        self._media, self._collector, self._window = media, collector, window
        self._progress: dict[tuple[str, str], tuple[int, float]] = {}

    async def run(self, room: Room) -> bool:
        """Read and send what there is, as far as the window allows. Returns whether something waits for a receipt."""
        more, waiting = True, False
        while more:
            more = await self._collector.collect(room)
            waiting = await self._send(room)
        return waiting

    async def _send(self, room: Room) -> bool:
        async with self._store.read() as db:
            rows = await db.exec(
                select(Outgoing)
                .where(Outgoing.room_id == room.room_id, col(Outgoing.done_ms).is_(None))
                .order_by(col(Outgoing.number))
                .limit(BATCH)
            )
            waiting = list(rows)
        first = next((row.seq for row in waiting if row.seq), None)
        limit = await self._limit(room, sent=first - 1) if first else None
        noting = asyncio.create_task(asyncio.sleep(0))
        try:
            for row in waiting:
                if limit is not None and row.seq > limit:
                    return True
                step = decode(row.step)
                if not isinstance(step, Say) or step.root_id:
                    await noting  # it may be about what was just sent
                links = await self._do(room, row, step)
                await noting
                # the next one need not wait for the disk: what is not noted is sent again, and is the same event
                noting = asyncio.create_task(self._note(row, links))
        finally:
            await noting
        return await self._send(room) if len(waiting) == BATCH else False

    async def _limit(self, room: Room, *, sent: int) -> int | None:
        """Up to which number may be sent now; None where no other bridge is. sent: up to where we have."""
        async with self._store.read() as db:
            peers = list(await db.exec(select(Peer).where(Peer.room_id == room.room_id, col(Peer.present))))
        if not peers:
            return None
        waited = {peer.server: self._waited(room, peer, sent) for peer in peers}
        heard = [peer for peer in peers if waited[peer.server] < BEHIND_S] or peers
        return min(peer.confirmed for peer in heard) + self._window

    def _waited(self, room: Room, peer: Peer, sent: int) -> float:
        """Seconds that we have been waiting for the next receipt of a bridge."""
        key, now = (room.room_id, peer.server), time.monotonic()
        last, since = self._progress.get(key, (-1, now))
        if peer.confirmed != last or peer.confirmed >= sent:
            since = now
        self._progress[key] = (peer.confirmed, since)
        return now - since

    async def _do(self, room: Room, row: Outgoing, step: AnyStep) -> list[Link]:
        """Do a step, or put something in the place of its number. Returns what is where now."""
        links = list[Link]()
        try:
            links = await self._perform(room, row, step)
            EVENTS_OUT.labels("sent").inc()
        except Refused as refusal:
            log.warning("not sent", step=type(step).__name__, reason=refusal.code)
            EVENTS_OUT.labels("refused").inc()
            if row.seq:
                origin = self._origin(room, row, "")
                content = {"reason": refusal.code, ORIGIN: origin}
                await self._event(self._homeserver.bot, room, SKIPPED, content, row.txn_id + "-skipped")
        return links

    async def _note(self, row: Outgoing, links: Sequence[Link]) -> None:
        """A step is done."""
        async with self._store.work() as db:
            this = col(Outgoing.number) == row.number
            await db.exec(update(Outgoing).where(this).values(done_ms=now_ms(), step=""))
            for link in links:
                await db.exec(insert(Link).values(link.model_dump()))

    async def _perform(self, room: Room, row: Outgoing, step: AnyStep) -> list[Link]:
        match step:
            case Say():
                return await self._say(room, row, step)
            case Edit():
                return await self._edit(room, row, step)
            case Withdraw():
                return await self._withdraw(room, row, step)
            case React():
                return await self._react(room, row, step)
            case Unreact():
                return await self._unreact(room, row, step)
            case Come():
                await self._people.join(room.mx_room, step.person_id)
            case Go():
                await self._people.leave(room.mx_room, ghost_of(step.person_id, self._homeserver.server_name))
            case Rename():
                await self._homeserver.put_state(room.mx_room, "m.room.name", {"name": step.name})
                await self._homeserver.put_state(room.mx_room, "m.room.topic", {"topic": step.topic})
            case Begin():
                content = {"servers": step.servers, "seq": step.after}
                await self._event(self._homeserver.bot, room, START, content, row.txn_id)
            case Passed():
                pass
        return []

    async def _say(self, room: Room, row: Outgoing, step: Say) -> list[Link]:
        origin = self._origin(room, row, step.message_id, part=step.part, parts=step.parts)
        content: dict[str, Any] = {"msgtype": "m.text", "body": step.text}
        if step.file:
            mxid = ghost_of(step.person_id, self._homeserver.server_name)
            await self._people.ghost(step.person_id)
            try:
                url = await self._media.out(room.room_id, mxid, step.file)
            except TooLarge:
                content = {"msgtype": "m.notice", "body": file_too_large(step.file.name, step.file.size_bytes)}
            else:
                info = {"mimetype": step.file.media_type, "size": step.file.size_bytes}
                name = step.file.name
                content = {"msgtype": "m.file", "body": name, "filename": name, "url": url, "info": info}
        if step.root_id and (root := await self._link(step.root_id)):
            relation = {"rel_type": "m.thread", "event_id": root.event_id, "is_falling_back": True}
            content["m.relates_to"] = relation | {"m.in_reply_to": {"event_id": root.event_id}}
        event_id = await self._as(room, step.person_id, "m.room.message", content | {ORIGIN: origin}, row.txn_id)
        return [self._linked(room, row, event_id, "message", step.message_id, step.person_id, root_id=step.root_id)]

    async def _edit(self, room: Room, row: Outgoing, step: Edit) -> list[Link]:
        target = await self._link(step.message_id)
        if target is None:
            raise Refused("not-crossed")
        first, *rest = text_parts(step.text) or [""]
        content = {
            "msgtype": "m.text",
            "body": "* " + first[:200],
            "m.new_content": {"msgtype": "m.text", "body": first + ("…" if rest else "")},
            "m.relates_to": {"rel_type": "m.replace", "event_id": target.event_id},
            ORIGIN: self._origin(room, row, step.message_id),
        }
        event_id = await self._as(room, target.person_id, "m.room.message", content, row.txn_id)
        return [self._linked(room, row, event_id, "edit", step.message_id, target.person_id)]

    async def _withdraw(self, room: Room, row: Outgoing, step: Withdraw) -> list[Link]:
        async with self._store.read() as db:
            found = await db.exec(
                select(Link).where(Link.message_id == step.message_id, Link.kind != "reaction").order_by(col(Link.seq))
            )
            links = list(found)
        if not links:
            raise Refused("not-crossed")
        author = links[0].person_id
        ghost = self._homeserver.bot
        if links[0].seq and step.by == author:
            ghost = await self._people.ghost(author)
        for link in links[1:]:
            await asked(ghost.room_redact(room.mx_room, link.event_id, tx_id=f"{row.txn_id}-{link.seq}"))
        gone = [link.seq for link in links if link.seq]
        origin = self._origin(room, row, step.message_id, gone=gone)
        await self._event(ghost, room, "m.room.redaction", {"redacts": links[0].event_id, ORIGIN: origin}, row.txn_id)
        return []

    async def _react(self, room: Room, row: Outgoing, step: React) -> list[Link]:
        target = await self._link(step.message_id)
        if target is None:
            raise Refused("not-crossed")
        relation = {"rel_type": "m.annotation", "event_id": target.event_id, "key": step.emoji}
        content = {"m.relates_to": relation, ORIGIN: self._origin(room, row, step.message_id)}
        event_id = await self._as(room, step.person_id, "m.reaction", content, row.txn_id)
        return [self._linked(room, row, event_id, "reaction", step.message_id, step.person_id, emoji=step.emoji)]

    async def _unreact(self, room: Room, row: Outgoing, step: Unreact) -> list[Link]:
        async with self._store.read() as db:
            found = await db.exec(
                select(Link)
                .where(
                    Link.message_id == step.message_id,
                    Link.kind == "reaction",
                    Link.person_id == step.person_id,
                    Link.emoji == step.emoji,
                )
                .order_by(col(Link.seq).desc())
            )
            link = found.first()
        if link is None:
            raise Refused("not-crossed")
        origin = self._origin(room, row, step.message_id, gone=[link.seq])
        content = {"redacts": link.event_id, ORIGIN: origin}
        await self._as(room, step.person_id, "m.room.redaction", content, row.txn_id)
        return []

    async def _link(self, message_id: str) -> Link | None:
        """The event that stands for a message: its first part."""
        async with self._store.read() as db:
            found = await db.exec(
                select(Link).where(Link.message_id == message_id, Link.kind == "message").order_by(col(Link.seq))
            )
            return found.first()

    async def _as(self, room: Room, person_id: str, kind: str, content: dict[str, Any], txn_id: str) -> str:
        """Send as an employee's ghost, who is brought into the room if need be."""
        ghost = await self._people.ghost(person_id)
        try:
            return await self._event(ghost, room, kind, content, txn_id)
        except Refused as refusal:
            if refusal.code != "M_FORBIDDEN":
                raise
        await self._people.join(room.mx_room, person_id)
        return await self._event(ghost, room, kind, content, txn_id)

    async def _event(self, client: GhostClient, room: Room, kind: str, content: dict[str, Any], txn_id: str) -> str:
        response: RoomSendResponse = await asked(client.room_send(room.mx_room, kind, content, tx_id=txn_id))
        return str(response.event_id)

    def _origin(self, room: Room, row: Outgoing, message_id: str, **more: Any) -> dict[str, Any]:
        server = self._homeserver.server_name
        origin = Origin(srv=server, room=room.room_id, seq=row.seq, mid=message_id, at=row.local_seq, **more)
        return origin.content()

    def _linked(
        self, room: Room, row: Outgoing, event_id: str, kind: str, message_id: str, person_id: str, **more: Any
    ) -> Link:
        ids = {"event_id": event_id, "room_id": room.room_id, "message_id": message_id, "person_id": person_id}
        return Link(**ids, kind=kind, seq=row.seq, **more)
