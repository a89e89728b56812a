# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Live delivery: sockets, audiences, resume by sequence."""

from .bus import Bus
from .events import Answer, Bump, Closed, Hello, Pong, Refused, Subscribed
from .front import Front
from .hub import Hub
from .module import MODULE
from .relay import Relay
from .settings import BusSettings, SyncSettings
from .socket import Later, Socket

__all__ = [
    "MODULE",
    "Answer",
    "Bump",
    "Bus",
    "BusSettings",
    "Closed",
    "Front",
    "Hello",
    "Hub",
    "Later",
    "Pong",
    "Refused",
    "Relay",
    "Socket",
    "Subscribed",
    "SyncSettings",
]
