# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a store of blobs must be able to do: keep sealed parts under ids that are made once and never reused.

A blob is the ordered list of its parts in our database. The store knows nothing of blobs, names or
people, sees only ciphertext and is not trusted: whatever it gives back is checked.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from fachwerk.kernel.errors import Problem, Unavailable

T = TypeVar("T")


class StoreFull(Problem):
    """No room for more; what was acknowledged is kept."""

    slug, title, status, retry_after_s = "storage-full", "The storage has no room left", 507, 60


class StoreDown(Unavailable):
    """The store does not answer, or its disk fails."""

    slug, title = "storage-unavailable", "The storage does not answer just now"


class StoreBusy(StoreDown):
    """More uploads are under way than this process has memory for."""

    slug, title = "storage-busy", "Too many uploads are under way just now"


class Damaged(Problem):
    """The store gave back something else than it was given, or nothing. An operator must look."""

    slug, title = "file-damaged", "The stored file is damaged"


class PartWriter(Protocol):
    """One part on its way in. It ends with `keep` or `drop`."""

    async def write(self, sealed: bytes | bytearray) -> None:
        """Add bytes. Raises StoreFull, StoreDown; then only `drop` is left."""
        ...

    async def keep(self) -> None:
        """Return when the part would survive a power cut. Raises StoreFull, StoreDown; then it may be there or not."""
        ...

    async def drop(self) -> None:
        """Leave no trace, also after a failure; what cannot be removed is the sweep's. Never raises."""
        ...


class PartReader(Protocol):
    """One part on its way out."""

    async def read(self, size_bytes: int, use: Callable[[bytes], T]) -> T:
        """Give the next bytes, fewer only at the end, to `use` in the thread that has them. Raises StoreDown."""
        ...


class Blobs(Protocol):
    """The store. Every method may be called from many tasks at once."""

    async def begin(self, part_id: str) -> PartWriter:
        """Start a part. Raises StoreFull, StoreDown, StoreBusy."""
        ...

    def reading(self, part_id: str, start: int, end: int) -> AbstractAsyncContextManager[PartReader]:
        """Read the bytes [start, end) of a kept part. Raises Damaged when there is none, StoreDown."""
        ...

    async def delete(self, part_id: str) -> None:
        """Forget a part, kept or begun. Deleting what is not there changes nothing. Raises StoreDown."""
        ...

    def stored(self) -> AsyncIterator[list[str]]:
        """The ids of everything that takes room in the store, in batches. Raises StoreDown."""
        ...

    def check(self) -> None:
        """Ask at start-up whether the store would take us. Raises SystemExit with a sentence if it never will.

        One that is merely away is only logged: everything else must be able to start without it.
        """
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...
