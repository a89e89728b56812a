# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes on their way in: from one request to the upload's blob.

While one block is hashed, sealed and written in threads, the next one is read from the network; more
than that is never held. However the request ends, what it brought is put away as far as it is worth it.
"""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.context import Context
from fachwerk.kernel.errors import BadRequest, Conflict, Problem, TooLarge
from fachwerk.kernel.policy import Actor

from .guard import Guard
from .metrics import RECEIVING
from .model import Blob, Upload
from .service import next_part_no, upload_of
from .store import FileStore
from .writing import BLOCK_BYTES, BlobWriter, OffsetConflict

KEEP_BYTES = 64 * 1024
"""An interrupted request leaves a part of at least this many bytes, so that a bad line makes progress too."""
QUIET_S = 3.0
"""A request that has waited this long for a byte may be displaced by a newer one."""
GIVE_WAY_S = 10.0
"""How long the newer one then waits for the older one to put its bytes away."""


class UploadLocked(Problem):
    """Another request is bringing bytes to the same upload."""

    slug, title, status, retry_after_s = "upload-locked", "The upload is busy with another request", 423, 1


class UploadCut(BadRequest):
    """The line broke, so nobody reads this; what arrived is kept."""

    slug, title = "upload-cut", "The upload was cut; continue where it stands"


class UploadStalled(Problem):
    """No byte came for too long; what arrived is kept."""

    slug, title, status = "upload-stalled", "The upload stalled; continue where it stands", 408


class UploadDisplaced(Conflict):
    """A newer request has taken over; what arrived is kept."""

    slug, title = "upload-displaced", "Another request continues this upload"


async def receive(
    context: Context,
    actor: Actor,
    upload_id: str,
    stream: AsyncIterator[bytes],
    *,
    offset: int,
    announced: int,
    guard: Guard,
) -> Upload:
    """Add a request's bytes to the actor's upload and say where it stands then.

    offset: where the client continues. announced: how many bytes it wants to bring, 0 if it does not say.
    Raises OffsetConflict (with the true offset), TooLarge, StoreFull, StoreDown and the classes above.
    """
    store, database, policy = context.port(FileStore), context.database, context.policy
    async with database.read() as work:
        _require_offset(await upload_of(work, policy, actor, upload_id), offset)
    async with Turn(store, upload_id, context.clock) as turn:
        async with database.read() as work:
            upload = await upload_of(work, policy, actor, upload_id)
            next_no = await next_part_no(work, upload)
            blob = await work.db.get_one(Blob, upload.blob_id)
        _require_offset(upload, offset)
        left = upload.length_bytes - offset
        if announced > left:
            raise TooLarge(limit_bytes=left)
        writer = BlobWriter(store, database, upload, key=store.key_of(blob), next_no=next_no, ids=context.ids)
        async with Intake(writer) as intake:
            while (piece := await turn.next(stream, idle_s=store.settings.upload_idle_s)) is not None:
                left -= len(piece)
                if left < 0:
                    raise TooLarge(limit_bytes=upload.length_bytes)
                await guard.after(len(piece))
                await intake.take(piece)
    async with database.read() as work:
        return await upload_of(work, policy, actor, upload_id)


def _require_offset(upload: Upload, offset: int) -> None:
    if upload.received_bytes != offset:
        raise OffsetConflict(offset_bytes=upload.received_bytes)


class Turn:
    """Who may bring bytes to an upload: one request at a time in a process.

    A line that broke without a word looks open for a while. Its client is back already and must not
    wait for it: so a request that has gone quiet gives way. In several processes the comparison of
    offsets in the writer sees to the same, later.
    """

    def __init__(self, store: FileStore, upload_id: str, clock: Clock) -> None:
        self._turns, self._upload_id, self._clock = store.turns, upload_id, clock
        self._patience: asyncio.Timeout | None = None
        self._waiting_since = clock.monotonic()
        self._displaced, self._ended = asyncio.Event(), asyncio.Event()

    async def __aenter__(self) -> Self:
        """Take the place of a quiet older request. Raises UploadLocked while it is lively."""
        while older := self._turns.get(self._upload_id):
            await older._give_way()  # noqa: SLF001 -- another one of us
        self._turns[self._upload_id] = self
        RECEIVING.inc()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others in."""
        del self._turns[self._upload_id]
        self._ended.set()
        RECEIVING.dec()

    async def next(self, stream: AsyncIterator[bytes], *, idle_s: float) -> bytes | None:
        """The stream's next piece, None at its end. Raises UploadCut, UploadStalled, UploadDisplaced."""
        self._waiting_since = self._clock.monotonic()
        try:
            async with asyncio.timeout(idle_s) as self._patience:
                return await anext(stream, None)
        except ClientDisconnect as error:
            raise UploadCut from error
        except TimeoutError as error:
            raise (UploadDisplaced if self._displaced.is_set() else UploadStalled) from error
        finally:
            self._patience = None

    async def _give_way(self) -> None:
        """Ask this request to end, if it is quiet, and wait until it has."""
        if self._patience is None or self._clock.monotonic() - self._waiting_since < QUIET_S:
            raise UploadLocked
        self._displaced.set()
        self._patience.reschedule(asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(GIVE_WAY_S):
                await self._ended.wait()
        except TimeoutError as error:
            raise UploadLocked from error


class Intake:
    """Buffers one request's bytes in front of a writer, one block ahead of it."""

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self._buffer = bytearray()
        self._writing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put away what is left, even if this task is cancelled again meanwhile."""
        await asyncio.shield(asyncio.ensure_future(self._settle(at_least=1 if error is None else KEEP_BYTES)))

    async def take(self, piece: bytes) -> None:
        """Add what arrived. Raises as the writer does, for this piece or an earlier one."""
        self._buffer += piece
        # More than a block, not just one: a part's last chunk is sealed as such, so something is
        # always held back for the end.
        while len(self._buffer) > BLOCK_BYTES:
            await self._written()
            self._writing = asyncio.create_task(self._writer.write(self._block()))

    def _block(self) -> bytes:
        with memoryview(self._buffer) as whole:
            block = bytes(whole[:BLOCK_BYTES])
        del self._buffer[:BLOCK_BYTES]
        return block

    async def _written(self) -> None:
        """Wait for the block under way; a cancelled request does not cancel it."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
            self._writing = None

    async def _settle(self, *, at_least: int) -> None:
        await self._written()
        while len(self._buffer) > BLOCK_BYTES:
            await self._writer.write(self._block())
        await self._writer.end(self._block(), at_least=at_least)
