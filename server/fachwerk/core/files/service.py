# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Uploads and the files that they become."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from sqlalchemy import delete
from sqlmodel import col, func, select

from fachwerk.core import rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Database, Work
from fachwerk.kernel.errors import Conflict, FieldError, Invalid, NotFound, TooLarge, TooMany
from fachwerk.kernel.policy import Actor, Policy
from fachwerk.kernel.wire import Wire

from .media_types import HEAD_BYTES, media_type
from .metrics import FINISHED
from .model import Blob, FileRow, Part, Upload
from .reading import plain
from .store import FileStore

PARTS_PER_BLOB = 10_000
"""A file of 5 GiB needs 640; more come from a line that breaks all the time, or from somebody who tries us."""
FILES_PER_MESSAGE = 20
DELETE_BLOB = "files.delete_blob"
"""Job: forget a blob's bytes. Body: {"blob": id}."""


class TooManyUploads(TooMany):
    """A person's unfinished uploads are limited."""

    slug, title, status, retry_after_s = "too-many-uploads", "Too many unfinished uploads", 429, 60


class TooManyParts(Conflict):
    """The upload came in too many small pieces."""

    slug, title = "upload-fragmented", "The upload came in too many small pieces; please begin again"


class UploadIncomplete(Conflict):
    """Finished before all bytes are there."""

    slug, title = "upload-incomplete", "The upload is not complete"


class ChecksumMismatch(Conflict):
    """What arrived is not what was sent."""

    slug, title = "checksum-mismatch", "What arrived is not what was sent"


class FileRef(Wire):
    """A file as a message shows it. sha256: of the whole file, hexadecimal."""

    id: str
    name: str
    size_bytes: int
    media_type: str
    sha256: str


class File(FileRef):
    """A file with its place. at: when its upload was finished."""

    room_id: str
    at: str
    uploader_id: str


@dataclass(frozen=True, slots=True)
class Content:
    """A file and how to read it. parts: all of them, in order."""

    file: FileRow
    key: bytes
    parts: Sequence[Part]


async def begin(
    work: Work, policy: Policy, actor: Actor, store: FileStore, *, room_id: str, name: str, length_bytes: int
) -> Upload:
    """Open an upload. Raises TooLarge, TooManyUploads (both with the limit)."""
    policy.require(actor, "file.upload", await rooms.facts(work, actor, room_id))
    limits = store.settings
    if length_bytes > limits.upload_max_bytes:
        raise TooLarge(limit_bytes=limits.upload_max_bytes)
    # Two at once may pass the limit by one: that harms nobody, and a lock would cost everybody.
    mine = select(func.count()).where(Upload.uploader_id == actor.id, Upload.expires_ms > work.now_ms)
    if (await work.db.exec(mine)).one() >= limits.uploads_per_person:
        raise TooManyUploads(limit=limits.uploads_per_person)
    blob = store.new_blob(work)
    work.db.add(blob)
    await work.db.flush()
    upload = Upload(
        id=work.ids(),
        room_id=room_id,
        uploader_id=actor.id,
        name=name,
        length_bytes=length_bytes,
        blob_id=blob.id,
        created_ms=work.now_ms,
        expires_ms=work.now_ms + store.keep_ms,
    )
    work.db.add(upload)
    return upload


async def upload_of(work: Work, policy: Policy, actor: Actor, upload_id: str) -> Upload:
    """The actor's own upload, as long as they may still put files into its room. Raises NotFound for any other."""
    upload = await work.db.get(Upload, upload_id)
    if upload is None or upload.uploader_id != actor.id or upload.expires_ms <= work.now_ms:
        raise NotFound
    policy.require(actor, "file.upload", await rooms.facts(work, actor, upload.room_id))
    return upload


async def cancel(work: Work, policy: Policy, actor: Actor, upload_id: str) -> None:
    """Give up an upload."""
    await drop(work, await upload_of(work, policy, actor, upload_id))


async def next_part_no(work: Work, upload: Upload) -> int:
    """The number of the upload's next part. Raises TooManyParts."""
    parts = (await work.db.exec(select(func.count()).where(Part.blob_id == upload.blob_id))).one()
    if parts >= PARTS_PER_BLOB:
        raise TooManyParts(limit=PARTS_PER_BLOB)
    return parts


async def finish(
    database: Database, policy: Policy, actor: Actor, store: FileStore, upload_id: str, sha256: str
) -> File:
    """Make a complete upload a file, if its checksum is the one given. Finishing twice gives the same file.

    Raises UploadIncomplete, ChecksumMismatch; the upload stays as it is then.
    """
    async with database.read() as work:
        done = await work.db.get(FileRow, upload_id)
        if done is not None:
            return await _finished(work, policy, actor, done, sha256)
        upload = await upload_of(work, policy, actor, upload_id)
        if upload.received_bytes != upload.length_bytes:
            raise UploadIncomplete(offset_bytes=upload.received_bytes, length_bytes=upload.length_bytes)
        key, parts = await _blob(work, store, upload.blob_id)
    if await _checksum(store, upload, key, parts) != sha256:
        raise ChecksumMismatch
    async with aclosing(plain(store.blobs, key, parts, 0, min(HEAD_BYTES, upload.length_bytes))) as pieces:
        head = b"".join([piece async for piece in pieces])
    async with database.work() as work:
        file = FileRow(
            id=upload.id,
            room_id=upload.room_id,
            uploader_id=upload.uploader_id,
            name=upload.name,
            size_bytes=upload.length_bytes,
            media_type=media_type(head, upload.name),
            sha256=sha256,
            blob_id=upload.blob_id,
            created_ms=work.now_ms,
        )
        ended = await work.db.exec(delete(Upload).where(col(Upload.id) == upload.id))
        if ended.rowcount:
            work.db.add(file)
        else:  # finished or given up meanwhile
            other = await work.db.get(FileRow, upload_id)
            if other is None:
                raise NotFound
            return await _finished(work, policy, actor, other, sha256)
    store.forget(upload.id)
    FINISHED.inc()
    return as_file(file)


async def readable(work: Work, policy: Policy, actor: Actor, file_id: str) -> FileRow:
    """A file that the actor may read: a sent one as a member of its room, an unsent one only as its uploader."""
    file = await work.db.get(FileRow, file_id)
    if file is None or file.deleted_ms is not None:
        raise NotFound
    facts = await rooms.facts(work, actor, file.room_id)
    if file.message_id is None and file.uploader_id != actor.id:
        facts = replace(facts, role=None)  # what is not sent has no place for others
    policy.require(actor, "file.read", facts)
    return file


async def content(work: Work, policy: Policy, actor: Actor, store: FileStore, file_id: str) -> Content:
    """As `readable`, with what is needed to read its bytes."""
    file = await readable(work, policy, actor, file_id)
    key, parts = await _blob(work, store, file.blob_id)
    return Content(file, key, parts)


async def sent_content(work: Work, store: FileStore, room_id: str, file_id: str) -> Content:
    """A file that a message of this room shows, for a caller who has asked the policy. Raises NotFound."""
    file = await work.db.get(FileRow, file_id)
    if file is None or file.deleted_ms is not None or file.message_id is None or file.room_id != room_id:
        raise NotFound
    key, parts = await _blob(work, store, file.blob_id)
    return Content(file, key, parts)


async def attachable(work: Work, actor: Actor, room_id: str, file_ids: Sequence[str]) -> list[FileRef]:
    """What the actor may attach to a new message in this room: own finished files, not sent yet; in the order given.

    Raises Invalid with the place of the first that is not.
    """
    if len(file_ids) > FILES_PER_MESSAGE:
        raise Invalid(errors=(FieldError("/file_ids", f"at most {FILES_PER_MESSAGE} files"),))
    unsent = select(FileRow).where(
        col(FileRow.id).in_(file_ids),
        FileRow.room_id == room_id,
        FileRow.uploader_id == actor.id,
        col(FileRow.message_id).is_(None),
        col(FileRow.deleted_ms).is_(None),
    )
    found = {file.id: file for file in await work.db.exec(unsent)} if file_ids else {}
    for place, file_id in enumerate(file_ids):
        if file_id not in found or file_id in file_ids[:place]:
            raise Invalid(errors=(FieldError(f"/file_ids/{place}", "no finished, unsent file of yours in this room"),))
    return [as_ref(found[file_id]) for file_id in file_ids]


async def remove_of_message(work: Work, message_id: str) -> None:
    """Take a message's files away: nobody can read them from the commit on, and a job forgets their bytes."""
    present = select(FileRow).where(FileRow.message_id == message_id, col(FileRow.deleted_ms).is_(None))
    for file in (await work.db.exec(present)).all():
        remove(work, file)


def remove(work: Work, file: FileRow) -> None:
    """Take a file away."""
    file.deleted_ms = work.now_ms
    work.db.add(file)
    work.enqueue(DELETE_BLOB, {"blob": file.blob_id})


def as_ref(file: FileRow) -> FileRef:
    """For a message."""
    return FileRef(
        id=file.id, name=file.name, size_bytes=file.size_bytes, media_type=file.media_type, sha256=file.sha256
    )


def as_file(file: FileRow) -> File:
    """For its own page."""
    return File(
        id=file.id,
        name=file.name,
        size_bytes=file.size_bytes,
        media_type=file.media_type,
        sha256=file.sha256,
        room_id=file.room_id,
        at=rfc3339(file.created_ms),
        uploader_id=file.uploader_id,
    )


async def _finished(work: Work, policy: Policy, actor: Actor, file: FileRow, sha256: str) -> File:
    await readable(work, policy, actor, file.id)
    if file.uploader_id != actor.id:
        raise NotFound
    if file.sha256 != sha256:
        raise ChecksumMismatch
    return as_file(file)


async def drop(work: Work, upload: Upload) -> None:
    """Forget an upload, and have a job forget its bytes."""
    await work.db.delete(upload)
    work.enqueue(DELETE_BLOB, {"blob": upload.blob_id})


async def _blob(work: Work, store: FileStore, blob_id: str) -> tuple[bytes, Sequence[Part]]:
    blob = (await work.db.exec(select(Blob).where(Blob.id == blob_id))).one()
    parts = (await work.db.exec(select(Part).where(Part.blob_id == blob_id).order_by(col(Part.no)))).all()
    return store.key_of(blob), parts


async def _checksum(store: FileStore, upload: Upload, key: bytes, parts: Sequence[Part]) -> str:
    """Of the whole upload: continued from what this process remembers, else read again from the store."""
    known, digest = store.remembered(upload.id)
    if known == upload.length_bytes:
        return digest.hexdigest()
    async with store.hashing:
        known, digest = store.remembered(upload.id)
        async with aclosing(plain(store.blobs, key, parts, known, upload.length_bytes)) as rest:
            async for piece in rest:
                await asyncio.to_thread(digest.update, piece)
        store.remember(upload.id, upload.length_bytes, digest)
    return digest.hexdigest()


async def size_bytes(work: Work) -> int:
    """How large all files are that can still be read, together."""
    total = func.coalesce(func.sum(col(FileRow.size_bytes)), 0)
    return int((await work.db.exec(select(total).where(col(FileRow.deleted_ms).is_(None)))).one())


async def master_keys(work: Work) -> set[str]:
    """The ids of all master keys that have wrapped a key which is still needed. For operators' commands."""
    return set((await work.db.exec(select(Blob.master_id).distinct())).all())
