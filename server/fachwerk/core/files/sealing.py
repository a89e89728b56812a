# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Encryption of what leaves our hands: AES-256-GCM in chunks, a key per blob, wrapped by the master key.

Each part has a key of its own, derived from the blob's key, the part's id and its number (RFC 5869,
section 2.3; the blob's key is random, so no extraction is needed). Since a part's id is never used
twice, a chunk's index is nonce enough (NIST SP 800-38D, section 8.2.1), even when a part is written
again after a crash. Whether a chunk is the part's last is authenticated data. So a flipped bit, a
swapped, doubled, missing or foreign chunk and a part in another's place all fail the tag.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from .blobs import Damaged

CHUNK_BYTES = 256 * 1024
"""Plain bytes under one tag: the least that a reader must fetch and check."""
TAG_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
KEY_BYTES = 32


def make_master_key(path: Path) -> None:
    """Make the installation's master key, readable by its owner alone; one that exists stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(handle)
        path.hardlink_to(fresh)  # whole or not at all, and never over an older one
    except FileExistsError:
        return
    finally:
        fresh.unlink()


class MasterKey:
    """The key that wraps all others. id: tells keys apart without giving anything away."""

    __slots__ = ("_raw", "id")

    def __init__(self, raw: bytes) -> None:
        if len(raw) != KEY_BYTES:
            msg = f"a master key has {KEY_BYTES} bytes, this one {len(raw)}"
            raise ValueError(msg)
        self._raw = raw
        self.id = hashlib.sha256(b"fachwerk/master-key/" + raw).hexdigest()[:16]

    @classmethod
    def read(cls, path: Path) -> Self:
        """From its file. Raises SystemExit with a sentence."""
        try:
            return cls(path.read_bytes())
        except OSError as error:
            raise SystemExit(f"cannot read the master key {path}: {error.strerror}") from error
        except ValueError as error:
            raise SystemExit(f"the master key {path} is not usable: {error}") from error

    def wrap(self, key: bytes) -> bytes:
        """A blob's key in 40 bytes that may be stored (RFC 3394)."""
        return aes_key_wrap(self._raw, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """The key again. Raises Damaged when another master key wrapped it."""
        try:
            return aes_key_unwrap(self._raw, wrapped)
        except InvalidUnwrap as error:
            raise Damaged("Its key was wrapped by another master key.") from error


class Seal:
    """Seals and opens the chunks of one part. no: the part's number in its blob, from 0."""

    __slots__ = ("_cipher",)

    def __init__(self, blob_key: bytes, part_id: str, no: int) -> None:
        use = b"fachwerk/part/1/" + part_id.encode() + no.to_bytes(8, "big")
        self._cipher = AESGCM(HKDFExpand(hashes.SHA256(), KEY_BYTES, use).derive(blob_key))

    def close(self, block: bytes, *, first: int, last: bool) -> bytearray:
        """Seal whole chunks. first: index of the block's first one. last: the part ends here."""
        assert last or len(block) % CHUNK_BYTES == 0, "only the last chunk may be short"
        count = -(-len(block) // CHUNK_BYTES)
        sealed = bytearray(len(block) + count * TAG_BYTES)  # filled in place: joining pieces cost eight times as much
        plain, room = memoryview(block), memoryview(sealed)
        for n in range(count):
            chunk = plain[n * CHUNK_BYTES : (n + 1) * CHUNK_BYTES]
            place = room[n * SEALED_CHUNK_BYTES : n * SEALED_CHUNK_BYTES + len(chunk) + TAG_BYTES]
            self._cipher.encrypt_into(_nonce(first + n), chunk, _finality(last=last and n == count - 1), place)
        return sealed

    def open(self, sealed: bytes, *, index: int, last: bool) -> bytes:
        """One chunk's plain bytes. Raises Damaged."""
        try:
            return self._cipher.decrypt(_nonce(index), sealed, _finality(last=last))
        except (InvalidTag, ValueError) as error:
            raise Damaged from error


def chunks(length_bytes: int, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """(index, sealed size, last) of the chunks of a part that hold its plain bytes [start, end)."""
    final = (length_bytes - 1) // CHUNK_BYTES
    for index in range(start // CHUNK_BYTES, (end - 1) // CHUNK_BYTES + 1):
        plain = CHUNK_BYTES if index < final else length_bytes - final * CHUNK_BYTES
        yield index, plain + TAG_BYTES, index == final


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _finality(*, last: bool) -> bytes:
    return b"last" if last else b"more"
