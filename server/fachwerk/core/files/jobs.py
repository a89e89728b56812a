# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tidying up: unfinished uploads, files never sent, bytes of what was deleted, and what belongs to nothing."""

from sqlalchemy import delete, text
from sqlmodel import col, select

from fachwerk.kernel.context import Context
from fachwerk.kernel.log import logger

from .metrics import ORPHANS
from .model import Blob, FileRow, Orphan, Part, Upload
from .service import drop, remove
from .store import FileStore

EXPIRE_EVERY_S = 600.0
SWEEP_EVERY_S = 6 * 3600.0
ORPHAN_MS = 24 * 3_600_000
"""Bytes lie in the store for a moment before their row is committed; a day is very much longer."""
BATCH = 200
"""Rows changed in one transaction."""

NOTE = text("INSERT INTO blob_orphan (part_id, seen_ms) VALUES (:part_id, :now) ON CONFLICT DO NOTHING")
"""Another worker may sweep too."""

log = logger("files")


async def delete_blob(context: Context, body: dict[str, str]) -> None:
    """Forget a blob's bytes, then its rows. May be repeated at any point."""
    blob_id, store = body["blob"], context.port(FileStore)
    async with context.database.read() as work:
        in_use = select(FileRow.id).where(FileRow.blob_id == blob_id, col(FileRow.deleted_ms).is_(None))
        assert not (await work.db.exec(in_use)).first(), "a file that is not deleted keeps its blob"
        parts = (await work.db.exec(select(Part.id).where(Part.blob_id == blob_id))).all()
    for part_id in parts:
        await store.blobs.delete(part_id)
    async with context.database.work() as work:
        await work.db.exec(delete(FileRow).where(col(FileRow.blob_id) == blob_id))
        await work.db.exec(delete(Part).where(col(Part.blob_id) == blob_id))
        await work.db.exec(delete(Blob).where(col(Blob.id) == blob_id))


async def expire(context: Context, _body: dict[str, str]) -> None:
    """Drop uploads without progress and files that were never sent."""
    keep_ms = context.port(FileStore).keep_ms
    more = True
    while more:
        async with context.database.work() as work:
            late = select(Upload).where(Upload.expires_ms <= work.now_ms).limit(BATCH)
            uploads = (await work.db.exec(late.with_for_update(skip_locked=True))).all()
            for upload in uploads:
                await drop(work, upload)
            unsent = (
                select(FileRow)
                .where(
                    col(FileRow.message_id).is_(None),
                    col(FileRow.deleted_ms).is_(None),
                    FileRow.created_ms <= work.now_ms - keep_ms,
                )
                .limit(BATCH)
            )
            files = (await work.db.exec(unsent.with_for_update(skip_locked=True))).all()
            for file in files:
                remove(work, file)
        more = BATCH in {len(uploads), len(files)}


async def sweep(context: Context, _body: dict[str, str]) -> None:
    """Note what the store holds and no part names; delete what has been so for ORPHAN_MS."""
    store = context.port(FileStore)
    async for stored in store.blobs.stored():
        for at in range(0, len(stored), BATCH):
            await _sweep(context, store, stored[at : at + BATCH])


async def _sweep(context: Context, store: FileStore, part_ids: list[str]) -> None:
    async with context.database.work() as work:
        known = set(await work.db.exec(select(Part.id).where(col(Part.id).in_(part_ids))))
        seen = {
            orphan.part_id: orphan
            for orphan in await work.db.exec(select(Orphan).where(col(Orphan.part_id).in_(part_ids)))
        }
        connection, old = await work.db.connection(), []
        for part_id in part_ids:
            if part_id in known:
                if part_id in seen:
                    await work.db.delete(seen[part_id])
            elif part_id not in seen:
                await connection.execute(NOTE, {"part_id": part_id, "now": work.now_ms})
            elif seen[part_id].seen_ms <= work.now_ms - ORPHAN_MS:
                old.append(part_id)
    for part_id in old:
        await store.blobs.delete(part_id)
        ORPHANS.inc()
    if old:
        log.info("orphans deleted", count=len(old))
        async with context.database.work() as work:
            await work.db.exec(delete(Orphan).where(col(Orphan.part_id).in_(old)))
