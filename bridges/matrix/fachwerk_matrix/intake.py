# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Matrix events come in, from transactions and from walks through a room's history, and are kept, each once."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from .ids import server_of
from .metrics import EVENTS_IN
from .store import Incoming, Store, Unreadable, now_ms
from .wire import EVENT_MAX_BYTES, Event

Arrived = tuple[msgspec.Raw, Event | str]
"""(as it came, the event or why it is none)"""

log = structlog.get_logger(part="intake")


class Intake:
    """Stores what arrives. own: server name of this ministry. wake: told which Matrix rooms have something new."""

    def __init__(self, store: Store, own: str, wake: Callable[[str], None]) -> None:
        self._store, self._own, self._wake = store, own, wake

    async def store(self, events: Sequence[msgspec.Raw]) -> None:
        """Keep each event of a transaction that is new; one that comes again has none.

        What our own users said is not kept: we sent that, and the answer was the receipt.
        """
        arrived = self._of_others(events)
        if not arrived:
            return
        async with self._store.work() as db:
            fresh = await self._add(db, arrived)
        for room in {event.room_id for event in fresh}:
            self._wake(room)

    async def set_aside(self, txn_id: str, body: bytes) -> None:
        """Keep a transaction that cannot be read, for whoever looks into it."""
        async with self._store.work() as db:
            await db.merge(Unreadable(txn_id=txn_id, at_ms=now_ms(), body=body))

    async def found(self, events: Sequence[msgspec.Raw]) -> int:
        """Keep what a walk found, oldest first. Returns how many were new."""
        async with self._store.work() as db:
            return len(await self._add(db, self._of_others(events)))

    def _of_others(self, events: Sequence[msgspec.Raw]) -> Sequence[Arrived]:
        """All but those of our own users."""
        read = [(raw, _read(raw)) for raw in events]
        return [(raw, event) for raw, event in read if isinstance(event, str) or server_of(event.sender) != self._own]

    async def _add(self, db: AsyncSession, read: Sequence[Arrived]) -> list[Event]:
        """Those that are new."""
        by_id = {_id(raw, event): (raw, event) for raw, event in read}
        known = set(await db.exec(select(Incoming.event_id).where(col(Incoming.event_id).in_(by_id))))
        fresh = []
        for event_id, (raw, event) in by_id.items():
            if event_id in known:
                continue
            if isinstance(event, str):
                self._misfit(db, event_id, raw, event)
            else:
                await self._take(db, bytes(raw), event)
                fresh.append(event)
        return fresh

    async def _take(self, db: AsyncSession, raw: bytes, event: Event) -> None:
        server = server_of(event.sender)
        row = Incoming(
            event_id=event.event_id,
            mx_room=event.room_id,
            server=server,
            raw=raw.decode(errors="replace"),
            at_ms=now_ms(),
        )
        reason = ""
        try:
            origin = event.origin
        except msgspec.ValidationError:
            origin, reason = None, "origin makes no sense"
        if len(raw) > 2 * EVENT_MAX_BYTES or len(msgspec.json.encode(event.content)) > EVENT_MAX_BYTES:
            reason = "too large"
        elif origin and origin.srv != server:
            reason = "origin of another server"
        elif origin:
            row.seq = origin.seq
            if await self._at(db, row, origin.seq):
                reason = "number used twice"
            for seq in origin.gone:
                # what was redacted before we saw it comes without its number, if it comes at all
                if not await self._at(db, row, seq):
                    db.add(_gone(row, seq))
        if reason:
            row.state, row.reason, row.seq = "aside", reason, 0
            EVENTS_IN.labels("aside").inc()
            log.warning("event set aside", reason=reason)
        db.add(row)
        await db.flush()

    async def _at(self, db: AsyncSession, row: Incoming, seq: int) -> bool:
        of_peer = select(Incoming.number).where(
            Incoming.mx_room == row.mx_room, Incoming.server == row.server, Incoming.seq == seq
        )
        return (await db.exec(of_peer.limit(1))).first() is not None

    def _misfit(self, db: AsyncSession, known_as: str, raw: msgspec.Raw, reason: str) -> None:
        text = bytes(raw).decode(errors="replace").replace("\0", "")
        row = Incoming(event_id=known_as, mx_room="", server="", raw=text, at_ms=now_ms())
        row.state, row.reason = "aside", reason
        db.add(row)
        EVENTS_IN.labels("aside").inc()
        log.warning("event set aside", reason=reason)


def _id(raw: msgspec.Raw, event: Event | str) -> str:
    return event.event_id if isinstance(event, Event) else f"misfit:{hashlib.sha256(bytes(raw)).hexdigest()}"


def _gone(row: Incoming, seq: int) -> Incoming:
    """Stands for an event that is gone."""
    return Incoming(
        event_id=f"gone:{seq}:{row.event_id}",
        mx_room=row.mx_room,
        server=row.server,
        seq=seq,
        raw="",
        at_ms=row.at_ms,
    )


def _read(raw: msgspec.Raw) -> Event | str:
    """The event, or why it is none."""
    try:
        return msgspec.json.decode(raw, type=Event)
    except msgspec.ValidationError:
        return "no event"
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return "not JSON"
