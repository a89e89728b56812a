# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The investigations module."""

from fachwerk.kernel.module import Module

from .events import InvestigationConfirmed, InvestigationTold
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .service import END, TELL, end_due, tell_due
from .sync import SNAPSHOTS

MODULE = Module(
    name="investigations",
    routes=ROUTES,
    rules=RULES,
    events=[InvestigationTold, InvestigationConfirmed],
    snapshots=SNAPSHOTS,
    jobs={END: end_due, TELL: tell_due},
    personal=PERSONAL,
)
