# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Work to do later, kept in the same database and committed with the change that asks for it.

A claim uses FOR UPDATE SKIP LOCKED where the database has it, and a guarded UPDATE everywhere, so
PostgreSQL and SQLite run the same code. Delivery is at least once: a job whose lease runs out is
taken again, so every job must be safe to repeat.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import JSON, BigInteger, bindparam, delete, update
from sqlmodel import Field, SQLModel, col, select

from .errors import Unavailable
from .log import logger
from .metrics import JOBS

if TYPE_CHECKING:
    from .context import Context
    from .db import Database, Work

LEASE_S = 60.0
"""How long a worker may take before another one takes the job."""
TRIES = 8
"""After so many failures a job stays as dead, for an operator to look at."""
BACKOFF_S = 5.0
"""Wait after the first failure; doubled after each further one."""

log = logger("jobs")


class JobRow(SQLModel, table=True):
    """One job. lease_ms: until when it is somebody's. dead: gave up."""

    __tablename__ = "job"
    id: str = Field(primary_key=True)
    name: str
    body: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    due_ms: int = Field(sa_type=BigInteger, index=True)
    lease_ms: int = Field(default=0, sa_type=BigInteger)
    tries: int = 0
    dead: bool = False


JobHandler = Callable[["Work", dict[str, str]], Awaitable[None]]
"""Runs in its own transaction; what it emits leaves when the job is done."""


class Outside:
    """A job whose work lies outside the database, such as on a disk or another server.

    Its handler gets the context and makes its own short transactions, so that none stays open over a
    slow answer. lease_s: how long it may take before somebody else begins it anew.
    """

    __slots__ = ("handler", "lease_s")

    def __init__(
        self, handler: Callable[["Context", dict[str, str]], Awaitable[None]], *, lease_s: float = LEASE_S
    ) -> None:
        self.handler, self.lease_s = handler, lease_s


Job = JobHandler | Outside


class Repeat:
    """A job that comes back `every_s` seconds after it was last done; a setting is given as a function.

    at_start: also whenever a worker starts, even if another one just did it or died over it.
    """

    __slots__ = ("at_start", "every_s", "handler")

    def __init__(self, handler: Job, *, every_s: "float | Callable[[Context], float]", at_start: bool = False) -> None:
        self.handler, self.every_s, self.at_start = handler, every_s, at_start


async def plant(database: "Database", repeats: Mapping[str, Repeat]) -> None:
    """Make sure that every repeating job has its row."""
    async with database.work() as work:
        for name, repeat in repeats.items():
            row = await work.db.get(JobRow, f"repeat:{name}")
            if row is None:
                work.db.add(JobRow(id=f"repeat:{name}", name=name, due_ms=work.now_ms))
            elif repeat.at_start:
                row.due_ms, row.lease_ms = work.now_ms, 0
                work.db.add(row)


_NOW_MS = bindparam("now_ms", type_=BigInteger)
_DUE = (
    select(JobRow)
    .where(col(JobRow.due_ms) <= _NOW_MS, col(JobRow.lease_ms) <= _NOW_MS, col(JobRow.dead).is_(False))
    .order_by(col(JobRow.due_ms))
    .limit(1)
)
_DUE_AND_FREE = _DUE.with_for_update(skip_locked=True)
"""Made once: every worker asks several times a second."""


async def claim(database: "Database", handlers: Mapping[str, Job], repeats: Mapping[str, Repeat]) -> JobRow | None:
    """Take the job that is due longest, for as long as its lease. None when none is due."""
    async with database.read() as work:  # an idle worker holds up no writer
        if (await work.db.exec(_DUE, params={"now_ms": work.now_ms})).first() is None:
            return None
    async with database.work() as work:
        now = work.now_ms
        job = (await work.db.exec(_DUE_AND_FREE, params={"now_ms": now})).first()
        if job is None:
            return None
        repeat = repeats.get(job.name)
        handler = repeat.handler if repeat else handlers.get(job.name)
        lease_s = handler.lease_s if isinstance(handler, Outside) else LEASE_S
        job.lease_ms, job.tries = now + int(lease_s * 1000), job.tries + 1
        work.db.add(job)
        return job


async def perform(context: "Context", job: JobRow, handlers: Mapping[str, Job], repeats: Mapping[str, Repeat]) -> None:
    """Run a job that was claimed; what fails comes back later."""
    database, repeat = context.database, repeats.get(job.name)
    try:
        handler = repeat.handler if repeat else handlers[job.name]
        if isinstance(handler, Outside):
            await handler.handler(context, job.body)
        async with database.work() as work:
            if not isinstance(handler, Outside):
                await handler(work, job.body)
            if repeat:
                every_s = repeat.every_s if isinstance(repeat.every_s, (int, float)) else repeat.every_s(context)
                again = work.now_ms + int(every_s * 1000)
                await work.db.exec(
                    update(JobRow).where(col(JobRow.id) == job.id).values(due_ms=again, lease_ms=0, tries=0)
                )
            else:
                await work.db.exec(delete(JobRow).where(col(JobRow.id) == job.id))
    except Unavailable as outage:  # what it needs is down: one line now, and it waits as long as that takes
        JOBS.labels(job.name, "failed").inc()
        log.warning("job waits", job=job.name, tries=job.tries, reason=outage.slug)
        await _put_back(database, job, forever=True)
    except Exception as error:  # a job may fail in any way; the row keeps it from being lost
        JOBS.labels(job.name, "failed").inc()
        log.exception("job failed", job=job.name, tries=job.tries, error=type(error).__name__)
        await _put_back(database, job, forever=repeat is not None)
    else:
        JOBS.labels(job.name, "done").inc()


async def _put_back(database: "Database", job: JobRow, *, forever: bool) -> None:
    wait_s = BACKOFF_S * 2 ** (min(job.tries, TRIES) - 1)
    async with database.work() as work:
        values = {
            "lease_ms": 0,
            "due_ms": work.now_ms + int(wait_s * 1000),
            "dead": job.tries >= TRIES and not forever,
        }
        await work.db.exec(update(JobRow).where(col(JobRow.id) == job.id).values(**values))
