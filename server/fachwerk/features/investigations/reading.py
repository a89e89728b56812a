# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading the table of investigations."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from fachwerk.core import identity
from fachwerk.core.identity import GUARDIAN
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor, Facts, Policy

from .model import Investigation
from .rules import State, state_of
from .wire import InvestigationRow, OwnInvestigation

OWN_MAX = 100
"""So many are told of in one answer."""
Names = dict[str, identity.Person]


def facts_of(row: Investigation) -> Facts:
    """What the policy knows of an investigation. It lies in no room, so nobody has a role there."""
    return Facts(author_id=row.asked_by, about_id=row.person_id)


async def page(work: Work, actor: Actor, cursor: str | None, limit: int) -> list[Investigation]:
    """Newest first: those the actor asked for, or all for a guardian; never one that concerns the actor."""
    chosen = select(Investigation).where(Investigation.person_id != actor.id)
    if GUARDIAN not in actor.roles:
        chosen = chosen.where(Investigation.asked_by == actor.id)
    if cursor is not None:
        chosen = chosen.where(col(Investigation.id) < cursor)
    return list(await work.db.exec(chosen.order_by(col(Investigation.id).desc()).limit(limit)))


async def held(work: Work, investigation_id: str) -> Investigation | None:
    """One of them, held against others who change it."""
    chosen = select(Investigation).where(Investigation.id == investigation_id).with_for_update()
    return (await work.db.exec(chosen, execution_options={"populate_existing": True})).first()


async def undecided(work: Work, asker_id: str) -> int:
    """How many questions of one investigator wait for an answer."""
    waiting = (col(Investigation.approved).is_(None), col(Investigation.ended_ms).is_(None))
    counted = select(func.count()).select_from(Investigation)
    return (await work.db.exec(counted.where(Investigation.asked_by == asker_id, *waiting))).one()


async def told(work: Work, person_id: str) -> list[Investigation]:
    """Of which the person concerned was told, newest first."""
    chosen = select(Investigation).where(Investigation.person_id == person_id, col(Investigation.told_ms).is_not(None))
    newest = chosen.order_by(col(Investigation.told_ms).desc(), col(Investigation.id).desc())
    return list(await work.db.exec(newest.limit(OWN_MAX)))


async def names(work: Work, rows: Sequence[Investigation]) -> Names:
    """Everybody in these, by id. One query."""
    ids = {one for row in rows for one in (row.person_id, row.asked_by, row.decided_by) if one is not None}
    return {person.id: person for person in await identity.people(work, ids)}


def row_of(row: Investigation, people: Names, policy: Policy, actor: Actor, now_ms: int) -> InvestigationRow:
    """An investigation as this one of the two sees it."""
    state, person = state_of(row, now_ms), people[row.person_id]
    return InvestigationRow(
        id=row.id,
        person_id=row.person_id,
        person=person.name,
        guest=person.is_guest,
        asked_by=people[row.asked_by].name,
        asked_at=rfc3339(row.asked_ms),
        since=rfc3339(row.since_ms),
        until=rfc3339(row.until_ms),
        hours=row.hours,
        reason=row.reason,
        reference=row.reference,
        state=state,
        decided_by=people[row.decided_by].name if row.decided_by else None,
        decided_at=_moment(row.decided_ms),
        sentence=row.sentence,
        ends_at=_moment(row.ends_ms),
        ended_at=_moment(row.ends_ms if state == "ended" and row.ended_ms is None else row.ended_ms),
        pages=row.pages,
        tells_at=_moment(row.tell_ms),
        told_at=_moment(row.told_ms),
        allowed=[action for action in _possible(row, state, actor) if policy.allows(actor, action, facts_of(row))],
    )


def _possible(row: Investigation, state: State, actor: Actor) -> tuple[str, ...]:
    """What still makes sense."""
    if state == "asked":
        return ("investigation.end",) if row.asked_by == actor.id else ("investigation.decide",)
    return ("investigation.read", "investigation.end") if state == "open" else ()


def own_of(row: Investigation, people: Names) -> OwnInvestigation:
    """An investigation as the person concerned is told of it."""
    assert row.decided_by
    assert row.decided_ms
    assert row.ended_ms
    assert row.told_ms
    return OwnInvestigation(
        id=row.id,
        asked_by=people[row.asked_by].name,
        asked_at=rfc3339(row.asked_ms),
        decided_by=people[row.decided_by].name,
        decided_at=rfc3339(row.decided_ms),
        reason=row.reason,
        reference=row.reference,
        since=rfc3339(row.since_ms),
        until=rfc3339(row.until_ms),
        ended_at=rfc3339(row.ended_ms),
        pages=row.pages,
        told_at=rfc3339(row.told_ms),
        confirmed=row.confirmed_ms is not None,
    )


def _moment(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339(at_ms)
