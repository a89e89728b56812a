# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The hot path on PostgreSQL: a batch is two statements in one transaction, whatever its size."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from fachwerk.core.messages import Append, Stored
from fachwerk.kernel.events import Change, Numbered

POOL_MIN, POOL_MAX = 2, 6
COMMAND_TIMEOUT_S, ACQUIRE_TIMEOUT_S = 10.0, 5.0
PLANS = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}
"""Always by index: plans are kept, and one made while a table is young would read all of it for ever."""
AWAY = ("08", "53", "57", "58", "55P03")
"""Classes of SQLSTATE that say nothing about the statement: connection, resources, operator, system; lock timeout."""

# First the rows of the audiences, in order of name like every other transaction; then, with a fresh
# view of what committed meanwhile, everything else. So a removal that came first is seen.
_LOCK = "SELECT name FROM audience WHERE name = ANY($1::text[]) ORDER BY name FOR UPDATE"
# OFFSET 0 has a root be found by its id, not by going through its room.
_APPEND = """
WITH given AS MATERIALIZED (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[], $7::text[],
    $8::text[], $9::text[], $10::bytea[])
  WITH ORDINALITY AS t(id, room_id, sender_id, client_id, body_hash, at_ms, text, root_id, files, event, no)
), known AS MATERIALIZED (
  SELECT g.no, m.id, m.room_id, m.seq, m.at_ms, m.body_hash
  FROM given g JOIN message m ON m.sender_id = g.sender_id AND m.client_id = g.client_id
), fit AS MATERIALIZED (
  SELECT g.*, 'room:' || g.room_id AS audience, (g.root_id IS NULL)::int AS counts
  FROM given g
  WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.no = g.no)
    AND EXISTS (SELECT 1 FROM member p WHERE p.room_id = g.room_id AND p.person_id = g.sender_id
                AND p.membership = 'joined' AND p.role <> 'reader')
    AND (g.root_id IS NULL OR EXISTS (SELECT 1 FROM (SELECT * FROM message WHERE id = g.root_id OFFSET 0) r
                                      WHERE r.room_id = g.room_id AND r.root_id IS NULL AND r.deleted_ms IS NULL))
), numbered AS MATERIALIZED (
  SELECT f.*, a.seq + row_number() OVER w AS seq, a.posts + sum(f.counts) OVER w AS posts
  FROM fit f JOIN audience a ON a.name = f.audience
  WINDOW w AS (PARTITION BY f.audience ORDER BY f.no)
), raised AS (
  UPDATE audience a SET seq = n.seq, posts = n.posts,
    changed_ms = (extract(epoch FROM clock_timestamp()) * 1000)::bigint
  FROM (SELECT audience, max(seq) AS seq, max(posts) AS posts FROM numbered GROUP BY audience) n
  WHERE a.name = n.audience
), told AS (
  INSERT INTO event (audience, seq, posts, at_ms, kind, body)
  SELECT audience, seq, posts, at_ms, 'message.posted', event FROM numbered
), stored AS (
  INSERT INTO message (id, room_id, seq, sender_id, client_id, body_hash, at_ms, text, root_id, files, replies)
  SELECT id, room_id, seq, sender_id, client_id, body_hash, at_ms, text, root_id, files::json, 0 FROM numbered
), marked AS (
  UPDATE member p SET read_seq = n.seq, read_posts = n.posts
  FROM (SELECT room_id, sender_id, max(seq) AS seq, max(posts) AS posts FROM numbered WHERE counts = 1
        GROUP BY room_id, sender_id) n
  WHERE p.room_id = n.room_id AND p.person_id = n.sender_id
), seen AS (
  INSERT INTO thread_read (person_id, root_id, read_seq)
  SELECT sender_id, root_id, max(seq) FROM numbered WHERE counts = 0 GROUP BY sender_id, root_id
  ON CONFLICT (person_id, root_id) DO UPDATE SET read_seq = greatest(thread_read.read_seq, excluded.read_seq)
), replied AS (
  UPDATE message r SET replies = r.replies + n.count, last_reply_ms = n.at_ms
  FROM (SELECT root_id, count(*) AS count, max(at_ms) AS at_ms FROM numbered WHERE counts = 0 GROUP BY root_id) n
  WHERE r.id = n.root_id
)
SELECT no, id, room_id, seq, posts, at_ms, body_hash, true AS fresh FROM numbered
UNION ALL SELECT no, id, room_id, seq, 0, at_ms, body_hash, false FROM known
"""
_FILE = """
UPDATE file f SET message_id = g.message_id
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS g(message_id, id, room_id, uploader_id)
WHERE f.id = g.id AND f.room_id = g.room_id AND f.uploader_id = g.uploader_id
  AND f.message_id IS NULL AND f.deleted_ms IS NULL
"""


class PostgresStore:
    """`MessageLog` on PostgreSQL."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._made: asyncpg.Pool | None = None
        self._making = asyncio.Lock()

    async def append(self, batch: list[Append]) -> list[Stored | None]:
        """Store a batch; see `MessageLog.append`."""
        audiences = sorted({f"room:{item.room_id}" for item in batch})
        columns = list(
            zip(
                *(
                    (
                        i.id,
                        i.room_id,
                        i.sender_id,
                        i.client_id,
                        i.body_hash,
                        i.at_ms,
                        i.text,
                        i.root_id,
                        i.files,
                        i.event,
                    )
                    for i in batch
                ),
                strict=True,
            )
        )
        async with self._connection() as connection, connection.transaction():
            await connection.execute(_LOCK, audiences)
            rows = await connection.fetch(_APPEND, *columns)
            stored: list[Stored | None] = [None] * len(batch)
            for no, *values in rows:
                stored[no - 1] = Stored(*values)
            links = [
                (result.id, file_id, item.room_id, item.sender_id)
                for item, result in zip(batch, stored, strict=True)
                if result and result.fresh
                for file_id in item.file_ids
            ]
            if links:
                await connection.execute(_FILE, *zip(*links, strict=True))
        return stored

    async def after(self, audience: str, seq: int, limit: int) -> list[Numbered]:
        """Read a range; see `EventLog.after`."""
        sql = "SELECT seq, posts, body FROM event WHERE audience = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        return [Numbered(*row) for row in await self._fetch(sql, audience, seq, limit)]

    async def standings(self, audiences: Sequence[str]) -> list[Change]:
        """Where audiences stand; see `EventLog.standings`."""
        sql = "SELECT name, seq, posts FROM audience WHERE name = ANY($1::text[])"
        return [Change(*row) for row in await self._fetch(sql, audiences)]

    async def changed_since(self, ms: int) -> list[Change]:
        """What changed lately; see `EventLog.changed_since`."""
        sql = "SELECT name, seq, posts FROM audience WHERE changed_ms >= $1"
        return [Change(*row) for row in await self._fetch(sql, ms)]

    async def close(self) -> None:
        """Give back all connections."""
        if self._made:
            await self._made.close()

    async def _fetch(self, sql: str, *values: object) -> "list[asyncpg.Record]":
        async with self._connection() as connection:
            return await connection.fetch(sql, *values)

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[asyncpg.pool.PoolConnectionProxy]":
        """One of the pool. Raises ConnectionError for all the ways in which the driver says that its server is away."""
        try:
            async with self._making:
                if self._made is None:
                    self._made = await asyncpg.create_pool(
                        self._dsn,
                        min_size=POOL_MIN,
                        max_size=POOL_MAX,
                        command_timeout=COMMAND_TIMEOUT_S,
                        timeout=5,
                        server_settings=PLANS,
                    )
            async with self._made.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                yield connection
        except (asyncpg.InterfaceError, OSError) as error:
            raise ConnectionError("PostgreSQL does not answer") from error
        except asyncpg.PostgresError as error:
            if (error.sqlstate or "").startswith(AWAY):
                raise ConnectionError("PostgreSQL is going down, starting or full") from error
            raise
