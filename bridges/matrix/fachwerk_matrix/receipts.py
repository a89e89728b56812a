# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who has received what: acknowledgements between bridges, and what people read of them in Fachwerk.

An acknowledgement is an event in the room and not a read receipt: those are lost while a homeserver is away.
"""

import time
import uuid
from asyncio import sleep

import structlog
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from .connector import Fachwerk
from .errors import Refused
from .ghosts import Homeserver, asked
from .ids import bot_of
from .store import Outgoing, Peer, Room, Store
from .wire import DELIVERED, Delivered, FederatedRoom

REST_S = 1.0
"""At most one acknowledgement, and one report to Fachwerk, per room and peer in this time."""
MANY = 16
"""Fewer events wait for twice that time, to be acknowledged together: an acknowledgement costs the homeservers as much
as a message. Well below the window of the others, who stop when it is full."""
UNREACHABLE_S = 10.0
"""Without a receipt for so long, people read that the other side does not answer."""
LOOK_AGAIN_S = 3.0


log = structlog.get_logger(part="receipts")


class Receipts:
    """Acknowledges what arrived, and reports what has arrived elsewhere."""

    def __init__(self, store: Store, fachwerk: Fachwerk, homeserver: Homeserver) -> None:
        self._store, self._fachwerk, self._homeserver = store, fachwerk, homeserver
        self._reported: dict[tuple[str, str], tuple[int, bool]] = {}
        self._moved: dict[tuple[str, str], tuple[int, float]] = {}
        self._acknowledged_at: dict[str, float] = {}

    async def acknowledge(self, room_id: str) -> float | None:
        """Tell the other bridges of a room what we have of theirs; then rest, so that the next one says more."""
        due = await self._unacknowledged(room_id)
        rested_s = time.monotonic() - self._acknowledged_at.get(room_id, -2 * REST_S)
        if due and rested_s < 2 * REST_S and all(received - peer.acknowledged < MANY for peer, received in due):
            await sleep(2 * REST_S - rested_s)
            due = await self._unacknowledged(room_id)
        room = await self._store.room(room_id)
        if room is None or not due:
            return None
        for peer, received in due:
            content = {"srv": peer.server, "seq": received}
            txn_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{room.mx_room} {peer.server} {received}").hex
            await asked(self._homeserver.bot.room_send(room.mx_room, DELIVERED, content, tx_id=txn_id))
            async with self._store.work() as db:
                row = await db.get_one(Peer, (room_id, peer.server))
                row.acknowledged = max(row.acknowledged, received)
        self._acknowledged_at[room_id] = time.monotonic()
        await sleep(REST_S)
        return 0.0  # look once more: something may have come while we rested

    async def _unacknowledged(self, room_id: str) -> list[tuple[Peer, int]]:
        """Bridges that wait to hear how far we have their events, and how far that is."""
        async with self._store.read() as db:
            peers = list(await db.exec(select(Peer).where(Peer.room_id == room_id, col(Peer.present))))
        return [(peer, peer.received) for peer in peers if (peer.received or 0) > peer.acknowledged and peer.received]

    async def confirmed(self, room: Room, sender: str, server: str, receipt: Delivered) -> None:
        """Another bridge has our events up to a number. Raises Refused for what cannot be."""
        if receipt.srv != self._homeserver.server_name:
            return  # about somebody else's
        if sender != bot_of(server) or receipt.seq > room.out_seq:
            raise Refused("receipt-makes-no-sense")
        async with self._store.work() as db:
            row = await db.get(Peer, (room.room_id, server)) or Peer(room_id=room.room_id, server=server)
            row.confirmed = max(row.confirmed, receipt.seq)
            db.add(row)

    async def report(self, info: FederatedRoom) -> float | None:
        """Tell Fachwerk how far each peer is; then rest. Returns when to look again while something is on its way."""
        again, said = None, False
        async with self._store.read() as db:
            peers = list(await db.exec(select(Peer).where(Peer.room_id == info.room_id)))
        bridges = {peer.server: peer for peer in peers if peer.present}
        for server in info.open_servers:
            delivered, waiting = await self._delivered(info.room_id, bridges.get(server))
            reachable = self._answers(info.room_id, server, delivered, waiting=waiting)
            if self._reported.get((info.room_id, server)) != (delivered, reachable):
                await self._tell(info.room_id, server, delivered, reachable=reachable)
                self._reported[info.room_id, server] = delivered, reachable
                said = True
            if waiting:
                again = LOOK_AGAIN_S
        if said:
            await sleep(REST_S)
            return 0.0
        return again

    async def _tell(self, room_id: str, server: str, delivered: int, *, reachable: bool) -> None:
        words = {"reachable": reachable} | ({"delivered_seq": delivered} if delivered else {})
        try:
            await self._fachwerk.put_status(room_id, server, **words)
        except Refused as refusal:  # closed meanwhile
            log.info("report refused", reason=refusal.code)

    def forget(self, room_id: str) -> None:
        """Say everything again: Fachwerk may have been set back."""
        self._reported = {key: value for key, value in self._reported.items() if key[0] != room_id}

    async def _delivered(self, room_id: str, peer: Peer | None) -> tuple[int, bool]:
        """(up to where in Fachwerk's numbers everything is with this peer, whether something is on its way).

        Where no bridge is, what our homeserver has taken counts as delivered.
        """
        async with self._store.read() as db:
            # in this order: what is queued between the two questions is not on its way yet, and not delivered either
            delivered = (await db.exec(_newest(room_id))).first() or 0
            ways = [await db.exec(_unsent(room_id))]
            if peer is not None:
                ways.append(await db.exec(_unheard(room_id, peer.confirmed)))
            first = min((row for way in ways for row in way), key=lambda row: row.number or 0, default=None)
            if first is not None:
                before = (await db.exec(_newest(room_id).where(col(Outgoing.number) < first.number))).first() or 0
                delivered = min(before, first.local_seq - 1)
        if peer is not None:
            delivered = max(delivered, peer.delivered_seq)
        return delivered, first is not None

    def _answers(self, room_id: str, server: str, delivered: int, *, waiting: bool) -> bool:
        key, now = (room_id, server), time.monotonic()
        last, since = self._moved.get(key, (-1, now))
        if delivered != last or not waiting:
            since = now
        self._moved[key] = delivered, since
        return now - since < UNREACHABLE_S


# Each of these looks at the end of an index, however much a room has seen: numbers of every kind only grow.


def _newest(room_id: str) -> SelectOfScalar[int]:
    """Fachwerk's number of what was queued last."""
    return select(Outgoing.local_seq).where(Outgoing.room_id == room_id).order_by(col(Outgoing.number).desc()).limit(1)


def _unsent(room_id: str) -> SelectOfScalar[Outgoing]:
    """The next step to do."""
    undone = select(Outgoing).where(Outgoing.room_id == room_id, col(Outgoing.done_ms).is_(None))
    return undone.order_by(col(Outgoing.number)).limit(1)


def _unheard(room_id: str, confirmed: int) -> SelectOfScalar[Outgoing]:
    """The first step that a bridge, which has all up to a number, has not confirmed."""
    beyond = select(Outgoing).where(Outgoing.room_id == room_id, col(Outgoing.seq) > confirmed)
    return beyond.order_by(col(Outgoing.seq)).limit(1)
