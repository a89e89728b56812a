# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The directory module. Whom somebody may see is decided inside the queries (`visibility`)."""

from fachwerk.core.identity import PersonDisabled, PersonReported
from fachwerk.kernel.module import Module

from .administrators import on_disabled
from .events import AdministrationChanged, SurroundingsChanged
from .jobs import REPEATS
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .service import on_administration_changed, on_reported
from .sync import SNAPSHOTS

MODULE = Module(
    name="directory",
    routes=ROUTES,
    rules=RULES,
    events=[SurroundingsChanged],
    snapshots=SNAPSHOTS,
    on={
        AdministrationChanged: on_administration_changed,
        PersonDisabled: on_disabled,
        PersonReported: on_reported,
    },
    repeats=REPEATS,
    personal=PERSONAL,
)
