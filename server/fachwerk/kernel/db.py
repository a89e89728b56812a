# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One command, one unit of work: one transaction, committed at its end, and only then delivered."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event as sa_event
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from .audit import WORD, Act, seal
from .clock import Clock
from .errors import Unavailable
from .events import Deliver, Event, EventRow, Numbered, Signal, by_audience, encode, kind_of
from .ids import Ids
from .jobs import JobRow
from .metrics import EVENTS
from .pool import try_rested

LISTENER_ROUNDS = 10
"""How often events may cause further events in one transaction before it counts as a loop."""
READERS = 4
"""Connections for reading on SQLite."""
POOL = 8
"""Connections per process on PostgreSQL, beside those of the message log."""
STATEMENT_TIMEOUT_MS, LOCK_TIMEOUT_MS = 15_000, 5_000
BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another process on the same SQLite file."""

Listener = Callable[["Work", Any], Awaitable[None]]
Listeners = Mapping[type[Event], Sequence[Listener]]
Emitted = Event | Callable[[int], Event]

RAISE_SEQUENCE = text(
    "INSERT INTO audience (name, seq, posts, changed_ms) VALUES (:name, :events, :posts, :now) "
    "ON CONFLICT (name) DO UPDATE SET seq = audience.seq + :events, posts = audience.posts + :posts, "
    "changed_ms = :now RETURNING seq, posts"
)


class Work:
    """A transaction, the events it will emit and the clock it runs by. Never commit by hand.

    standing: (seq, posts) of the audiences numbered so far, for events that must tell of another
    audience; those with a smaller name come first.
    """

    def __init__(self, db: AsyncSession, clock: Clock, ids: Ids, listeners: "Listeners | None" = None) -> None:
        self.db, self.clock, self.ids = db, clock, ids
        self._listeners = listeners or {}
        self._emitted: list[tuple[str, Emitted, bool]] = []
        self._internal: list[Event] = []
        self._signals: list[tuple[str, Event, bool]] = []
        self._acts: list[Act] = []
        self.standing: dict[str, tuple[int, int]] = {}
        self.numbered: list[tuple[str, Numbered]] = []

    @property
    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self.clock.now_ms()

    def emit(self, audience: str, event: Emitted, *, counts: bool = False) -> None:
        """Tell an audience, after the commit. counts: raises what members have not read.

        An event that must hold its own number is given as a function of it; nobody inside the house
        can listen to such a one.
        """
        self._emitted.append((audience, event, counts))
        if isinstance(event, Event):
            self._internal.append(event)

    def announce(self, event: Event) -> None:
        """Tell other modules, in this transaction; no client hears of it."""
        self._internal.append(event)

    def signal(self, audience: str, event: Event, *, wide: bool = False) -> None:
        """Tell the sockets of an audience after the commit, without a number and without keeping it.

        wide: also those that only watch the audience and do not follow it.
        """
        self._signals.append((audience, event, wide))

    def audit(self, actor_id: str, action: str, subject: str, /, **detail: str) -> None:
        """Note an act of power in the same transaction. It gets its place in the trail at the very end.

        detail: ids and kinds. Names, addresses and texts would stay here for ever.
        """
        assert all(WORD.fullmatch(value) for value in (subject, *detail.values())), (action, subject, detail)
        self._acts.append(Act(self.ids(), self.now_ms, actor_id, action, subject, detail))

    def enqueue(self, job: str, body: dict[str, str], *, delay_s: float = 0.0) -> None:
        """Have a background job run after the commit, at least once. body: what its handler needs, ids only."""
        due_ms = self.now_ms + round(delay_s * 1000)  # never before: a job that came too early might do nothing
        self.db.add(JobRow(id=self.ids(), name=job, body=body, due_ms=due_ms))

    async def settle(self) -> None:
        """Let other modules react, then number and store the events so far.

        Done by itself at the end; earlier only by who must answer with the numbers.
        """
        await self._hear()
        await self._number()

    async def seal(self) -> None:
        """Chain what was audited. Nothing may be written after it: all who audit wait for this transaction's end."""
        if self._acts:
            await self.db.flush()
            await seal(await self.db.connection(), self._acts)
            self._acts = []

    async def _hear(self) -> None:
        """Let modules react to what was emitted, and to what their reactions emit."""
        for _ in range(LISTENER_ROUNDS):
            heard, self._internal = self._internal, []
            if not heard:
                return
            for event in heard:
                for listener in self._listeners.get(type(event), ()):
                    await listener(self, event)
        msg = f"events still cause events after {LISTENER_ROUNDS} rounds"
        raise RuntimeError(msg)

    async def _number(self) -> None:
        """Audiences are locked in order of name, so that two transactions never wait for each other."""
        if not self._emitted:
            return
        await self.db.flush()
        connection = await self.db.connection()
        now = self.now_ms
        for name in sorted({audience for audience, _, _ in self._emitted}):
            mine = [(event, counts) for audience, event, counts in self._emitted if audience == name]
            counted = sum(counts for _, counts in mine)
            raised = {"name": name, "events": len(mine), "posts": counted, "now": now}
            last, posts = (await connection.execute(RAISE_SEQUENCE, raised)).one()
            self.standing[name] = (last, posts)
            posts -= counted
            for seq, (event, counts) in enumerate(mine, last - len(mine) + 1):
                posts += counts
                told = event if isinstance(event, Event) else event(seq)
                kind, body = kind_of(type(told)), encode(told)
                self.db.add(EventRow(audience=name, seq=seq, posts=posts, at_ms=now, kind=kind, body=body))
                EVENTS.labels(kind).inc()
                self.numbered.append((name, Numbered(seq, posts, body)))
        self._emitted = []
        await self.db.flush()

    @property
    def signals(self) -> list[tuple[str, Event, bool]]:
        """What `signal` collected."""
        return self._signals


class Database:
    """The engine and its transactions; the same code on SQLite and PostgreSQL.

    url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://...`.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        ids: Ids,
        deliver: Deliver,
        signal: Signal,
        listeners: Listeners,
    ) -> None:
        self.clock, self.ids = clock, ids
        self._deliver, self._signal, self._listeners = deliver, signal, listeners
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        # One writer at a time in this process: SQLite has one writer anyway, and waiting here is
        # fair and cheap where waiting in its busy handler is neither.
        self._turn = asyncio.Lock()
        self._writer, self._reader = _engines(url, sqlite=self.is_sqlite)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Hold this while writing past `work` (the group commit of messages does)."""
        return _held(self._turn) if self.is_sqlite else nullcontext()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A transaction that may write. Events leave after the commit and only if it succeeds."""
        async with self.turn():
            async with AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
                work = Work(session, self.clock, self.ids, self._listeners)
                yield work
                await work.settle()
                await work.seal()
            for audience, events in by_audience(work.numbered).items():
                self._deliver(audience, events)
        for audience, event, wide in work.signals:
            self._signal(audience, event, wide=wide)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """A consistent view that changes nothing; it never waits for a writer on SQLite."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session, session.begin():
            yield Work(session, self.clock, self.ids)
            session.expunge_all()  # rows stay readable afterwards, as after a commit
            await session.rollback()

    async def close(self) -> None:
        """Give back all connections."""
        await self._writer.dispose()
        await self._reader.dispose()


@asynccontextmanager
async def _held(lock: asyncio.Lock) -> AsyncIterator[None]:
    async with lock:
        yield


def _engines(url: str, *, sqlite: bool) -> tuple[AsyncEngine, AsyncEngine]:
    if sqlite:
        writer = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0)
        reader = create_async_engine(url, poolclass=AsyncAdaptedQueuePool, pool_size=READERS, max_overflow=0)
        _sqlite(writer, "BEGIN IMMEDIATE")
        _sqlite(reader, "BEGIN")
        return writer, reader
    timeouts = {"statement_timeout": str(STATEMENT_TIMEOUT_MS), "lock_timeout": str(LOCK_TIMEOUT_MS)}
    engine = create_async_engine(
        url,
        pool_size=POOL,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"server_settings": timeouts, "timeout": 5},
    )
    try_rested(engine)
    view = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, view


SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA cache_size=-65536",
)
"""What every connection to the file needs; FULL because an acknowledged message must survive a power cut."""


def _sqlite(engine: AsyncEngine, begin: str) -> None:
    @sa_event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @sa_event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def worth_a_retry(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed at once: PostgreSQL's deadlock and serialization failures."""
    return getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or overrun, rather than asked wrongly."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        away = ("08", "53", "57", "55P03", "40P01", "40001")
        return error.connection_invalidated or state.startswith(away) or "database is locked" in str(error.orig)
    return isinstance(error, (ConnectionError, TimeoutError))


def outage() -> Unavailable:
    """What a caller learns of it."""
    return Unavailable("The database does not answer. Nothing was changed; please try again.")
