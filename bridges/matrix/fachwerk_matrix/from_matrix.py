# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What arrived from a Matrix room is done in Fachwerk: in order, each once, and what cannot be done is set aside.

Events of a bridge carry numbers without a gap, so a missing one is noticed and looked for in the room's history.
Events of ordinary Matrix clients carry none and are taken as they come.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import structlog
from sqlmodel import col, select, update

from .backfill import Backfill
from .errors import Later, Refused
from .metrics import EVENTS_IN
from .store import Incoming, Link, Peer, Room, Store, now_ms
from .take import Take, TargetMissing
from .wire import START, Event, Start

BATCH = 500
HOLE_S = 1.0
"""So long a missing event may still come by itself; events of one burst come in any order."""
LOOK_AGAIN_S = 3.0
HOLE_LOST_S = 60.0
"""After so long, and a walk that found nothing, the event is taken to be gone."""
TARGET_S = 20.0
"""So long an edit or a reaction waits for its message."""

log = structlog.get_logger(part="from_matrix")


class Hole(NamedTuple):
    """Something of a server is missing before the number `before`."""

    server: str
    before: int
    since_ms: int


class FromMatrix:
    """Takes what intake has stored, a room at a time. own: server name of this ministry."""

    def __init__(self, store: Store, own: str, take: Take, backfill: Backfill) -> None:
        self._store, self._own, self._take, self._backfill = store, own, take, backfill

    async def step(self, mx_room: str) -> float | None:
        """Take what is due in a Matrix room. Returns when to look again if something is missing."""
        while True:
            holes = await self._take_due(mx_room)
            if not holes:
                return None
            age_s = (now_ms() - min(hole.since_ms for hole in holes)) / 1000
            if age_s < HOLE_S:
                return HOLE_S - age_s
            if await self._backfill.walk(mx_room, "hole"):
                continue
            if age_s < HOLE_LOST_S:
                return LOOK_AGAIN_S
            await self._give_up(mx_room, holes)

    async def _take_due(self, mx_room: str) -> list[Hole]:
        """Take everything that has nothing missing before it; returns what is missing."""
        room = await self._store.room_of(mx_room)
        async with self._store.read() as db:
            found = await db.exec(
                select(Incoming)
                .where(Incoming.mx_room == mx_room, Incoming.state == "new")
                .order_by(col(Incoming.seq), col(Incoming.number))
                .limit(BATCH)
            )
            rows = list(in_order(list(found)))
        received = await self._received(room)
        holes: dict[str, Hole] = {}
        for row in rows:
            if row.server in holes and row.seq:
                continue
            standing = received.get(row.server)
            if row.seq and (standing is None or row.seq > standing + 1):
                holes[row.server] = Hole(row.server, row.seq, row.at_ms)
                continue
            room = await self._one(mx_room, room, row)
            if row.seq:
                received[row.server] = max(row.seq, standing or 0)
            elif room is not None:
                received = await self._received(room)
        if len(rows) == BATCH and not holes:
            return await self._take_due(mx_room)
        return list(holes.values())

    async def _received(self, room: Room | None) -> dict[str, int | None]:
        if room is None:
            return {}
        async with self._store.read() as db:
            peers = await db.exec(select(Peer).where(Peer.room_id == room.room_id))
            return {peer.server: peer.received for peer in peers}

    async def _one(self, mx_room: str, room: Room | None, row: Incoming) -> Room | None:
        """Take one event and remember that it is taken. Returns the room, which may be new."""
        links: Sequence[Link] = ()
        reason, keep_raw = "", False
        try:
            if row.raw:
                event = msgspec.json.decode(row.raw, type=Event)
                if event.type == START:
                    await self._begin(room, row, msgspec.convert(event.content, Start))
                else:
                    links, keep_raw = await self._take.take(room, event)
        except TargetMissing as missing:
            if now_ms() - row.at_ms < TARGET_S * 1000:
                raise Later("a message that something refers to") from missing
            reason = "target-missing"
        except msgspec.ValidationError:
            reason = "content-makes-no-sense"
        except Refused as refusal:
            reason = refusal.code
            log.debug("refused", detail=refusal.detail)
        if reason:
            log.warning("event set aside", reason=reason)
        EVENTS_IN.labels("aside" if reason else "taken").inc()
        room = room or await self._store.room_of(mx_room)
        await self._done(room, row, links, reason, keep_raw=keep_raw)
        return room

    async def _done(
        self, room: Room | None, row: Incoming, links: Sequence[Link], reason: str, *, keep_raw: bool
    ) -> None:
        async with self._store.work() as db:
            values = {"state": "aside" if reason else "done", "reason": reason[:200]}
            if not (reason or keep_raw):
                values["raw"] = ""
            await db.exec(update(Incoming).where(col(Incoming.number) == row.number).values(values))
            for link in links:
                await db.merge(link)
            if earlier := [link.event_id for link in links if link.event_id != row.event_id]:  # parts of the message
                await db.exec(update(Incoming).where(col(Incoming.event_id).in_(earlier)).values(raw=""))
            if row.seq and room is not None:
                it = (col(Peer.room_id) == room.room_id) & (col(Peer.server) == row.server)
                next_one = it & (col(Peer.received) == row.seq - 1)
                await db.exec(update(Peer).where(next_one).values(received=row.seq))

    async def _begin(self, room: Room | None, row: Incoming, start: Start) -> None:
        """A bridge says where its numbers go on for us."""
        if room is None or self._own not in start.servers:
            return
        async with self._store.work() as db:
            peer = await db.get(Peer, (room.room_id, row.server)) or Peer(room_id=room.room_id, server=row.server)
            peer.received = max(peer.received or 0, start.seq)
            db.add(peer)

    async def _give_up(self, mx_room: str, holes: Sequence[Hole]) -> None:
        room = await self._store.room_of(mx_room)
        if room is None:
            return
        for hole in holes:
            log.error("events are lost", count_at_most=hole.before)
            async with self._store.work() as db:
                peer = await db.get(Peer, (room.room_id, hole.server)) or Peer(room_id=room.room_id, server=hole.server)
                peer.received = hole.before - 1
                db.add(peer)


def in_order(rows: Sequence[Incoming]) -> Iterator[Incoming]:
    """As they arrived, but those with numbers by number among those of their server.

    What a walk found arrived late and belongs before what was waiting for it.
    """
    numbered: dict[str, Iterator[Incoming]] = {
        server: iter(sorted((r for r in rows if r.seq and r.server == server), key=lambda r: r.seq))
        for server in {row.server for row in rows}
    }
    for row in sorted(rows, key=lambda r: r.number or 0):
        yield next(numbered[row.server]) if row.seq else row
