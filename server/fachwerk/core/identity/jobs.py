# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Repeated work of identity."""

from sqlmodel import col, delete

from fachwerk.kernel.db import Work
from fachwerk.kernel.jobs import Outside, Repeat

from . import holding, sessions
from .model import LoginState, SpentToken
from .service import end_expired
from .watch import RECONCILE_NOW, follow, poll_s, reconcile, reconcile_s

SWEEP_S = 30.0
"""How often what is over is dropped, and the sockets of ended sessions close."""
RECONCILE_MAX_S = 3600.0
"""Longest comparison of everybody; a list of 100,000 people takes minutes."""


async def sweep(work: Work, _body: dict[str, str]) -> None:
    """Drop what is over: logins that never came back, ended sessions, spent tokens."""
    await work.db.exec(delete(LoginState).where(col(LoginState.expires_ms) <= work.now_ms))
    await work.db.exec(delete(SpentToken).where(col(SpentToken.until_ms) <= work.now_ms))
    await end_expired(work)


JOBS = {RECONCILE_NOW: Outside(reconcile, lease_s=RECONCILE_MAX_S), **sessions.JOBS}
REPEATS = {
    "identity.sweep": Repeat(sweep, every_s=SWEEP_S),
    "identity.ask_again": Repeat(Outside(holding.ask_again, lease_s=holding.LEASE_S), every_s=holding.look_s),
    "identity.follow": Repeat(Outside(follow), every_s=poll_s, at_start=True),
    "identity.reconcile": Repeat(Outside(reconcile, lease_s=RECONCILE_MAX_S), every_s=reconcile_s, at_start=True),
}
