# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of federation."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire

from .model import PeerState


class RoomPeer(Wire):
    """A room's sharing with a ministry, as the people in the room see it.

    Messages with opened_seq < seq <= delivered_seq have arrived there.
    """

    server: str
    name: str
    contact: str
    state: PeerState
    reason: str
    reachable: bool
    opened_seq: int
    delivered_seq: int


class FederationOpened(Event, tag="federation.opened", frozen=True):
    """The room is being opened to a ministry, or opened again."""

    peer: RoomPeer


class FederationClosed(Event, tag="federation.closed", frozen=True):
    """Nothing crosses any more."""

    server: str


class FederationStatus(Event, tag="federation.status", frozen=True, omit_defaults=False):
    """How it stands with a ministry."""

    server: str
    state: PeerState
    reason: str
    reachable: bool
    delivered_seq: int


class BridgeGained(Event, tag="federation.gained", frozen=True):
    """To the bridge's own stream: a room is shared now. opens: its audience."""

    room_id: str
    opens: str


class BridgeLost(Event, tag="federation.lost", frozen=True):
    """To the bridge's own stream: a room is shared with nobody any more."""

    room_id: str
    closes: str
