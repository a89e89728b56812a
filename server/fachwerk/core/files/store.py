# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What files need at run time: a store of blobs, the key to it, and what this process remembers of uploads."""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

from fachwerk.kernel.db import Work

from .blobs import Blobs, Damaged
from .model import Blob
from .sealing import KEY_BYTES, MasterKey
from .settings import FileSettings

if TYPE_CHECKING:
    from .intake import Turn

DIGESTS_KEPT = 2_000
"""Running checksums remembered; one that is forgotten is computed again from the stored parts."""
HASHING = 2
"""Stored uploads read again for their checksum at once."""


class FileStore:
    """Composed once per process.

    turns: by upload, the request that brings it bytes just now.
    """

    def __init__(self, blobs: Blobs, master: MasterKey, settings: FileSettings) -> None:
        self.blobs, self.master, self.settings = blobs, master, settings
        self.turns: dict[str, Turn] = {}
        self.hashing = asyncio.Semaphore(HASHING)
        self._digests: OrderedDict[str, tuple[int, hashlib._Hash]] = OrderedDict()

    @property
    def keep_ms(self) -> int:
        """How long an upload without progress and a file never sent are kept."""
        return int(self.settings.upload_keep_hours * 3_600_000)

    def new_blob(self, work: Work) -> Blob:
        """An empty blob with a key of its own."""
        key = self.master.wrap(secrets.token_bytes(KEY_BYTES))
        return Blob(id=work.ids(), key_wrapped=key, master_id=self.master.id, created_ms=work.now_ms)

    def key_of(self, blob: Blob) -> bytes:
        """The key of a blob. Raises Damaged when we hold another master key than the one that wrapped it."""
        if blob.master_id != self.master.id:
            raise Damaged("Its key was wrapped by another master key.")
        return self.master.unwrap(blob.key_wrapped)

    def remember(self, upload_id: str, offset_bytes: int, digest: "hashlib._Hash") -> None:
        """Keep the SHA-256 of an upload's first bytes, so that finishing need not read them again."""
        self._digests[upload_id] = offset_bytes, digest.copy()
        self._digests.move_to_end(upload_id)
        if len(self._digests) > DIGESTS_KEPT:
            self._digests.popitem(last=False)

    def remembered(self, upload_id: str) -> "tuple[int, hashlib._Hash]":
        """(bytes, SHA-256 of these); of nothing when another process received it or we have forgotten."""
        known = self._digests.get(upload_id)
        return (known[0], known[1].copy()) if known else (0, hashlib.sha256())

    def forget(self, upload_id: str) -> None:
        """The upload is over."""
        self._digests.pop(upload_id, None)
