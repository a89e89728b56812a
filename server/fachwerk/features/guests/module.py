# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The guests module."""

from fachwerk.core import identity, rooms
from fachwerk.kernel.module import Module

from .events import GuestGone, GuestShown
from .personal import PERSONAL
from .policy import GUESTS
from .reactions import on_disabled, on_label_changed, on_left, on_removed
from .routes import ROUTES
from .rules import RULES
from .service import END, end_due
from .sync import SNAPSHOTS

MODULE = Module(
    name="guests",
    routes=ROUTES,
    rules=RULES,
    events=[GuestShown, GuestGone],
    snapshots=SNAPSHOTS,
    on={
        identity.PersonDisabled: on_disabled,
        rooms.LabelChanged: on_label_changed,
        rooms.MemberLeft: on_left,
        rooms.MemberRemoved: on_removed,
    },
    policies=[GUESTS],
    jobs={END: end_due},
    personal=PERSONAL,
)
