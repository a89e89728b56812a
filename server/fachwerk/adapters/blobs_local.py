# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Blobs on a local disk: one file per part, in 256 folders, durable before it counts.

A part is written under a name of its own, synced (fdatasync), renamed, and then its folder is synced:
after that a power cut cannot take it back (POSIX.1-2017, `rename`; ext4 and XFS need the folder's
sync for the name). All of it happens in threads of this store.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import ParamSpec, TypeVar

from fachwerk.core.files.blobs import Damaged, PartReader, StoreDown, StoreFull
from fachwerk.kernel.log import logger

THREADS = 16
"""Disk operations at once per process; further ones wait."""
BEGUN = ".new"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

P = ParamSpec("P")
T = TypeVar("T")
log = logger("blobs_local")


class LocalBlobs:
    """The store. reserve_bytes: uploads are refused when less than this is free, since others live on the disk too."""

    def __init__(self, root: Path, *, reserve_bytes: int = 0) -> None:
        self._root, self._reserve_bytes = root, reserve_bytes
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="blobs")

    async def begin(self, part_id: str) -> "_Writer":
        """Start a part. Raises StoreFull, StoreDown."""
        return _Writer(self, await self.run(self._create, part_id), self._path(part_id))

    @asynccontextmanager
    async def reading(self, part_id: str, start: int, end: int) -> AsyncIterator[PartReader]:
        """Read the bytes [start, end) of a kept part. Raises Damaged when there is none, StoreDown."""
        yield _Reader(self, self._path(part_id), start, end)

    async def delete(self, part_id: str) -> None:
        """Forget a part, kept or begun."""
        await self.run(self._unlink, part_id)

    async def stored(self) -> AsyncIterator[list[str]]:
        """All ids, folder by folder."""
        for folder in await self.run(self._folders):
            names = await self.run(os.listdir, folder)
            yield sorted({name.removesuffix(BEGUN) for name in names})

    def check(self) -> None:
        """Whether the folder is there, or can be made, and is ours to write. Raises SystemExit with a sentence."""
        try:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SystemExit(f"cannot make the folder of files {self._root}: {error.strerror}") from error
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise SystemExit(f"the folder of files {self._root} cannot be written by this user")

    async def close(self) -> None:
        """End the threads, after what they are doing."""
        await asyncio.to_thread(self._threads.shutdown)

    async def run(self, what: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in one of our threads; faults of the disk become problems."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: what(*args, **kwargs))
        except FileNotFoundError as error:
            log.error("part missing")
            raise Damaged from error
        except OSError as error:
            if error.errno in _FULL:
                raise StoreFull from error
            log.error("disk fails", error=errno.errorcode.get(error.errno or 0, "unknown"))
            raise StoreDown from error

    def _path(self, part_id: str) -> Path:
        return self._root / part_id[-2:] / part_id

    def _create(self, part_id: str) -> int:
        path = self._path(part_id)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self._root)
        disk = os.statvfs(self._root)
        if disk.f_bavail * disk.f_frsize < self._reserve_bytes:
            raise OSError(errno.ENOSPC, "the reserve of the disk is reached")
        return os.open(_begun(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def _unlink(self, part_id: str) -> None:
        path = self._path(part_id)
        _begun(path).unlink(missing_ok=True)
        path.unlink(missing_ok=True)

    def _folders(self) -> list[Path]:
        return sorted(self._root.iterdir()) if self._root.is_dir() else []


class _Writer:
    """A file under its first name.

    Whoever waits for a thread may be cancelled while the thread goes on. The lock sees to it that a
    number is not closed, and given to another file, under a write.
    """

    def __init__(self, store: LocalBlobs, handle: int, path: Path) -> None:
        self._store, self._handle, self._path = store, handle, path
        self._lock = Lock()

    async def write(self, sealed: bytes | bytearray) -> None:
        """Add bytes."""
        await self._store.run(self._write, sealed)

    async def keep(self) -> None:
        """Sync, rename, sync the folder."""
        await self._store.run(self._keep)

    async def drop(self) -> None:
        """Remove it."""
        with suppress(StoreDown):  # nothing is lost: the sweep finds it
            await self._store.run(self._drop)

    def _write(self, sealed: bytes | bytearray) -> None:
        rest = memoryview(sealed)
        with self._lock:
            while rest:
                rest = rest[os.write(self._handle, rest) :]

    def _keep(self) -> None:
        with self._lock:
            os.fdatasync(self._handle)
            self._close()
            _begun(self._path).rename(self._path)
            _sync(self._path.parent)

    def _drop(self) -> None:
        with self._lock:
            self._close()
            _begun(self._path).unlink(missing_ok=True)
            self._path.unlink(missing_ok=True)

    def _close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)


class _Reader:
    """A place in a file. It holds nothing open, so nothing must be closed however the reader leaves."""

    def __init__(self, store: LocalBlobs, path: Path, at: int, end: int) -> None:
        self._store, self._path, self._at, self._end = store, path, at, end

    async def read(self, size_bytes: int, use: Callable[[bytes], T]) -> T:
        """Give the next bytes, fewer only at the end, to `use`."""
        at = self._at
        self._at = min(at + size_bytes, self._end)
        wanted = self._at - at
        return await self._store.run(lambda: use(_read(self._path, at, wanted)))


def _begun(path: Path) -> Path:
    return path.with_name(path.name + BEGUN)


def _read(path: Path, at: int, size_bytes: int) -> bytes:
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.pread(handle, size_bytes, at)
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
