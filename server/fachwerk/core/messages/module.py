# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The messages module."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fachwerk.kernel.context import Context
from fachwerk.kernel.module import Module

from . import events
from .personal import PERSONAL
from .routes import COMMANDS, ROUTES
from .rules import RULES
from .sequencer import Sequencer
from .sync import SNAPSHOTS


@asynccontextmanager
async def lifespan(context: Context) -> AsyncIterator[None]:
    """Commit batches while the server runs."""
    running = asyncio.create_task(context.port(Sequencer).run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


MODULE = Module(
    name="messages",
    routes=ROUTES,
    commands=COMMANDS,
    rules=RULES,
    events=[
        events.MessagePosted,
        events.MessageEdited,
        events.MessageDeleted,
        events.PreviewChanged,
        events.Typing,
        events.ThreadSeen,
    ],
    snapshots=SNAPSHOTS,
    lifespan=lifespan,
    personal=PERSONAL,
)
