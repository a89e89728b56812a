# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The hot path on SQLite: one connection and one thread that write, another pair that reads."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from fachwerk.core.messages import Append, Stored
from fachwerk.kernel.db import SQLITE_PRAGMAS
from fachwerk.kernel.events import Change, Numbered, encode

AWAY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
"""Results that say nothing about the statement."""

T = TypeVar("T")
Turn = Callable[[], AbstractAsyncContextManager[None]]

_KNOWN = "SELECT id, room_id, seq, at_ms, body_hash FROM message WHERE sender_id = ? AND client_id = ?"
_MAY_POST = "SELECT 1 FROM member WHERE room_id = ? AND person_id = ? AND membership = 'joined' AND role <> 'reader'"
_ROOT = (
    "UPDATE message SET replies = replies + 1, last_reply_ms = ? "
    "WHERE id = ? AND room_id = ? AND root_id IS NULL AND deleted_ms IS NULL RETURNING 1"
)
_RAISE = "UPDATE audience SET seq = seq + 1, posts = posts + ?, changed_ms = ? WHERE name = ? RETURNING seq, posts"
_EVENT = "INSERT INTO event (audience, seq, posts, at_ms, kind, body) VALUES (?, ?, ?, ?, 'message.posted', ?)"
_MESSAGE = (
    "INSERT INTO message (id, room_id, seq, sender_id, client_id, body_hash, at_ms, text, root_id, files, replies) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
)
_READ = "UPDATE member SET read_seq = ?, read_posts = ? WHERE room_id = ? AND person_id = ?"
_THREAD_READ = (
    "INSERT INTO thread_read (person_id, root_id, read_seq) VALUES (?, ?, ?) "
    "ON CONFLICT (person_id, root_id) DO UPDATE SET read_seq = max(read_seq, excluded.read_seq)"
)
_FILE = (
    "UPDATE file SET message_id = ? WHERE id = ? AND room_id = ? AND uploader_id = ? "
    "AND message_id IS NULL AND deleted_ms IS NULL"
)


class SqliteStore:
    """`MessageLog` on a SQLite file. turn: held while writing, so that one writer waits for another in order."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._turn: Turn | None = None
        self._writing = ThreadPoolExecutor(1, "sqlite-write")
        self._reading = ThreadPoolExecutor(1, "sqlite-read")
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    def take_turns(self, turn: Turn) -> None:
        """Share the right to write with the units of work."""
        self._turn = turn

    async def append(self, batch: list[Append]) -> list[Stored | None]:
        """Store a batch; see `MessageLog.append`."""
        assert self._turn
        async with self._turn():
            return await self._in(self._writing, lambda: self._append(batch))

    async def after(self, audience: str, seq: int, limit: int) -> list[Numbered]:
        """Read a range; see `EventLog.after`."""
        sql = "SELECT seq, posts, body FROM event WHERE audience = ? AND seq > ? ORDER BY seq LIMIT ?"
        rows = await self._in(self._reading, lambda: self._read(sql, (audience, seq, limit)))
        return [Numbered(*row) for row in rows]

    async def standings(self, audiences: Sequence[str]) -> list[Change]:
        """Where audiences stand; see `EventLog.standings`."""
        sql = "SELECT name, seq, posts FROM audience WHERE name IN (SELECT value FROM json_each(?))"
        names = encode(audiences).decode()
        return [Change(*row) for row in await self._in(self._reading, lambda: self._read(sql, (names,)))]

    async def changed_since(self, ms: int) -> list[Change]:
        """What changed lately; see `EventLog.changed_since`."""
        sql = "SELECT name, seq, posts FROM audience WHERE changed_ms >= ?"
        return [Change(*row) for row in await self._in(self._reading, lambda: self._read(sql, (ms,)))]

    async def close(self) -> None:
        """End both threads and their connections."""
        for pool, connection in ((self._writing, self._writer), (self._reading, self._reader)):
            if connection:
                await self._in(pool, connection.close)
            pool.shutdown()

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """Run this in its thread. Raises ConnectionError when the file is locked for too long, unreadable or full."""
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in AWAY:
                raise ConnectionError(f"SQLite: {error}") from error
            raise

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        for pragma in SQLITE_PRAGMAS:
            connection.execute(pragma)
        return connection

    def _read(self, sql: str, values: tuple[str | int, ...]) -> list[Any]:
        self._reader = self._reader or self._open()
        return self._reader.execute(sql, values).fetchall()

    def _append(self, batch: list[Append]) -> list[Stored | None]:
        self._writer = db = self._writer or self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            now = time.time_ns() // 1_000_000
            stored = [_one(db, item, now) for item in batch]
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        return stored


def _one(db: sqlite3.Connection, item: Append, now: int) -> Stored | None:
    known = db.execute(_KNOWN, (item.sender_id, item.client_id)).fetchone()
    if known:
        id_, room_id, seq, at_ms, body_hash = known
        return Stored(id_, room_id, seq, 0, at_ms, body_hash, fresh=False)
    if db.execute(_MAY_POST, (item.room_id, item.sender_id)).fetchone() is None:
        return None
    if item.root_id and not db.execute(_ROOT, (item.at_ms, item.root_id, item.room_id)).fetchone():
        return None
    audience = f"room:{item.room_id}"
    seq, posts = db.execute(_RAISE, (item.root_id is None, now, audience)).fetchone()
    db.execute(_EVENT, (audience, seq, posts, item.at_ms, item.event))
    db.execute(
        _MESSAGE,
        (item.id, item.room_id, seq, item.sender_id, item.client_id, item.body_hash, item.at_ms, item.text,
         item.root_id, item.files),
    )  # fmt: skip
    if item.root_id is None:
        db.execute(_READ, (seq, posts, item.room_id, item.sender_id))
    else:
        db.execute(_THREAD_READ, (item.sender_id, item.root_id, seq))
    for file_id in item.file_ids:
        db.execute(_FILE, (item.id, file_id, item.room_id, item.sender_id))
    return Stored(item.id, item.room_id, seq, posts, item.at_ms, item.body_hash, fresh=True)
