# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans in the database, and the lease of whoever carries one out."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text
from sqlmodel import col, func, select, update
from sqlmodel.sql.expression import Select

from fachwerk.kernel.db import Work

from .model import DraftStepRow, LeaseRow, PlanRow, StepRow
from .steps import Step, verb_of
from .words import Sentence

LEASE_S = 30.0
"""How long after its last sign of life an apply counts as dead; another one may then finish its plan."""
HISTORY_MAX = 50
"""Plans told of at once, the newest first."""

CLAIM = text(
    "INSERT INTO provisioning_lease (id, holder, until_ms) VALUES (1, :holder, :until) "
    "ON CONFLICT (id) DO UPDATE SET holder = :holder, until_ms = :until "
    "WHERE provisioning_lease.holder = :holder OR provisioning_lease.until_ms <= :now"
)


class Busy(Exception):
    """Another apply is at work."""


class Stored(NamedTuple):
    """A plan as it stands. left: how many of its steps are still to do. failure: why it stands still."""

    number: int
    source: str
    undoes: int | None
    begun_ms: int
    ended_ms: int | None
    steps: int
    left: int
    planned_by: str | None
    begun_by: str | None
    failure: list[Sentence]


async def claim(work: Work, holder: str) -> None:
    """Become the one who may carry out steps. Raises Busy."""
    values = {"holder": holder, "now": work.now_ms, "until": work.now_ms + int(LEASE_S * 1000)}
    connection = await work.db.connection()
    if (await connection.execute(CLAIM, values)).rowcount != 1:
        raise Busy


async def renew(work: Work, holder: str) -> None:
    """Stay the one. Raises Busy if somebody else has become it meanwhile; this transaction must not go on then."""
    if not await _hold(work, holder, work.now_ms + int(LEASE_S * 1000)):
        raise Busy


async def release(work: Work, holder: str) -> None:
    """Be it no longer."""
    await _hold(work, holder, 0)


async def is_held(work: Work) -> bool:
    """Whether somebody carries out steps now."""
    alive = select(LeaseRow.id).where(col(LeaseRow.until_ms) > work.now_ms)
    return (await work.db.exec(alive)).first() is not None


async def _hold(work: Work, holder: str, until_ms: int) -> bool:
    mine = col(LeaseRow.holder) == holder
    return (await work.db.exec(update(LeaseRow).where(mine).values(until_ms=until_ms))).rowcount == 1


async def store(work: Work, source: str, issuer: str, steps: Sequence[Step], *, undoes: int | None = None) -> int:
    """Keep a plan with all its steps, none of them done. Returns its number."""
    number = await next_number(work)
    work.db.add(PlanRow(number=number, source=source, issuer=issuer, undoes=undoes, begun_ms=work.now_ms))
    await work.db.flush()
    for position, step in enumerate(steps):
        work.db.add(StepRow(plan=number, number=position, verb=verb_of(step), **msgspec.to_builtins(step)))
    return number


async def next_number(work: Work) -> int:
    """The number of the next plan, for who holds the lease."""
    return 1 + ((await work.db.exec(select(func.max(PlanRow.number)))).one() or 0)


async def open_steps(work: Work, number: int) -> dict[int, Step]:
    """The steps that are still to do, in order, by their numbers."""
    chosen = select(StepRow).where(StepRow.plan == number, col(StepRow.done_ms).is_(None)).order_by(col(StepRow.number))
    return {row.number: step_of(row) for row in await work.db.exec(chosen)}


async def steps_of(work: Work, number: int) -> list[Step]:
    """All steps of a plan, in order."""
    chosen = select(StepRow).where(StepRow.plan == number).order_by(col(StepRow.number))
    return [step_of(row) for row in await work.db.exec(chosen)]


def step_of(row: StepRow | DraftStepRow) -> Step:
    """The step that was kept."""
    said = {"kind": row.kind, "target": row.target, "before": row.before, "after": row.after}
    step: Step = msgspec.convert(said, Step)
    return step


async def done(work: Work, plan: int, numbers: Iterable[int]) -> None:
    """Note that these steps are done, in the transaction that did their part in the house."""
    these = (col(StepRow.plan) == plan) & col(StepRow.number).in_(list(numbers))
    await work.db.exec(update(StepRow).where(these).values(done_ms=work.now_ms))


async def end(work: Work, plan: int) -> None:
    """Note that a plan was carried out as a whole."""
    await work.db.exec(update(PlanRow).where(col(PlanRow.number) == plan).values(ended_ms=work.now_ms))


async def unfinished(work: Work) -> PlanRow | None:
    """The plan that was begun and has steps to do."""
    chosen = select(PlanRow).where(col(PlanRow.ended_ms).is_(None)).order_by(col(PlanRow.number).desc())
    return (await work.db.exec(chosen)).first()


async def by_number(work: Work, number: int) -> PlanRow | None:
    """One plan."""
    return await work.db.get(PlanRow, number)


async def stand_still(work: Work, number: int, why: Sequence[Sentence]) -> None:
    """Note why a plan does not go on; nothing of it is forgotten. No reason: that it does again."""
    reasons: list[Any] | None = [msgspec.to_builtins(one) for one in why] or None
    await work.db.exec(update(PlanRow).where(col(PlanRow.number) == number).values(failure=reasons))


async def history(work: Work, *, before: int | None = None, most: int = HISTORY_MAX) -> list[Stored]:
    """Plans, the newest first. before: only those with a smaller number."""
    chosen = _counted().order_by(col(PlanRow.number).desc()).limit(most)
    if before is not None:
        chosen = chosen.where(col(PlanRow.number) < before)
    return [_stored(*row) for row in (await work.db.exec(chosen)).all()]


async def one(work: Work, number: int) -> Stored | None:
    """One plan as it stands."""
    found = (await work.db.exec(_counted().where(col(PlanRow.number) == number))).first()
    return _stored(*found) if found else None


def _counted() -> Select[PlanRow, int, int]:
    """Plans with the number of their steps, and of those still to do."""
    count, left = func.count(), func.count() - func.count(col(StepRow.done_ms))
    joined = select(PlanRow, count, left).join(StepRow, col(StepRow.plan) == col(PlanRow.number))
    return joined.group_by(col(PlanRow.number))


def _stored(row: PlanRow, steps: int, left: int) -> Stored:
    return Stored(
        row.number,
        row.source,
        row.undoes,
        row.begun_ms,
        row.ended_ms,
        steps,
        left,
        row.planned_by,
        row.begun_by,
        msgspec.convert(row.failure or [], list[Sentence]),
    )
