# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Walks back through a room's history, for what no transaction has brought.

A homeserver does not promise to push everything: after an outage, or when events come in a burst, only some of those
it has are brought to an application service. All of them stand in the history.
"""

import msgspec
import structlog

from .errors import Refused
from .ghosts import Homeserver
from .ids import person_of, server_of
from .intake import Intake
from .metrics import FOUND, WALKS
from .store import Link, Room, Store
from .wire import Event, Origin

PAGES_MAX = 500
"""Of one walk: 50,000 events."""
SEEN_PAGES = 1
"""Pages beyond the last walk's newest event, for what was slipped in before it by a slower server."""

log = structlog.get_logger(part="backfill")


class Backfill:
    """Reads histories. own: server name of this ministry."""

    def __init__(self, store: Store, homeserver: Homeserver, intake: Intake) -> None:
        self._store, self._homeserver, self._intake = store, homeserver, intake

    async def walk(self, mx_room: str, reason: str) -> int:
        """Read everything since the last walk; returns how many events were new. Raises Later if it cannot end."""
        WALKS.labels(reason).inc()
        room = await self._store.room_of(mx_room)
        until = room.walked_to if room else ""
        events = await self._back(mx_room, until)
        count = await self._intake.found(events[::-1])
        FOUND.inc(count)
        if room is not None and events:
            newest = msgspec.json.decode(events[0], type=_Id).event_id
            async with self._store.work() as db:
                (await db.get_one(Room, room.room_id)).walked_to = newest
        if count:
            log.info("found in the history", reason=reason, count=count)
        return count

    async def _back(self, mx_room: str, until: str) -> list[msgspec.Raw]:
        """Events, newest first, down to one that is known and a page more."""
        found: list[msgspec.Raw] = []
        since, beyond = None, 0
        for _ in range(PAGES_MAX):
            try:
                page = await self._homeserver.history(mx_room, since)
            except Refused as refusal:
                log.warning("history is closed", reason=refusal.code)
                break
            found += page.chunk
            beyond += beyond > 0 or any(msgspec.json.decode(raw, type=_Id).event_id == until for raw in page.chunk)
            since = page.end
            if since is None or beyond > SEEN_PAGES:
                break
        return found

    async def recover(self, room: Room) -> None:
        """After the loss of our own database: learn from the history what we had sent, and take the rest again."""
        events = await self._back(room.mx_room, "")
        links = []
        for raw in events:
            event = msgspec.json.decode(raw, type=Event)
            if server_of(event.sender) != self._homeserver.server_name or (origin := _origin(event)) is None:
                continue
            room.out_seq, room.read_seq = max(room.out_seq, origin.seq), max(room.read_seq, origin.at)
            if event.type in {"m.room.message", "m.reaction"}:
                links.append(_link(room, event, origin))
        async with self._store.work() as db:
            for link in links:
                await db.merge(link)
            await db.merge(room)
        await self._intake.found(events[::-1])
        log.info("recovered a room from its history", events=len(events))


class _Id(msgspec.Struct):
    event_id: str


def _origin(event: Event) -> Origin | None:
    try:
        return event.origin
    except msgspec.ValidationError:
        return None


def _link(room: Room, event: Event, origin: Origin) -> Link:
    given = event.content.get("m.relates_to")
    relation = given if isinstance(given, dict) else {}
    kind = {"m.replace": "edit", "m.annotation": "reaction"}.get(str(relation.get("rel_type")), "message")
    return Link(
        event_id=event.event_id,
        room_id=room.room_id,
        kind=kind,
        message_id=origin.mid,
        person_id=person_of(event.sender),
        emoji=str(relation.get("key", "")),
        seq=origin.seq,
    )
