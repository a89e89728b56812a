# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking again, every few minutes, whether the sign-in behind a session still holds.

Whoever is disabled in the list of people that we follow is out within seconds (`watch`). But a directory
behind the provider may tell it of nobody, and the lists of further providers we cannot read. So each
session's refresh token is used now and then: a provider gives nothing for somebody who may not come in.

A refresh token may be good for one use, so each session is asked for by one process at a time: whoever
claims it has it until it is due again. Dies that process between the answer and its note, the session
may end with the old token; its person signs in again.
"""

import asyncio
from typing import NamedTuple

from prometheus_client import Counter
from sqlmodel import col, select, update

from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.log import logger

from . import arrivals, service
from .model import Person, Session
from .provider import GrantEnded, Provider, Tokens
from .providers import Providers
from .settings import IdentitySettings
from .tokens import IdToken, TokenRefused
from .watch import Watch

LOOK_MAX_S = 15.0
"""Longest wait between two looks for sessions that are due."""
BATCH = 64
AT_ONCE = 8
"""So many questions are under way to the providers at the same time."""
LEASE_S = 600.0
"""Longest round; what it does not get to is still due in the next one."""

ASKED = Counter("fachwerk_sign_ins_asked_again", "Sessions whose sign-in was asked for again", ["outcome"])

log = logger("identity")


def look_s(context: Context) -> float:
    """How long to wait between two looks, in seconds."""
    return min(LOOK_MAX_S, context.port(IdentitySettings).ask_again_s)


class Due(NamedTuple):
    """A session to be asked for. namespace, subject: whose it is."""

    session_id: str
    refresh_token: str
    person_id: str
    namespace: str
    subject: str


async def claim(work: Work, before_ms: int, limit: int) -> list[Due]:
    """Take sessions that were not asked for since then, the longest waiting first. Nobody else gets them now."""
    is_due = (col(Session.refresh_token).is_not(None)) & (col(Session.asked_ms) <= before_ms)
    some = select(Session.id).where(is_due).order_by(col(Session.asked_ms)).limit(limit)
    taken = (
        update(Session)
        .where(col(Session.id).in_(some.with_for_update(skip_locked=True)), is_due)
        .values(asked_ms=work.now_ms)
        .returning(col(Session.id))
    )
    ids = (await work.db.exec(taken)).scalars().all()
    chosen = select(Session, Person).join(Person, col(Person.id) == col(Session.person_id))
    mine = (await work.db.exec(chosen.where(col(Session.id).in_(ids)))).all()
    return [Due(one.id, one.refresh_token or "", who.id, who.issuer, who.subject) for one, who in mine]


async def ask_again(context: Context, _body: dict[str, str]) -> None:
    """Ask for every session that is due. While a provider does not answer, its people go on."""
    wait_ms = int(context.port(IdentitySettings).ask_again_s * 1000)
    while True:
        async with context.database.work() as work:
            due = await claim(work, work.now_ms - wait_ms, BATCH)
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(_ask(context, one) for one in due[start : start + AT_ONCE]))
        if len(due) < BATCH:
            return


async def _ask(context: Context, due: Due) -> None:
    """One session: no transaction is open while the provider thinks."""
    provider = context.port(Providers).of(due.namespace)
    told: IdToken | None = None
    try:
        if provider is None:
            raise GrantEnded  # the settings do not name it any more
        tokens = await provider.refresh(due.refresh_token)
        told = await _told(provider, tokens)
        if told is not None and told.sub != due.subject:
            raise GrantEnded  # it speaks of somebody else: OpenID Connect Core 1.0, section 12.2
    except Unavailable:
        ASKED.labels("unavailable").inc()
        return
    except GrantEnded:
        async with context.database.work() as work:
            await service.end_session(work, due.session_id)
        ASKED.labels("ended").inc()
        log.info("a sign-in does not hold any more")
        return
    async with context.database.work() as work:
        if tokens.refresh_token is not None:
            mine = (col(Session.id) == due.session_id) & (col(Session.refresh_token) == due.refresh_token)
            await work.db.exec(update(Session).where(mine).values(refresh_token=tokens.refresh_token))
        if told is not None and not (provider.is_house and context.port(Watch).accounts):
            who = await arrivals.take_in(work, provider, told, context.port(IdentitySettings))
            assert who.id == due.person_id
    ASKED.labels("holds").inc()


async def _told(provider: Provider, tokens: Tokens) -> IdToken | None:
    """What came with the answer about the person. One that is not believed says nothing: our clock may be wrong."""
    if tokens.id_token is None:
        return None
    try:
        return await provider.id_token(tokens.id_token, None)
    except TokenRefused as refused:
        log.error("a refreshed ID token is not believed", reason=refused.reason)
        return None
