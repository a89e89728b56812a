# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the bridge remembers: its own database, SQLite or PostgreSQL.

Fachwerk and the homeserver hold the truth. Here stands how far each has been read, what is on its way, and which
Matrix event is which message.
"""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Index, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

LOCK_KEY = 0x66617862
"""Of the advisory lock that one bridge holds on its PostgreSQL database."""
BUSY_TIMEOUT_S = 30


class Table(SQLModel, registry=registry()):
    """Tables of the bridge, apart from those of anything else in the same process."""


class Room(Table, table=True):
    """A room of Fachwerk that has a Matrix room.

    origin: the ministry it came from, None for one of ours. read_seq: the last event of Fachwerk that was looked at.
    out_seq: the last number given to an event of ours there. walked_to: the newest Matrix event at the last walk.
    """

    __tablename__ = "room"
    room_id: str = Field(primary_key=True)
    mx_room: str = Field(unique=True)
    origin: str | None = None
    read_seq: int = Field(sa_type=BigInteger)
    out_seq: int = Field(default=0, sa_type=BigInteger)
    walked_to: str = ""


class Peer(Table, table=True):
    """Another ministry's bridge in a room.

    received: up to here we have all its events; None until it has said where it starts. acknowledged: what we told
    it of that. confirmed: what it has acknowledged of ours. delivered_seq: Fachwerk's number for that.
    """

    __tablename__ = "peer"
    room_id: str = Field(primary_key=True)
    server: str = Field(primary_key=True)
    present: bool = False
    received: int | None = Field(default=None, sa_type=BigInteger)
    acknowledged: int = Field(default=0, sa_type=BigInteger)
    confirmed: int = Field(default=0, sa_type=BigInteger)
    delivered_seq: int = Field(default=0, sa_type=BigInteger)


class Person(Table, table=True):
    """Somebody and their Matrix user. own: an employee of this ministry; else an external."""

    __tablename__ = "person"
    person_id: str = Field(primary_key=True)
    mxid: str = Field(unique=True)
    own: bool
    name: str = ""


class Link(Table, table=True):
    """A Matrix event and what it is in Fachwerk. kind: message, edit or reaction. seq: its number if it is ours."""

    __tablename__ = "link"
    event_id: str = Field(primary_key=True)
    room_id: str
    kind: str
    message_id: str = Field(index=True)
    person_id: str
    root_id: str | None = None
    emoji: str = ""
    seq: int = Field(default=0, sa_type=BigInteger)


UNDONE = text("done_ms IS NULL")


class Outgoing(Table, table=True):
    """Something to do in a Matrix room, in order of `number`.

    txn_id: makes repeating harmless. seq: its number on the wire; 0 for what carries none. step: JSON, emptied once
    done. done_ms: when the homeserver had taken it.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        Index("outgoing_room_number", "room_id", "number"),
        Index("outgoing_room_seq", "room_id", "seq"),
        Index("outgoing_undone", "room_id", "number", postgresql_where=UNDONE, sqlite_where=UNDONE),
    )
    number: int | None = Field(default=None, primary_key=True)
    txn_id: str = Field(unique=True)
    room_id: str
    local_seq: int = Field(sa_type=BigInteger)
    seq: int = Field(default=0, sa_type=BigInteger)
    step: str
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class Incoming(Table, table=True):
    """A Matrix event that arrived. seq: its number on the wire; 0 for what carries none.

    state: new, done, or aside with a reason. raw: the event, emptied once done.
    """

    __tablename__ = "incoming"
    __table_args__ = (
        Index("incoming_state_room", "state", "mx_room"),
        Index("incoming_seq", "mx_room", "server", "seq"),
    )
    number: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(unique=True)
    mx_room: str
    server: str
    seq: int = Field(default=0, sa_type=BigInteger)
    raw: str
    state: str = "new"
    reason: str = ""
    at_ms: int = Field(sa_type=BigInteger)


class Unreadable(Table, table=True):
    """A transaction of the homeserver that could not be read."""

    __tablename__ = "unreadable"
    txn_id: str = Field(primary_key=True)
    at_ms: int = Field(sa_type=BigInteger)
    body: bytes


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Store:
    """The open database. Only one process may have it open."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        if self._sqlite and self._url.database:
            Path(self._url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        arguments: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_S}} if self._sqlite else {}
        # a connection is not tried before it is used: that costs as much as most questions, and who fails comes again
        self._engine = create_async_engine(url, **arguments)
        # looking one thing up needs no transaction, which would be two more ways to the database
        self._reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        if self._sqlite:  # where both cost nothing
            self._reader = self._engine
            event.listen(self._engine.sync_engine, "connect", _configure_sqlite)
        self._room_ids: dict[str, str] = {}
        self._writer = asyncio.Lock()
        self._held = AsyncExitStack()

    async def open(self) -> None:
        """Take the database for this process and make its tables. Raises SystemExit if another bridge has it."""
        if self._sqlite:
            self._held.callback(os.close, _lock_file(f"{self._url.database}.lock"))
        else:
            held = await self._held.enter_async_context(self._engine.connect())
            await _lock_database(held)
        async with self._engine.begin() as connection:
            await connection.run_sync(Table.metadata.create_all)

    async def close(self) -> None:
        """Let go of it."""
        await self._held.aclose()
        await self._engine.dispose()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[AsyncSession]:
        """One transaction, committed at the end unless something was raised."""
        async with AsyncExitStack() as stack:
            if self._sqlite:  # which has one writer; waiting here is cheaper than its own way
                await stack.enter_async_context(self._writer)
            session = await stack.enter_async_context(AsyncSession(self._engine, expire_on_commit=False))
            async with session.begin():
                yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Look something up; each question by itself sees what there is by then."""
        async with AsyncSession(self._reader, expire_on_commit=False) as session:
            yield session

    async def room(self, room_id: str) -> Room | None:
        """The room of Fachwerk with this id."""
        async with self.read() as db:
            return await db.get(Room, room_id)

    async def room_of(self, mx_room: str) -> Room | None:
        """The room that has this Matrix room."""
        async with self.read() as db:
            return (await db.exec(select(Room).where(Room.mx_room == mx_room))).first()

    async def room_id_of(self, mx_room: str) -> str | None:
        """The id of the room that has this Matrix room; once it has, it has it for ever."""
        if mx_room not in self._room_ids:
            room = await self.room_of(mx_room)
            if room is None:
                return None
            self._room_ids[mx_room] = room.room_id
        return self._room_ids[mx_room]


def _configure_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _lock_file(path: str) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise SystemExit("another bridge has this database open") from error
    return descriptor


async def _lock_database(connection: AsyncConnection) -> None:
    taken = (await connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK_KEY})).scalar_one()
    await connection.commit()  # the lock belongs to the connection, which stays open
    if not taken:
        raise SystemExit("another bridge has this database open")
