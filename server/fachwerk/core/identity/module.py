# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The identity module. Its routes are for anybody, or for whoever holds the session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fachwerk.kernel.context import Context
from fachwerk.kernel.module import Module

from . import sessions
from .events import GuestEnded, SessionEnded
from .jobs import JOBS, REPEATS
from .personal import PERSONAL
from .providers import Providers
from .routes import ROUTES
from .watch import Watch


@asynccontextmanager
async def lifespan(context: Context) -> AsyncIterator[None]:
    """Give back the connections to the provider at the end."""
    yield
    await context.port(Watch).close()
    for provider in context.port(Providers):
        await provider.close()


MODULE = Module(
    name="identity",
    rules=sessions.RULES,
    routes=[*ROUTES, *sessions.ROUTES],
    events=[SessionEnded, GuestEnded],
    jobs=JOBS,
    repeats=REPEATS,
    lifespan=lifespan,
    personal=PERSONAL,
)
