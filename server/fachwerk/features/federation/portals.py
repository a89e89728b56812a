# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms that another ministry opens to us, and the Matrix rooms that stand behind rooms."""

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from fachwerk.core import identity, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound

from .model import PeerRow, SharedRoom
from .names import is_room, server_of
from .rules import KeyTaken, TooManyRooms, UnknownContact
from .service import begin, make_known, require_peer
from .settings import FederationSettings

PORTALS_PER_DAY = 200
"""Rooms that one ministry may open to us in 24 hours, so that a broken one cannot fill everybody's list."""
DAY_MS = 86_400_000
NAME_CHARS, TOPIC_CHARS = 100, 300
"""As of our own rooms; what another house writes may be longer, and is cut."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a ministry wants to share. key: its Matrix room. contact: who is meant here. inviter: a Matrix user id."""

    key: str
    server: str
    name: str
    topic: str
    contact: str
    inviter: str
    inviter_name: str


async def found_portal(work: Work, settings: FederationSettings, invitation: Invitation) -> str:
    """The room that stands for a ministry's Matrix room here; its contact owns it. Returns its id.

    Asked again under the same key it is the same room, and a closed one stays closed. Raises UnknownPeer,
    UnknownContact, TooManyRooms, PolicyForbids, KeyTaken for a key that belongs to a room of somebody else.
    """
    server, key = invitation.server, invitation.key
    called = require_peer(settings, server)
    _require_key(key)
    known = (await work.db.exec(select(SharedRoom).where(SharedRoom.key == key))).first()
    if known is not None:
        if known.origin != server:
            raise KeyTaken
        return known.room_id
    if server_of(invitation.inviter) != server:
        raise Invalid(errors=(FieldError("/invited_by/mxid", "nobody of this server"),))
    owner = await identity.colleague_called(work, invitation.contact)
    if owner is None:
        raise UnknownContact
    await _require_patience(work, server)
    by = await make_known(work, settings, invitation.inviter, invitation.inviter_name, "/invited_by/mxid")
    name, topic = invitation.name.strip()[:NAME_CHARS] or called, invitation.topic.strip()[:TOPIC_CHARS]
    room = await rooms.found(work, kind="group", name=name, topic=topic, by=by.id)
    await _keep(work, SharedRoom(room_id=room.id, key=key, origin=server))
    await rooms.put_in(work, room, owner.id, "owner")
    await begin(work, settings, None, room, server, "open", contact=invitation.contact, by=by.id)
    return room.id


async def remember_key(work: Work, room_id: str, key: str) -> None:
    """Note the Matrix room of a shared room. Raises NotFound, KeyTaken."""
    _require_key(key)
    shared = await work.db.get(SharedRoom, room_id)
    if shared is None:
        raise NotFound
    if shared.key != key:
        shared.key = key
        await _keep(work, shared)


async def _require_patience(work: Work, server: str) -> None:
    lately = select(func.count()).where(
        PeerRow.room_id == SharedRoom.room_id,
        PeerRow.server == server,
        SharedRoom.origin == server,
        PeerRow.since_ms > work.now_ms - DAY_MS,
    )
    if (await work.db.exec(lately)).one() >= PORTALS_PER_DAY:
        raise TooManyRooms(limit=PORTALS_PER_DAY)


def _require_key(key: str) -> None:
    if not is_room(key):
        raise Invalid(errors=(FieldError("/key", "not the id of a Matrix room"),))


async def _keep(work: Work, shared: SharedRoom) -> None:
    try:
        work.db.add(shared)
        await work.db.flush()
    except IntegrityError as error:  # the whole call is undone
        raise KeyTaken from error
