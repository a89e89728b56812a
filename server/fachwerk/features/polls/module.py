# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The polls module."""

from fachwerk.kernel.module import Module

from .events import PollClosed, PollOpened, PollVoted, VoteCast
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .sync import SNAPSHOTS

MODULE = Module(
    name="polls",
    routes=ROUTES,
    rules=RULES,
    events=[PollOpened, PollVoted, PollClosed, VoteCast],
    snapshots=SNAPSHOTS,
    personal=PERSONAL,
)
