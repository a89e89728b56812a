# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Own data over HTTP."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.responses import Response

from fachwerk.core import files
from fachwerk.kernel.errors import NotSignedIn
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import SESSION, route

from . import service
from .exports import Exports
from .wire import OwnData

SPOOL_BYTES = 4 * 1024 * 1024
"""What is larger goes to a temporary file."""
PIECE_BYTES = 256 * 1024
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="fachwerk.zip"',
    "X-Content-Type-Options": "nosniff",
}


async def read(call: Call) -> OwnData:
    """How much of what is stored about me."""
    return OwnData(items=await service.counts(call.work, service.kinds(call.context.modules), call.actor.id))


async def export(call: Call) -> Response:
    """All that is stored about me, as a ZIP archive of JSON lines."""
    exports, database, me = call.port(Exports), call.context.database, call.actor.id
    exports.take(me)
    async with database.work() as work:
        work.audit(me, "own_data.export", me)
    with ExitStack() as stack:
        file = stack.enter_context(SpooledTemporaryFile(max_size=SPOOL_BYTES))
        async with exports.one, database.read() as work:
            await service.write(work, service.kinds(call.context.modules), me, file)
        stack.pop_all()  # whoever sends it closes it
    size = file.tell()
    file.seek(0)

    async def ask() -> None:
        if await call.context.authenticate(call.request) is None:
            raise NotSignedIn

    guard = files.Guard(call.context.clock, ask, every_bytes=files.RECHECK_BYTES)
    idle_s = call.port(files.FileStore).settings.download_idle_s
    headers = HEADERS | {"Content-Length": str(size)}
    return files.Download(_pieces(file, guard), 200, headers, "application/zip", idle_s)


async def _pieces(file: IO[bytes], guard: files.Guard) -> AsyncGenerator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            await guard.after(len(piece))
            yield piece


ROUTES = [
    route("GET", "/api/v1/me/data", read, action=SESSION),
    route("GET", "/api/v1/me/data/export", export, action=SESSION, transaction="none"),
]
