# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client sees of federation, and how each event changes that."""

import msgspec

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Wire

from .events import FederationClosed, FederationOpened, FederationStatus, RoomPeer
from .model import SharedRoom
from .service import peers_of, wire


class Sharing(Wire):
    """With whom a room is or was shared. origin: the server it came from; None for a room of ours."""

    origin: str | None
    peers: list[RoomPeer]


async def load(work: Work, actor: Actor, room_id: str) -> Sharing:  # noqa: ARG001 -- the shape of a snapshot
    """Snapshot of a room. Two queries."""
    shared = await work.db.get(SharedRoom, room_id)
    peers = [wire(row) for row in await peers_of(work, room_id)] if shared else []
    return Sharing(origin=shared.origin if shared else None, peers=peers)


def apply(state: Sharing, received: Received) -> Sharing:
    """How the sharing changes."""
    peers = {peer.server: peer for peer in state.peers}
    match received.event:
        case FederationOpened(peer=peer):
            peers[peer.server] = peer
        case FederationClosed(server=server) if server in peers:
            peers[server] = msgspec.structs.replace(peers[server], state="closed")
        case FederationStatus(server=server) as told if server in peers:
            peers[server] = msgspec.structs.replace(
                peers[server],
                state=told.state,
                reason=told.reason,
                reachable=told.reachable,
                delivered_seq=told.delivered_seq,
            )
    return Sharing(origin=state.origin, peers=[peers[server] for server in sorted(peers)])


SNAPSHOTS = {"room": Snapshot(load=load, apply=apply)}
