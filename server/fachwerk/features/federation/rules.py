# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: people open rooms, the bridge carries, and externals write where they were let in."""

from fachwerk.kernel.errors import Conflict, Invalid
from fachwerk.kernel.policy import Actor, Facts, Rule, room_role, signed_in

BRIDGE_ROLE = "bridge"
"""Of one actor only: whoever shows the bridge's token. No provider's role has this name."""


def bridge(actor: Actor, facts: Facts, /) -> bool:  # noqa: ARG001 -- the shape of a ground
    """The bridge to other ministries."""
    return BRIDGE_ROLE in actor.roles


RULES = [
    Rule("federation.bridge", (bridge,)),
    Rule("federation.peers", (signed_in,)),
    Rule("room.open_to_peer", (room_role("owner", kind="group"), room_role("owner", kind="department")), hide=True),
]
BRIDGE_ACTIONS = frozenset({"federation.bridge", "federation.peers"})
"""All that the bridge can do in its own name."""
EXTERNAL_ACTIONS = frozenset(
    {"message.post", "message.read", "message.edit", "message.delete", "message.react", "file.upload", "file.read"}
)
"""All that the bridge can do in the name of somebody of another ministry, as far as their place in a room allows it."""


class UnknownPeer(Invalid):
    """Not among those with whom this installation shares rooms."""

    slug, title = "unknown-peer", "Rooms are not shared with this ministry"


class UnknownContact(Invalid):
    """The other side asked for somebody who is not here."""

    slug, title = "unknown-contact", "Nobody here has this address"


class RoomNotOpen(Conflict):
    """The room is not, or no longer, open to that ministry."""

    slug, title = "room-not-open", "The room is not open to this ministry"


class RoomShared(Conflict):
    """What was asked for cannot be while others read along. ministries: their names."""

    slug, title = "room-shared", "The room is shared with other ministries"


class ForeignRoom(Conflict):
    """The room belongs to another ministry."""

    slug, title = "foreign-room", "Only the ministry that the room comes from can share it with others"


class KeyTaken(Conflict):
    """A Matrix room stands for one room."""

    slug, title = "key-taken", "This Matrix room belongs to another room"


class TooManyRooms(Conflict):
    """A ministry opens rooms to us faster than people could ask for."""

    slug, title = "too-many-rooms", "This ministry has opened too many rooms today"
