# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Names: who is who on the other side of the bridge."""

import hashlib
from uuid import UUID

BOT = "fachwerk-bridge"
"""Localpart of the bridge's own user, the same at every ministry, so that one finds the other's."""
GHOST = "fachwerk_"
"""Beginning of the localparts of employees. What follows is opaque: neither name nor mail address travels in an id."""
DEVICE = "BRIDGE"
"""The device that all our users act with: a homeserver remembers transaction ids per device over a restart."""


def server_of(mxid: str) -> str:
    """The server name in the id of a Matrix user; empty if there is none."""
    return mxid.partition(":")[2] if mxid.startswith("@") else ""


def bot_of(server: str) -> str:
    """The bridge's user at a ministry."""
    return f"@{BOT}:{server}"


def ghost_of(person_id: str, server: str) -> str:
    """The Matrix user of one of our employees. person_id: a UUID as text."""
    return f"@{GHOST}{UUID(person_id).hex}:{server}"


def person_of(ghost: str) -> str:
    """The employee whose Matrix user this is; empty for the bridge's own and for others."""
    localpart = ghost[1:].partition(":")[0]
    try:
        return str(UUID(localpart.removeprefix(GHOST))) if localpart.startswith(GHOST) else ""
    except ValueError:
        return ""


def alias_of(room_id: str, server: str) -> str:
    """The alias under which the Matrix room of a room of ours is found again if creating it was interrupted."""
    return f"#{GHOST}{UUID(room_id).hex}:{server}"


def client_id(event_id: str) -> str:
    """The id under which an event becomes a message: the same event is the same message, however often it comes."""
    return hashlib.sha256(event_id.encode()).hexdigest()
