# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Opening rooms to ministries, closing them, and what the bridge reports."""

from sqlmodel import select

from fachwerk.core import identity, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Forbidden, Invalid, NotFound
from fachwerk.kernel.events import AudienceRow
from fachwerk.kernel.module import Copy
from fachwerk.kernel.policy import Actor, Policy

from .events import BridgeGained, BridgeLost, FederationClosed, FederationOpened, FederationStatus, RoomPeer
from .metrics import CLOSED, OPENED, REPORTED
from .model import LIVE, PeerRow, PeerState, SharedRoom
from .names import server_of
from .policy import require_allowed
from .rules import ForeignRoom, RoomNotOpen, RoomShared, UnknownPeer
from .settings import FederationSettings

BRIDGE_SUBJECT, BRIDGE_NAME = "matrix-bridge", "Matrix"


async def open_to_peer(
    work: Work, policy: Policy, actor: Actor, settings: FederationSettings, *, room_id: str, server: str, contact: str
) -> None:
    """Share a room with a ministry, from now on. Sharing it twice changes nothing."""
    await rooms.allowed_place(work, policy, actor, "room.open_to_peer", room_id)
    require_peer(settings, server)
    room = await rooms.held(work, room_id)
    rooms.require_label(room, "open")
    shared = await work.db.get(SharedRoom, room_id)
    if shared is None:
        shared = SharedRoom(room_id=room_id)
        work.db.add(shared)
        await work.db.flush()
    if shared.origin not in (None, server):
        raise ForeignRoom
    row = await work.db.get(PeerRow, (room_id, server), with_for_update=True)
    if row is None or row.state not in LIVE:
        await begin(work, settings, row, room, server, "opening", contact=contact, by=actor.id)


async def begin(
    work: Work, settings: FederationSettings, row: PeerRow | None, room: rooms.Room, server: str, state: PeerState,
    *, contact: str, by: str,
) -> None:  # fmt: skip
    """Let what comes from now on cross. The event's own number is the border. Raises PolicyForbids."""
    await require_allowed(work, room.department_id)
    row = row or PeerRow(room_id=room.id, server=server, name="", state=state, contact="", opened_by="", since_ms=0)
    row.name, row.state, row.reason = require_peer(settings, server), state, ""
    row.contact, row.opened_by, row.since_ms = contact, by, work.now_ms
    row.reachable, row.closed_seq = True, None
    work.db.add(row)

    def opened(seq: int) -> FederationOpened:
        row.opened_seq = row.delivered_seq = seq
        work.db.add(row)
        return FederationOpened(peer=wire(row))

    work.audit(by, "room.open_to_peer", room.id, peer=server)
    work.emit(rooms.audience_of(room.id), opened)
    bridge = await identity.machine(work, BRIDGE_SUBJECT, BRIDGE_NAME)
    work.emit(f"user:{bridge.id}", BridgeGained(room_id=room.id, opens=rooms.audience_of(room.id)))
    OPENED.labels(server).inc()


async def close_to_peer(work: Work, policy: Policy, actor: Actor, room_id: str, server: str) -> None:
    """End the sharing with a ministry; its people leave. Ending it twice changes nothing."""
    await rooms.allowed_place(work, policy, actor, "room.open_to_peer", room_id)
    row = await peer_of(work, room_id, server)
    if row.state != "closed":
        await _end(work, row, by=actor.id)


async def _end(work: Work, row: PeerRow, *, by: str) -> None:
    row.state = "closed"
    audience = rooms.audience_of(row.room_id)

    def closed(seq: int) -> FederationClosed:
        row.closed_seq = seq
        work.db.add(row)
        return FederationClosed(server=row.server)

    work.audit(by, "room.close_to_peer", row.room_id, peer=row.server)
    await dismiss(work, row)
    work.emit(audience, closed)
    still = [one for one in await peers_of(work, row.room_id) if one.state in LIVE]
    if not still:
        bridge = await identity.machine(work, BRIDGE_SUBJECT, BRIDGE_NAME)
        work.emit(f"user:{bridge.id}", BridgeLost(room_id=row.room_id, closes=audience))
    CLOSED.labels(row.server).inc()


async def dismiss(work: Work, row: PeerRow) -> None:
    """Take out the people of a ministry; from a room that came from there, those of all others too."""
    shared = await work.db.get(SharedRoom, row.room_id)
    assert shared
    room = (await rooms.place(work, "", row.room_id)).room
    here = await identity.people(work, [member.person_id for member in await rooms.members(work, room.id)])
    for person in here:
        if person.is_external and (shared.origin == row.server or server_of(person.subject) == row.server):
            await rooms.dissolve_place(work, room, person.id)


async def on_label_changed(work: Work, event: rooms.LabelChanged) -> None:
    """Only an open room is shared: for another label it is closed to every ministry first. Raises RoomShared."""
    if event.label == "open":
        return
    if sharing := [row.name for row in await peers_of(work, event.room_id) if row.state in LIVE]:
        raise RoomShared(ministries=", ".join(sharing))


async def report(
    work: Work, actor: Actor, room_id: str, server: str, *, state: PeerState | None, reason: str | None,
    reachable: bool | None, delivered_seq: int | None,
) -> None:  # fmt: skip
    """What the bridge knows of a sharing; None for what it does not speak of. delivered_seq never goes back.

    Raises RoomNotOpen for one that was closed or refused, which only the room's owner can open again.
    """
    row = await peer_of(work, room_id, server)
    if row.state not in LIVE:
        raise RoomNotOpen
    if delivered_seq is not None and delivered_seq > await _last(work, room_id):
        raise Invalid(errors=(FieldError("/delivered_seq", "the room has not come so far"),))
    before = (row.state, row.reason, row.reachable, row.delivered_seq)
    row.reason = row.reason if reason is None else reason
    row.reachable = row.reachable if reachable is None else reachable
    row.delivered_seq = max(row.delivered_seq, delivered_seq or 0)
    work.db.add(row)
    REPORTED.labels(server, state or row.state, str(row.reachable).lower()).inc()
    row.state = row.state if state in (None, "closed") else state
    if row.state == "refused":
        await dismiss(work, row)
    if (row.state, row.reason, row.reachable, row.delivered_seq) != before:
        told = FederationStatus(
            server=server, state=row.state, reason=row.reason, reachable=row.reachable, delivered_seq=row.delivered_seq
        )
        work.emit(rooms.audience_of(room_id), told)
    if state == "closed":
        await _end(work, row, by=actor.id)


async def admit(work: Work, room_id: str, person_id: str) -> None:
    """An external comes into a room that is open to their ministry. Raises RoomNotOpen."""
    person = await external_of(work, person_id)
    server = server_of(person.subject)
    shared = await work.db.get(SharedRoom, room_id)
    open_to = {row.server for row in await peers_of(work, room_id) if row.state in LIVE}
    # into a room of another ministry, that ministry lets its own guests
    if shared is None or (server not in open_to and shared.origin not in open_to):
        raise RoomNotOpen
    await rooms.admit_external(work, (await rooms.place(work, person_id, room_id)).room, person_id)


async def dismiss_one(work: Work, room_id: str, person_id: str) -> None:
    """An external leaves a room. Leaving twice changes nothing."""
    person = await external_of(work, person_id)
    if await work.db.get(SharedRoom, room_id) is None:
        raise NotFound
    await rooms.dissolve_place(work, (await rooms.place(work, person_id, room_id)).room, person.id)


async def external_of(work: Work, person_id: str) -> identity.Person:
    """Somebody of another ministry. Raises NotFound, and Forbidden for our own people: the bridge moves none of us."""
    person = await identity.person(work, person_id)
    if person is None:
        raise NotFound
    if not person.is_external:
        raise Forbidden
    return person


async def make_known(work: Work, settings: FederationSettings, mxid: str, name: str, place: str) -> identity.Person:
    """The external with this Matrix user id. place: JSON pointer to it. Raises Invalid, UnknownPeer."""
    server = server_of(mxid)
    if server is None:
        raise Invalid(errors=(FieldError(place, "not a Matrix user id"),))
    return await identity.external(work, mxid, name, require_peer(settings, server))


def require_peer(settings: FederationSettings, server: str) -> str:
    """The name of a ministry with which rooms are shared. Raises UnknownPeer for any other."""
    name = settings.names.get(server)
    if name is None:
        raise UnknownPeer
    return name


async def peer_of(work: Work, room_id: str, server: str) -> PeerRow:
    """A room's sharing with a ministry, past or present, held against others who change it. Raises NotFound."""
    row = await work.db.get(PeerRow, (room_id, server), with_for_update=True)
    if row is None:
        raise NotFound
    return row


async def peers_of(work: Work, room_id: str) -> list[PeerRow]:
    """All sharings of a room, in order of server."""
    return list(await work.db.exec(select(PeerRow).where(PeerRow.room_id == room_id).order_by(PeerRow.server)))


async def copies(work: Work, room_id: str) -> list[Copy]:
    """The ministries that keep what has crossed out of a room; what they have stays there when the sharing ends."""
    return [
        Copy(name=row.name, current=row.state in LIVE)
        for row in await peers_of(work, room_id)
        if row.state in LIVE or row.delivered_seq > row.opened_seq
    ]


def wire(row: PeerRow) -> RoomPeer:
    """A sharing as people see it."""
    return RoomPeer(
        server=row.server,
        name=row.name,
        contact=row.contact,
        state=row.state,
        reason=row.reason,
        reachable=row.reachable,
        opened_seq=row.opened_seq,
        delivered_seq=row.delivered_seq,
    )


async def _last(work: Work, room_id: str) -> int:
    standing = await work.db.get(AudienceRow, rooms.audience_of(room_id))
    return standing.seq if standing else 0
