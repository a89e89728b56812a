# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Drafts in the database: what is asked for, then the plan of it with all its steps, then nothing any more."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, delete, insert, literal
from sqlalchemy.orm import defer
from sqlmodel import col, func, select, update

from fachwerk.kernel.db import Work

from .model import DraftRow, DraftStepRow, PlanRow, StepRow
from .org import Org
from .steps import Step, takes_away, verb_of
from .stored import next_number
from .words import Sentence

KEPT_S = 24 * 3600.0
"""So long a draft is kept that nobody begins or drops: it names people who may not be here yet."""
STEPS_AT_ONCE = 1_000
"""Rows of one statement."""

Steps = type[StepRow] | type[DraftStepRow]


class Count(NamedTuple):
    """How many steps do the same to the same kind of thing. left: those of them that are still to do."""

    kind: str
    verb: str | None
    steps: int
    left: int


class Wanted(NamedTuple):
    """What a draft shall be the plan of: an org, or the undoing of a plan. source: what it was read from."""

    source: str
    issuer: str
    org: Org | None = None
    complete: bool = False
    undoes: int | None = None
    force: bool = False


async def begin(work: Work, by: str, wanted: Wanted) -> DraftRow:
    """Keep what somebody asks for, in place of what they asked for before."""
    mine = await work.db.exec(select(DraftRow.id).where(DraftRow.created_by == by))
    for draft_id in mine.all():
        await drop(work, draft_id)
    made = DraftRow(
        id=work.ids(),
        created_by=by,
        created_ms=work.now_ms,
        source=wanted.source,
        issuer=wanted.issuer,
        org=msgspec.to_builtins(wanted.org) if wanted.org else None,
        undoes=wanted.undoes,
        force=wanted.force,
        complete=wanted.complete,
    )
    work.db.add(made)
    await work.db.flush()
    return made


_SEEN = select(DraftRow).options(defer(DraftRow.org))
"""Without what was asked for, which may be megabytes and is the worker's business alone."""


async def every(work: Work) -> list[DraftRow]:
    """All drafts, the newest first."""
    chosen = _SEEN.order_by(col(DraftRow.created_ms).desc(), col(DraftRow.id).desc())
    return list((await work.db.exec(chosen)).all())


async def one(work: Work, draft_id: str) -> DraftRow | None:
    """One draft."""
    return (await work.db.exec(_SEEN.where(col(DraftRow.id) == draft_id))).first()


async def asked_for(work: Work, draft_id: str) -> Org | None:
    """What a draft that waits for its plan is to be the plan of."""
    found = (await work.db.exec(select(DraftRow.org).where(DraftRow.id == draft_id))).first()
    return msgspec.convert(found, Org) if found else None


async def drop(work: Work, draft_id: str) -> None:
    """Forget a draft and all its steps."""
    await work.db.exec(delete(DraftStepRow).where(col(DraftStepRow.draft) == draft_id))
    await work.db.exec(delete(DraftRow).where(col(DraftRow.id) == draft_id))


async def drop_old(work: Work) -> None:
    """Forget those that were kept for long enough."""
    old = select(DraftRow.id).where(col(DraftRow.created_ms) <= work.now_ms - int(KEPT_S * 1000))
    for draft_id in (await work.db.exec(old)).all():
        await drop(work, draft_id)


async def settle(
    work: Work, draft_id: str, steps: Sequence[Step], *, said: Sequence[Sentence], too_much: Sequence[Sentence] = ()
) -> None:
    """Note the plan of a draft that waits for it; another one does so no more. What was asked for is forgotten."""
    await _answer(work, draft_id, "planned", said, too_much, steps)


async def refuse(work: Work, draft_id: str, said: Sequence[Sentence]) -> None:
    """Note why there is no plan of it."""
    await _answer(work, draft_id, "refused", said, (), ())


async def _answer(
    work: Work,
    draft_id: str,
    state: str,
    said: Sequence[Sentence],
    too_much: Sequence[Sentence],
    steps: Sequence[Step],
) -> None:
    waits = (col(DraftRow.id) == draft_id) & (col(DraftRow.state) == "planning")
    values = {
        "state": state,
        "org": None,
        "said": msgspec.to_builtins(said),
        "too_much": msgspec.to_builtins(too_much),
        "steps": len(steps),
        "removals": sum(map(takes_away, steps)),
    }
    if (await work.db.exec(update(DraftRow).where(waits).values(**values))).rowcount != 1:
        return
    rows = [
        {"draft": draft_id, "number": number, "verb": verb_of(step), **msgspec.to_builtins(step)}
        for number, step in enumerate(steps)
    ]
    for first in range(0, len(rows), STEPS_AT_ONCE):
        await work.db.exec(insert(DraftStepRow), params=rows[first : first + STEPS_AT_ONCE])


async def into_plan(work: Work, draft: DraftRow, by: str) -> int:
    """Make a plan of a draft, for who holds the lease: all its steps are kept before the first is done."""
    number = await next_number(work)
    work.db.add(
        PlanRow(
            number=number,
            source=draft.source,
            issuer=draft.issuer,
            undoes=draft.undoes,
            begun_ms=work.now_ms,
            planned_by=draft.created_by,
            begun_by=by,
        )
    )
    await work.db.flush()
    names = ("number", "kind", "target", "verb", "before", "after")
    steps = select(literal(number), *(getattr(DraftStepRow, name) for name in names))
    await work.db.exec(insert(StepRow).from_select(["plan", *names], steps.where(DraftStepRow.draft == draft.id)))
    await drop(work, draft.id)
    return number


# ---- steps, of drafts and of plans


def of_draft(draft_id: str) -> ColumnElement[bool]:
    """Its steps."""
    return col(DraftStepRow.draft) == draft_id


def of_plan(number: int) -> ColumnElement[bool]:
    """Its steps."""
    return col(StepRow.plan) == number


async def counts(work: Work, table: Steps, which: ColumnElement[bool]) -> list[Count]:
    """How many steps of which sort there are, in order of what is done to what."""
    done = func.count(col(StepRow.done_ms)) if table is StepRow else literal(0)
    count: Any = func.count()
    chosen = select(table.kind, table.verb, count, count - done).where(which)
    found = await work.db.exec(chosen.group_by(col(table.kind), col(table.verb)))
    return sorted((Count(*row) for row in found.all()), key=lambda one: (one.kind, one.verb or ""))
