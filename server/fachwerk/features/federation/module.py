# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The federation module."""

from fachwerk.core import rooms
from fachwerk.kernel.module import Module

from . import events
from .personal import PERSONAL
from .policy import FEDERATION
from .reading import watched
from .routes import ROUTES
from .rules import RULES
from .service import copies, on_label_changed
from .sync import SNAPSHOTS

MODULE = Module(
    name="federation",
    routes=ROUTES,
    rules=RULES,
    events=[
        events.FederationOpened,
        events.FederationClosed,
        events.FederationStatus,
        events.BridgeGained,
        events.BridgeLost,
    ],
    snapshots=SNAPSHOTS,
    watch=watched,
    copies=copies,
    on={rooms.LabelChanged: on_label_changed},
    policies=[FEDERATION],
    personal=PERSONAL,
)
