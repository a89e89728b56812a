# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Matrix identifiers (Matrix specification, Appendices, "Identifier Grammar"): as strict as we need them.

Not the historical extremes: an identifier is at most 255 bytes, and here all its characters are ASCII.
"""

import re

ID_MAX_BYTES = 255
SERVER_NAME = r"^(?:[0-9A-Za-z.-]{1,230}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$"
"""A host name, an IPv4 address or a bracketed IPv6 address, with or without a port."""

_USER = re.compile(r"@[!-9;-~]+:(?P<server>[!-~]+)", re.ASCII)
_ROOM = re.compile(r"![!-~]+", re.ASCII)
_SERVER = re.compile(SERVER_NAME)


def server_of(mxid: str) -> str | None:
    """The server part of a Matrix user id; None for what is none (historical local parts included)."""
    found = _USER.fullmatch(mxid) if len(mxid) <= ID_MAX_BYTES else None
    return found["server"] if found and _SERVER.match(found["server"]) else None


def is_room(key: str) -> bool:
    """Whether this is the id of a Matrix room."""
    return len(key) <= ID_MAX_BYTES and _ROOM.fullmatch(key) is not None
