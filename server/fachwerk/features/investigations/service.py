# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking, deciding, reading, ending, telling. Every step is in the audit trail, without a word of what was said.

The trail names the person concerned when they are told and not before: they may be an auditor.
"""

from typing import NamedTuple

from fachwerk.core import identity, messages, rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import reading
from .events import InvestigationConfirmed, InvestigationTold
from .metrics import STEPS
from .model import Investigation
from .rules import (
    DAY_MS,
    UNDECIDED_MAX,
    InvestigationDecided,
    InvestigationNotOpen,
    TooManyInvestigations,
    span_end,
    state_of,
)
from .settings import InvestigationSettings
from .wire import PAGE, ReadMessage, ReadPage

END, TELL = "investigations.end", "investigations.tell"
HOUR_S = 3_600


class Wanted(NamedTuple):
    """What an investigator asks for; see `Investigation`."""

    person_id: str
    since_ms: int
    until_ms: int
    hours: int
    reason: str
    reference: str


# ---- the two


async def ask(
    work: Work, policy: Policy, actor: Actor, settings: InvestigationSettings, wanted: Wanted
) -> Investigation:
    """Ask to read what somebody wrote. Nothing is open by that."""
    policy.require(actor, "investigation.ask", Facts(about_id=wanted.person_id))
    await _require_ours(work, wanted.person_id)
    if wanted.hours > settings.max_hours:
        raise Invalid(errors=(FieldError("/hours", f"at most {settings.max_hours}"),))
    end_ms = span_end(work.now_ms, wanted.since_ms, wanted.until_ms, max_days=settings.max_days)
    if end_ms is None:
        raise Invalid(errors=(FieldError("/until_ms", f"after the beginning, and at most {settings.max_days} days"),))
    if await reading.undecided(work, actor.id) >= UNDECIDED_MAX:
        raise TooManyInvestigations(limit=UNDECIDED_MAX)
    row = Investigation(
        id=work.ids(), asked_by=actor.id, asked_ms=work.now_ms, **wanted._replace(until_ms=end_ms)._asdict()
    )
    work.db.add(row)
    await work.db.flush()
    work.audit(
        actor.id, "investigation.ask", row.id, since=rfc3339(row.since_ms), until=rfc3339(end_ms), hours=str(row.hours)
    )
    STEPS.labels("ask").inc()
    return row


async def decide(
    work: Work,
    policy: Policy,
    actor: Actor,
    settings: InvestigationSettings,
    investigation_id: str,
    *,
    approve: bool,
    sentence: str,
) -> Investigation:
    """Say yes or no, once. With a yes the time begins to run."""
    row = await _allowed(work, policy, actor, "investigation.decide", investigation_id)
    if state_of(row, work.now_ms) != "asked":
        raise InvestigationDecided
    row.approved, row.sentence = approve, sentence
    row.decided_by, row.decided_ms = actor.id, work.now_ms
    if approve:
        row.ends_ms, row.tell_after_days = work.now_ms + row.hours * HOUR_S * 1000, settings.tell_after_days
        _later(work, END, row, row.ends_ms)
        work.audit(actor.id, "investigation.approve", row.id, until=rfc3339(row.ends_ms))
    else:
        work.audit(actor.id, "investigation.refuse", row.id)
    work.db.add(row)
    STEPS.labels("approve" if approve else "refuse").inc()
    return row


async def read(
    work: Work, policy: Policy, actor: Actor, investigation_id: str, after: tuple[int, str] | None
) -> ReadPage:
    """A page of what the person wrote, which counts. Five queries at most beside those that note it."""
    row = await _allowed(work, policy, actor, "investigation.read", investigation_id)
    if state_of(row, work.now_ms) != "open":
        raise InvestigationNotOpen
    span = messages.Span(row.person_id, row.since_ms, row.until_ms)
    found = await messages.written(work, span, after, PAGE + 1)
    shown = found[:PAGE]
    named = await _rooms(work, policy, actor, shown, row.person_id)
    row.pages += 1
    work.db.add(row)
    work.audit(actor.id, "investigation.read", row.id, page=str(row.pages))
    STEPS.labels("read").inc()
    return ReadPage(
        items=[_message(message, *named[message.room_id]) for message in shown],
        next=f"{shown[-1].at_ms}.{shown[-1].id}" if len(found) > PAGE else None,
    )


async def end(work: Work, policy: Policy, actor: Actor, investigation_id: str) -> Investigation:
    """Close it before its time, or take the question back. Ending twice changes nothing."""
    row = await _allowed(work, policy, actor, "investigation.end", investigation_id)
    match state_of(row, work.now_ms):
        case "asked":
            if row.asked_by != actor.id:
                raise InvestigationNotOpen  # whoever decides says no, with a sentence
            row.ended_ms, row.ended_by = work.now_ms, actor.id
            work.db.add(row)
            work.audit(actor.id, "investigation.end", row.id, why="withdrawn")
            STEPS.labels("withdraw").inc()
        case "open":
            _over(work, row, by=actor.id)
        case _:
            _over_by_time(work, row)
    return row


# ---- by themselves


async def end_due(work: Work, body: dict[str, str]) -> None:
    """Note that the time of one is over. Nothing was read since that moment, however late this comes."""
    if row := await reading.held(work, body["investigation"]):
        _over_by_time(work, row)


async def tell_due(work: Work, body: dict[str, str]) -> None:
    """Tell the person concerned, once."""
    row = await reading.held(work, body["investigation"])
    if row and row.tell_ms is not None and row.tell_ms <= work.now_ms:
        _tell(work, row)


def _over_by_time(work: Work, row: Investigation) -> None:
    if row.ended_ms is None and row.ends_ms is not None and row.ends_ms <= work.now_ms:
        _over(work, row, by=None)


def _over(work: Work, row: Investigation, *, by: str | None) -> None:
    row.ended_ms, row.ended_by = row.ends_ms if by is None else work.now_ms, by
    assert row.ended_ms is not None
    why = "expired" if by is None else "ended"
    work.audit(by or row.asked_by, "investigation.end", row.id, why=why, pages=str(row.pages))
    STEPS.labels("end").inc()
    if row.pages > 0:
        row.tell_ms = row.ended_ms + row.tell_after_days * DAY_MS
        if row.tell_ms <= work.now_ms:
            _tell(work, row)
        else:
            _later(work, TELL, row, row.tell_ms)
    work.db.add(row)


def _tell(work: Work, row: Investigation) -> None:
    if row.told_ms is not None:
        return
    row.told_ms = work.now_ms
    work.db.add(row)
    assert row.decided_by
    work.audit(row.decided_by, "investigation.tell", row.id, person=row.person_id, pages=str(row.pages))
    work.emit(f"user:{row.person_id}", InvestigationTold(investigation_id=row.id))
    STEPS.labels("tell").inc()


def _later(work: Work, job: str, row: Investigation, at_ms: int) -> None:
    # To the next whole second: a job that came a moment too early would be done and have done nothing.
    work.enqueue(job, {"investigation": row.id}, delay_s=-(-(at_ms - work.now_ms) // 1000))


# ---- the person concerned


async def confirm(work: Work, policy: Policy, actor: Actor, investigation_id: str) -> None:
    """Say that one has read what one was told. Before that there is no such thing."""
    row = await _allowed(work, policy, actor, "investigation.confirm", investigation_id)
    if row.told_ms is None:
        raise NotFound
    if row.confirmed_ms is None:
        row.confirmed_ms = work.now_ms
        work.db.add(row)
        work.emit(f"user:{actor.id}", InvestigationConfirmed(investigation_id=row.id))


async def _allowed(work: Work, policy: Policy, actor: Actor, action: str, investigation_id: str) -> Investigation:
    """One with which the actor may do this, held against others. Missing and forbidden look alike."""
    row = await reading.held(work, investigation_id)
    if row is None:
        raise NotFound
    policy.require(actor, action, reading.facts_of(row))
    return row


async def _require_ours(work: Work, person_id: str) -> None:
    """Raise Invalid for whoever is not of this house: for people of other ministries those ministries decide."""
    who = await identity.person(work, person_id)
    if who is None or who.issuer in {identity.EXTERNAL, identity.SERVICE}:
        raise Invalid(errors=(FieldError("/person_id", "somebody of this house, or a guest"),))


async def _rooms(
    work: Work, policy: Policy, actor: Actor, found: list[messages.Written], person_id: str
) -> dict[str, tuple[str, bool]]:
    """Name of each room, and whether two talk there; it is then called like the other one. Two queries.

    Raises StepUpNeeded where a room's label asks for a stronger sign-in: it does so of whoever reads there.
    """
    there = await rooms.by_ids(work, {message.room_id for message in found})
    for room in there:
        policy.require_strength(actor, "investigation.read", Facts(label=room.label))
    others = {room.id: room.pair.replace(person_id, "").strip() for room in there if room.pair}
    people = {person.id: person.name for person in await identity.people(work, others.values())}
    return {room.id: (people[others[room.id]] if room.pair else room.name, bool(room.pair)) for room in there}


def _message(message: messages.Written, room: str, direct: bool) -> ReadMessage:  # noqa: FBT001 -- a pair in order
    return ReadMessage(
        id=message.id,
        at=rfc3339(message.at_ms),
        room=room,
        direct=direct,
        reply=message.reply,
        text=message.text,
        edited_at=None if message.edited_ms is None else rfc3339(message.edited_ms),
        files=message.files,
    )
