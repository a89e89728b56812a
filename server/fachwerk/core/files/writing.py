# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Appending to the blob of an upload: hash, seal, store, and then say that it is there.

A part counts when the store has it and its row is committed together with the upload's new offset.
The offset is compared in the same statement, so of two writers, in one process or in two, only one
can add a part at a place.
"""

import asyncio
from collections.abc import Callable

from sqlalchemy import update
from sqlmodel import col

from fachwerk.kernel.db import Database
from fachwerk.kernel.errors import Conflict

from .blobs import PartWriter
from .metrics import BYTES_IN
from .model import Part, Upload
from .sealing import CHUNK_BYTES, Seal
from .store import FileStore

PART_BYTES = 8 * 1024 * 1024
"""Most plain bytes in one part; a multiple of BLOCK_BYTES."""
BLOCK_BYTES = 1024 * 1024
"""Handed to a thread at once; a multiple of CHUNK_BYTES. Blocks of 64 KiB cost four times as much CPU."""


class OffsetConflict(Conflict):
    """The upload does not stand where the client believes; it asks again (HEAD)."""

    slug, title = "upload-offset", "The upload continues at another place"


class _Open:
    """The part that is being written."""

    __slots__ = ("id", "length_bytes", "seal", "writer")

    def __init__(self, part_id: str, writer: PartWriter, seal: Seal) -> None:
        self.id, self.writer, self.seal = part_id, writer, seal
        self.length_bytes = 0


class BlobWriter:
    """Adds blocks in order, one call at a time. After a failure it does nothing more.

    key: of the upload's blob. next_no: number of its next part. offset: what is durable, in bytes.
    """

    def __init__(
        self, store: FileStore, database: Database, upload: Upload, *, key: bytes, next_no: int, ids: Callable[[], str]
    ) -> None:
        self._store, self._database, self._upload = store, database, upload
        self._key, self._no, self._ids = key, next_no, ids
        self.offset = upload.received_bytes
        hashed, self._digest = store.remembered(upload.id)
        self._hashing = hashed == self.offset
        self._part: _Open | None = None
        self._failed = False

    async def write(self, block: bytes) -> None:
        """Add BLOCK_BYTES, which are not the last of this upload's request.

        Raises OffsetConflict, StoreFull, StoreDown; the part at hand is lost then, the ones before are kept.
        """
        assert len(block) == BLOCK_BYTES
        await self._add(block, last=self._open_bytes + BLOCK_BYTES == PART_BYTES)

    async def end(self, rest: bytes, *, at_least: int) -> None:
        """Add the rest, at most BLOCK_BYTES, and close the part if it has `at_least` bytes, else drop it.

        The last bytes of the whole upload are kept, however few they are.
        """
        if self._failed:
            return
        length = self._open_bytes + len(rest)
        if length and (length >= at_least or self.offset + length == self._upload.length_bytes):
            await self._add(rest, last=True)
        else:
            await self._drop()

    @property
    def _open_bytes(self) -> int:
        return self._part.length_bytes if self._part else 0

    async def _add(self, block: bytes, *, last: bool) -> None:
        try:
            part = self._part = self._part or await self._begin()
            first = part.length_bytes // CHUNK_BYTES
            await part.writer.write(await asyncio.to_thread(self._seal, part.seal, block, first=first, last=last))
            part.length_bytes += len(block)
            if last:
                await part.writer.keep()
                self._part = None
                await self._commit(part)
        except BaseException:
            self._failed = True
            await self._drop()
            raise

    def _seal(self, seal: Seal, block: bytes, *, first: int, last: bool) -> bytearray:
        if self._hashing:
            self._digest.update(block)
        return seal.close(block, first=first, last=last)

    async def _begin(self) -> _Open:
        part_id = self._ids()
        return _Open(part_id, await self._store.blobs.begin(part_id), Seal(self._key, part_id, self._no))

    async def _drop(self) -> None:
        part, self._part = self._part, None
        if part:
            await part.writer.drop()

    async def _commit(self, part: _Open) -> None:
        """Count the part. When the database goes away meanwhile it stays for the sweep: it may have been counted."""
        start, end = self.offset, self.offset + part.length_bytes
        row = Part(
            id=part.id, blob_id=self._upload.blob_id, no=self._no, offset_bytes=start, length_bytes=part.length_bytes
        )
        async with self._database.work() as work:
            here = (col(Upload.id) == self._upload.id, col(Upload.received_bytes) == start)
            until = work.now_ms + self._store.keep_ms
            moved = await work.db.exec(update(Upload).where(*here).values(received_bytes=end, expires_ms=until))
            if moved.rowcount:
                work.db.add(row)
        if not moved.rowcount:
            await self._store.blobs.delete(part.id)
            raise OffsetConflict
        self.offset, self._no = end, self._no + 1
        BYTES_IN.inc(part.length_bytes)
        if self._hashing:
            self._store.remember(self._upload.id, end, self._digest)
