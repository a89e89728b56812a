# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A person's own sessions: to see where they are signed in, and to end what they do not know or need."""

from collections.abc import Iterable

from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.http import Call
from fachwerk.kernel.jobs import Outside
from fachwerk.kernel.operation import SESSION, route
from fachwerk.kernel.policy import Facts, Rule, author
from fachwerk.kernel.wire import Wire

from . import service
from .model import Session
from .providers import Providers
from .service import Ended

END_AT_PROVIDER = "identity.end_at_provider"


class OwnSession(Wire):
    """One sign-in. browser, system: their makes, null if unknown. used_at: to the minute. current: this one."""

    id: str
    browser: str | None
    system: str | None
    begun_at: str
    used_at: str
    current: bool


class OwnSessions(Wire):
    """All of a person's sessions, the last used first."""

    items: list[OwnSession]


async def list_sessions(call: Call) -> OwnSessions:
    """Where I am signed in."""
    return OwnSessions(
        items=[
            OwnSession(
                id=session.id,
                browser=session.browser,
                system=session.system,
                begun_at=rfc3339(session.created_ms),
                used_at=rfc3339(session.used_ms),
                current=session.id == call.actor.session_id,
            )
            for session in await service.own_sessions(call.work, call.actor.id)
        ]
    )


async def end_session(call: Call) -> None:
    """Sign me out in one place, here and at the provider."""
    session = await call.work.db.get(Session, call.id("session"))
    if session is None:
        raise NotFound
    mine = session.person_id == call.actor.id
    call.policy.require(call.actor, "session.end", Facts(role="owner" if mine else None, author_id=session.person_id))
    _end_at_provider(call.work, await service.end_own(call.work, call.actor.id, session_id=session.id))


async def end_other_sessions(call: Call) -> None:
    """Sign me out everywhere but here."""
    _end_at_provider(call.work, await service.end_own(call.work, call.actor.id, but=call.actor.session_id))


async def sign_out(work: Work, person_id: str) -> None:
    """Sign somebody out everywhere, here and at the provider; for whoever may ask for that of others."""
    _end_at_provider(work, await service.end_own(work, person_id))


def _end_at_provider(work: Work, ended: Iterable[Ended]) -> None:
    for session in ended:
        if session.id_token:
            work.enqueue(END_AT_PROVIDER, {"id_token": session.id_token, "person_id": session.person_id})


async def end_at_provider(context: Context, body: dict[str, str]) -> None:
    """Tell the provider that a session of its own is over. Waits while the provider does not answer."""
    async with context.database.read() as work:
        provider = await context.port(Providers).of_person(work, body["person_id"])
    if provider is not None:
        await provider.end_session(body["id_token"])


RULES = [Rule("session.end", (author,), hide=True)]
ROUTES = [
    route("GET", "/api/v1/me/sessions", list_sessions, action=SESSION),
    route("DELETE", "/api/v1/me/sessions", end_other_sessions, action=SESSION),
    route("DELETE", "/api/v1/me/sessions/{session}", end_session, action="session.end"),
]
JOBS = {END_AT_PROVIDER: Outside(end_at_provider)}
