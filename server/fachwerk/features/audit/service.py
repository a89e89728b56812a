# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading the trail. Whoever reads it is in it."""

from datetime import datetime

from sqlalchemy import Row, Select, select, tuple_

from fachwerk.core import identity
from fachwerk.kernel.audit import ROWS
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor, Facts, Policy

from .wire import Act, ActPage, Filters

TRAIL = "audit"
"""As a subject: the trail as a whole."""


async def read(work: Work, policy: Policy, actor: Actor, filters: Filters) -> ActPage:
    """A page of the trail, newest first; the reading itself is not on it. Three queries."""
    policy.require(actor, "audit.read", Facts())
    found = (await (await work.db.connection()).execute(chosen(filters))).all()
    page = found[: filters.limit]
    words = {word for row in page for word in (row.actor_id, row.subject, *row.detail.values())}
    names = {person.id: person.name for person in await identity.people(work, words)}
    work.audit(actor.id, "audit.read", TRAIL, **filters.said())
    last = f"{page[-1].at_ms}.{page[-1].number}" if len(found) > filters.limit else None
    return ActPage(items=[_act(row) for row in page], names=names, next=last)


def chosen(filters: Filters) -> Select[tuple[int, int, str, str, str, dict[str, str]]]:
    """One act more than the page has. Each filter alone is a range of an index, in the order of the page."""
    said = ROWS.c["number", "at_ms", "actor_id", "action", "subject", "detail"]
    asked = select(*said).where(ROWS.c.number.is_not(None))
    for column, value in ((ROWS.c.actor_id, filters.actor), (ROWS.c.action, filters.action),
                          (ROWS.c.subject, filters.subject)):  # fmt: skip
        if value is not None:
            asked = asked.where(column == value)
    if filters.since is not None:
        asked = asked.where(ROWS.c.at_ms >= _ms(filters.since))
    if filters.until is not None:
        asked = asked.where(ROWS.c.at_ms < _ms(filters.until))
    if filters.before is not None:
        at_ms, number = map(int, filters.before.split("."))
        asked = asked.where(tuple_(ROWS.c.at_ms, ROWS.c.number) < (at_ms, number))
    return asked.order_by(ROWS.c.at_ms.desc(), ROWS.c.number.desc()).limit(filters.limit + 1)


async def export(work: Work, policy: Policy, actor: Actor, since: int) -> None:
    """Note that an auditor takes the trail away, from this number on."""
    policy.require(actor, "audit.read", Facts())
    note_export(work, actor.id, "jsonl", since)


def note_export(work: Work, actor_id: str, form: str, since: int) -> None:
    """The same for whoever has been let in already, such as the operator of the server."""
    work.audit(actor_id, "audit.export", TRAIL, form=form, since=str(since))


def _act(row: Row[tuple[int, int, str, str, str, dict[str, str]]]) -> Act:
    return Act(
        number=row.number,
        at=rfc3339(row.at_ms),
        actor_id=row.actor_id,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
