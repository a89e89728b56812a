# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The calls module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fachwerk.core import identity, rooms
from fachwerk.kernel.context import Context
from fachwerk.kernel.module import Module

from . import events
from .jobs import JOBS, REPEATS, on_person_disabled, on_person_gone
from .media import MediaServer
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .sync import SNAPSHOTS


@asynccontextmanager
async def lifespan(context: Context) -> AsyncIterator[None]:
    """Give the media server's connections back at the end."""
    yield
    await context.port(MediaServer).close()


MODULE = Module(
    name="calls",
    routes=ROUTES,
    rules=RULES,
    events=[events.CallStarted, events.CallJoined, events.CallLeft, events.CallEnded, events.CallRunning],
    snapshots=SNAPSHOTS,
    on={rooms.PersonGone: on_person_gone, identity.PersonDisabled: on_person_disabled},
    jobs=JOBS,
    repeats=REPEATS,
    lifespan=lifespan,
    personal=PERSONAL,
)
