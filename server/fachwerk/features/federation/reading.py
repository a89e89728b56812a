# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the bridge may read of rooms: only what was written while they were open to somebody."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from fachwerk.core import files, identity, messages, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.events import AudienceRow, EventRow
from fachwerk.kernel.policy import Actor, Facts
from fachwerk.kernel.wire import Wire

from .model import LIVE, PeerRow, PeerState, SharedRoom
from .rules import BRIDGE_ROLE
from .service import peers_of
from .settings import FederationSettings

ROOMS_MAX = 10_000
"""Shared rooms told of at once."""


class StoredEvent(Wire):
    """An event of a room as it is stored, and its number."""

    seq: int
    event: msgspec.Raw


class StoredEvents(Wire):
    """A part of a room's stream, oldest first. more: there are later ones."""

    items: list[StoredEvent]
    more: bool


class BridgedPeer(Wire):
    """A sharing as the bridge sees it. opened_by: the person's id."""

    server: str
    state: PeerState
    contact: str
    opened_by: str
    opened_seq: int
    closed_seq: int | None
    delivered_seq: int


class BridgedRoom(Wire):
    """A room that is or was shared. key: its Matrix room. opened_seq: nothing up to this ever crosses."""

    room_id: str
    name: str
    topic: str
    seq: int
    opened_seq: int
    origin: str | None
    key: str | None
    peers: list[BridgedPeer]


class BridgedRooms(Wire):
    """All of them."""

    items: list[BridgedRoom]


class BridgedMember(Wire):
    """Somebody in a room. mxid: of an external."""

    person_id: str
    name: str
    mxid: str | None
    role: str
    membership: str


class BridgedMembers(Wire):
    """Everybody in a room, and who is invited."""

    items: list[BridgedMember]


async def watched(work: Work, actor: Actor) -> dict[str, Facts]:
    """The audiences that the bridge hears: of all rooms in which something crosses. Nobody else has any here."""
    if BRIDGE_ROLE not in actor.roles:
        return {}
    found = await work.db.exec(select(PeerRow.room_id).where(col(PeerRow.state).in_(LIVE)).distinct())
    return {rooms.audience_of(room_id): Facts() for room_id in found}


async def shared_rooms(work: Work, settings: FederationSettings) -> BridgedRooms:
    """All rooms that are or were shared. Four queries.

    With a ministry that was taken out of the settings nothing is shared: it is told of as closed.
    """
    found = list(await work.db.exec(select(SharedRoom).order_by(SharedRoom.room_id).limit(ROOMS_MAX)))
    ids = [shared.room_id for shared in found]
    named = {room.id: room for room in await rooms.by_ids(work, ids)}
    audiences = [rooms.audience_of(room_id) for room_id in ids]
    standing = {
        row.name: row.seq for row in await work.db.exec(select(AudienceRow).where(col(AudienceRow.name).in_(audiences)))
    }
    peers: dict[str, list[PeerRow]] = {room_id: [] for room_id in ids}
    for row in await work.db.exec(select(PeerRow).where(col(PeerRow.room_id).in_(ids)).order_by(PeerRow.server)):
        peers[row.room_id].append(row)
    return BridgedRooms(
        items=[
            BridgedRoom(
                room_id=shared.room_id,
                name=named[shared.room_id].name,
                topic=named[shared.room_id].topic,
                seq=standing[rooms.audience_of(shared.room_id)],
                opened_seq=min((row.opened_seq for row in peers[shared.room_id]), default=0),
                origin=shared.origin,
                key=shared.key,
                peers=[_peer(row, settings) for row in peers[shared.room_id]],
            )
            for shared in found
        ]
    )


def _peer(row: PeerRow, settings: FederationSettings) -> BridgedPeer:
    return BridgedPeer(
        server=row.server,
        state=row.state if row.server in settings.names else "closed",
        contact=row.contact,
        opened_by=row.opened_by,
        opened_seq=row.opened_seq,
        closed_seq=row.closed_seq,
        delivered_seq=row.delivered_seq,
    )


async def events_after(work: Work, settings: FederationSettings, room_id: str, after: int, limit: int) -> StoredEvents:
    """Events after a number that may cross, oldest first: none is missing of those. Raises NotFound."""
    spans = await _spans(work, settings, room_id)
    seq = col(EventRow.seq)
    open_then: list[ColumnElement[bool]] = [
        (seq > opened) if closed is None else (seq > opened) & (seq <= closed) for opened, closed in spans
    ]
    chosen = (
        select(EventRow.seq, EventRow.body)
        .where(EventRow.audience == rooms.audience_of(room_id), seq > after, or_(*open_then))
        .order_by(seq)
        .limit(limit + 1)
    )
    found = (await work.db.exec(chosen)).all()
    items = [StoredEvent(seq=number, event=msgspec.Raw(body)) for number, body in found[:limit]]
    return StoredEvents(items=items, more=len(found) > limit)


async def members(work: Work, settings: FederationSettings, room_id: str) -> BridgedMembers:
    """Who is in a shared room; nobody there may take a guest for one of us. Raises NotFound for any other."""
    await _spans(work, settings, room_id)
    there = {member.person_id: member for member in await rooms.members(work, room_id)}
    return BridgedMembers(
        items=[
            BridgedMember(
                person_id=person.id,
                name=f"{person.name} (Gast)" if person.is_guest else person.name,
                mxid=person.subject if person.is_external else None,
                role=there[person.id].role,
                membership=there[person.id].membership,
            )
            for person in await identity.people(work, there)
        ]
    )


async def file_content(
    work: Work, settings: FederationSettings, store: files.FileStore, room_id: str, file_id: str
) -> files.Content:
    """A file of a message that may cross. Raises NotFound for any other."""
    spans = await _spans(work, settings, room_id)
    content = await files.sent_content(work, store, room_id, file_id)
    assert content.file.message_id, "it was sent"
    seq = await messages.seq_of(work, content.file.message_id)
    if seq is None or not any(opened < seq and (closed is None or seq <= closed) for opened, closed in spans):
        raise NotFound
    return content


async def _spans(work: Work, settings: FederationSettings, room_id: str) -> Sequence[tuple[int, int | None]]:
    """(opened_seq, closed_seq) of each sharing with a ministry of the settings that was not refused.

    Raises NotFound where there is none.
    """
    rows = [row for row in await peers_of(work, room_id) if row.state != "refused" and row.server in settings.names]
    spans = [(row.opened_seq, row.closed_seq) for row in rows]
    if not spans:
        raise NotFound
    return spans
