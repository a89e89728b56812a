# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client knows on arriving of what its person was told, and how that changes."""

from sqlalchemy import bindparam
from sqlmodel import col, select

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Wire

from .events import InvestigationConfirmed, InvestigationTold
from .model import Investigation


class InvestigationNotices(Wire):
    """told: how many investigations the person was told of. waiting: those that they have not confirmed."""

    told: int
    waiting: list[str]


_TOLD = (
    select(Investigation.id, Investigation.confirmed_ms)
    .where(col(Investigation.person_id) == bindparam("person_id"), col(Investigation.told_ms).is_not(None))
    .order_by(col(Investigation.told_ms), col(Investigation.id))
)
"""Made once, since every arrival asks."""


async def load(work: Work, actor: Actor, person_id: str) -> InvestigationNotices:  # noqa: ARG001 -- the shape
    """Snapshot of a person. One query."""
    found = (await work.db.exec(_TOLD, params={"person_id": person_id})).all()
    return InvestigationNotices(told=len(found), waiting=[one for one, confirmed_ms in found if confirmed_ms is None])


def apply(state: InvestigationNotices, received: Received) -> InvestigationNotices:
    """One more, or one that is confirmed."""
    match received.event:
        case InvestigationTold(investigation_id=one):
            return InvestigationNotices(told=state.told + 1, waiting=[*state.waiting, one])
        case InvestigationConfirmed(investigation_id=one):
            return InvestigationNotices(told=state.told, waiting=[other for other in state.waiting if other != one])
    return state


SNAPSHOTS = {"user": Snapshot(load=load, apply=apply)}
