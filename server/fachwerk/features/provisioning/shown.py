# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans, drafts and their steps as they travel."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from fachwerk.core import identity
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work

from . import drafts, stored
from .drafts import Steps
from .model import DraftRow, StepRow
from .state import Part, Who
from .steps import AccountStep, PlaceStep, Repair, kind_of, verb_of
from .stored import Stored
from .wire import STEPS_PAGE, Draft, PlanSummary, StepCount, StepLine, StepPage, StepSearch, StepSide

GONE = "?"
"""In place of the name of somebody who was erased."""


async def plan_summaries(work: Work, found: Sequence[Stored]) -> list[PlanSummary]:
    """These plans. Two queries more."""
    held = any(one.ended_ms is None for one in found) and await stored.is_held(work)
    names = await _names(work, *(one.planned_by for one in found), *(one.begun_by for one in found))
    return [
        PlanSummary(
            number=one.number,
            source=one.source,
            undoes=one.undoes,
            planned_by=_name(names, one.planned_by),
            begun_by=_name(names, one.begun_by),
            begun_at=rfc3339(one.begun_ms),
            ended_at=None if one.ended_ms is None else rfc3339(one.ended_ms),
            running=held and one.ended_ms is None,
            steps=one.steps,
            left=one.left,
            failure=one.failure,
        )
        for one in found
    ]


async def drafts_shown(work: Work, found: Sequence[DraftRow]) -> list[Draft]:
    """These drafts. One query more."""
    names = await _names(work, *(one.created_by for one in found))
    return [
        msgspec.convert(
            {
                "id": one.id,
                "state": one.state,
                "source": one.source,
                "complete": one.complete,
                "undoes": one.undoes,
                "created_by": names.get(one.created_by, GONE),
                "created_at": rfc3339(one.created_ms),
                "steps": one.steps,
                "removals": one.removals,
                "said": one.said,
                "too_much": one.too_much,
            },
            Draft,
        )
        for one in found
    ]


async def step_counts(work: Work, table: Steps, which: ColumnElement[bool]) -> list[StepCount]:
    """How many steps there are of each sort."""
    found = [one._asdict() for one in await drafts.counts(work, table, which)]
    return msgspec.convert(found, list[StepCount])


async def steps(work: Work, table: Steps, which: ColumnElement[bool], search: StepSearch) -> StepPage:
    """A page of steps, in their order."""
    for column, wanted in ((table.kind, search.kind), (table.verb, search.verb)):
        if wanted is not None:
            which &= col(column) == wanted
    if q := search.q.strip():
        which &= func.lower(col(table.target)).contains(q.lower(), autoescape=True)
    if search.left and table is StepRow:
        which &= col(StepRow.done_ms).is_(None)
    if search.cursor is not None:
        which &= col(table.number) > search.cursor
    chosen: Any = select(table).where(which).order_by(col(table.number)).limit(STEPS_PAGE + 1)
    found = (await work.db.exec(chosen)).all()
    page = found[:STEPS_PAGE]
    return StepPage(items=[_line(row) for row in page], next=page[-1].number if len(found) > STEPS_PAGE else None)


def _line(row: Any) -> StepLine:
    step = stored.step_of(row)
    holds_role = isinstance(step, (PlaceStep, Repair))
    return StepLine(
        number=row.number,
        kind=kind_of(step),
        verb=verb_of(step),
        target=step.target,
        before=_side(step.before, holds_role=holds_role),
        after=_side(step.after, holds_role=holds_role),
        done=isinstance(row, StepRow) and row.done_ms is not None,
        attributes=step.others if isinstance(step, AccountStep) else [],
    )


def _side(said: Any, *, holds_role: bool) -> StepSide | None:
    if isinstance(said, Part):
        return StepSide(name=said.name, parent=said.parent)
    if isinstance(said, Who):
        return StepSide(name=f"{said.given_name} {said.name}", email=said.email, enabled=said.enabled)
    if said is None:
        return None
    return StepSide(role=said) if holds_role else StepSide()


async def _names(work: Work, *person_ids: str | None) -> Mapping[str, str]:
    return {who.id: who.name for who in await identity.people(work, filter(None, person_ids))}


def _name(names: Mapping[str, str], person_id: str | None) -> str | None:
    return None if person_id is None else names.get(person_id, GONE)
