# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The directory module. Whom somebody may see is decided inside the queries (`visibility`)."""

from fachwerk.core.identity import PersonReported
from fachwerk.kernel.jobs import Outside, Repeat
from fachwerk.kernel.module import Module

from .attributes import FORGET_S, forget
from .events import SurroundingsChanged
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .service import on_reported
from .sync import SNAPSHOTS

MODULE = Module(
    name="directory",
    routes=ROUTES,
    rules=RULES,
    events=[SurroundingsChanged],
    snapshots=SNAPSHOTS,
    on={PersonReported: on_reported},
    personal=PERSONAL,
    repeats={"directory.forget": Repeat(Outside(forget), every_s=FORGET_S, at_start=True)},
)
