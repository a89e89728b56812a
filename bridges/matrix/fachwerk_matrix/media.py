# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files cross with all their bytes, by way of a temporary file that nobody else can read."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO, NamedTuple

from .connector import Fachwerk
from .ghosts import Homeserver
from .wire import FileRef

MXC = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]{1,255})/([A-Za-z0-9_=-]{1,255})")
NAME_CHARS = 200
UNNAMED = "Datei"


class TooLarge(Exception):
    """A file that is not carried."""


class Spooled(NamedTuple):
    """A file on its way, at its beginning. sha256: hexadecimal, of all its bytes."""

    file: IO[bytes]
    size_bytes: int
    sha256: str


class Media:
    """Carries files. max_bytes: of one file."""

    def __init__(self, fachwerk: Fachwerk, homeserver: Homeserver, max_bytes: int) -> None:
        self._fachwerk, self._homeserver, self.max_bytes = fachwerk, homeserver, max_bytes

    async def out(self, room_id: str, mxid: str, file: FileRef) -> str:
        """Bring a file of a room to Matrix, as one of our users; returns its mxc address. Raises TooLarge."""
        if file.size_bytes > self.max_bytes:
            raise TooLarge
        async with self._fachwerk.file(room_id, file.id) as stream, _spooled(stream, self.max_bytes) as spooled:
            return await self._homeserver.upload(mxid, spooled.file, spooled.size_bytes, file.name, file.media_type)

    async def come(self, person_id: str, room_id: str, url: str, name: str) -> str:
        """Bring a file from Matrix into a room, as an external; returns its id. Raises TooLarge, ValueError."""
        found = MXC.fullmatch(url)
        if found is None:
            raise ValueError("no address of a file")
        async with _spooled(self._homeserver.media(*found.groups()), self.max_bytes) as spooled:
            return await self._fachwerk.upload(
                person_id, room_id, file_name(name), spooled.file, spooled.size_bytes, spooled.sha256
            )

    async def text(self, person_id: str, room_id: str, name: str, text: str) -> str:
        """Make a text a file of a room."""

        async def whole() -> AsyncIterator[bytes]:
            yield text.encode()

        async with _spooled(whole(), self.max_bytes) as spooled:
            return await self._fachwerk.upload(
                person_id, room_id, name, spooled.file, spooled.size_bytes, spooled.sha256
            )


def file_name(name: str) -> str:
    """A name that Fachwerk takes: no path, nothing that cannot be seen, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if c.isprintable()).strip(" .")
    return plain[-NAME_CHARS:] or UNNAMED


@asynccontextmanager
async def _spooled(stream: AsyncIterator[bytes], max_bytes: int) -> AsyncIterator[Spooled]:
    """Everything of the stream in a file, which is gone afterwards. Raises TooLarge."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(prefix="fachwerk-bridge-") as file:
        async for chunk in stream:
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        file.seek(0)
        yield Spooled(file, size, digest.hexdigest())
