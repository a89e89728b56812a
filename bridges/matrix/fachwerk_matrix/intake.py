# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Matrix events come in, from transactions and from walks through a room's history, and are kept, each once."""

from collections.abc import Callable, Sequence

import msgspec
import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from .ids import server_of
from .metrics import EVENTS_IN
from .store import Incoming, Store, Transaction, now_ms
from .wire import EVENT_MAX_BYTES, Event

Arrived = tuple[msgspec.Raw, Event | str]
"""(as it came, the event or why it is none)"""

log = structlog.get_logger(part="intake")


class Intake:
    """Stores what arrives. own: server name of this ministry. wake: told which Matrix rooms have something new."""

    def __init__(self, store: Store, own: str, wake: Callable[[str], None]) -> None:
        self._store, self._own, self._wake = store, own, wake

    async def store(self, txn_id: str, events: Sequence[msgspec.Raw]) -> bool:
        """Keep a transaction, and each of its events that is new. False if we had the transaction already.

        One that tells only what our own users said is not kept: we sent that, and the answer was the receipt.
        """
        arrived = self._of_others(events)
        if not arrived:
            return True
        async with self._store.work() as db:
            if await db.get(Transaction, txn_id):
                return False
            db.add(Transaction(txn_id=txn_id, at_ms=now_ms()))
            fresh = await self._add(db, arrived)
        for room in {event.room_id for event in fresh}:
            self._wake(room)
        return True

    async def set_aside(self, txn_id: str, body: bytes) -> None:
        """Keep a transaction that cannot be read, for whoever looks into it."""
        async with self._store.work() as db:
            if not await db.get(Transaction, txn_id):
                db.add(Transaction(txn_id=txn_id, at_ms=now_ms(), aside=body))

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
        known = await self._known(db, [event for _, event in read if isinstance(event, Event)])
        fresh = []
        for raw, event in read:
            if isinstance(event, str):
                await self._misfit(db, raw, event)
                continue
            if event.event_id in known:
                continue
            known.add(event.event_id)
            await self._take(db, bytes(raw), event)
            fresh.append(event)
        return fresh

    async def _known(self, db: AsyncSession, events: Sequence[Event]) -> set[str]:
        ids = [event.event_id for event in events]
        return set(await db.exec(select(Incoming.event_id).where(col(Incoming.event_id).in_(ids))))

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

    async def _misfit(self, db: AsyncSession, raw: msgspec.Raw, reason: str) -> None:
        text = bytes(raw).decode(errors="replace").replace("\0", "")
        known = f"misfit:{hash(text):x}:{now_ms()}"
        db.add(Incoming(event_id=known, mx_room="", server="", raw=text, state="aside", reason=reason, at_ms=now_ms()))
        EVENTS_IN.labels("aside").inc()
        log.warning("event set aside", reason=reason)


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
