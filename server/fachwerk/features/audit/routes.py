# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The trail over HTTP."""

from starlette.responses import Response

from fachwerk.kernel import audit
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route

from . import service
from .forms import json_line
from .wire import ActPage, Behind, Filters

EXPORT_MAX = 5_000
"""Entries per answer; who wants more asks again, behind the last one."""
EXPORT_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="audit.jsonl"',
    "X-Content-Type-Options": "nosniff",
}


async def read(call: Call, query: Filters) -> ActPage:
    """Acts, newest first."""
    return await service.read(call.work, call.policy, call.actor, query)


async def export(call: Call, query: Behind) -> Response:
    """Entries with their hashes as lines of JSON, oldest first; `fachwerk audit verify --file` reads them."""
    async with call.context.database.work() as work:
        await service.export(work, call.policy, call.actor, query.since)
    lines: list[bytes] = []
    async with call.context.database.read() as work:
        async for entry in audit.entries(await work.db.connection(), query.since):
            lines.append(json_line(entry))
            if len(lines) == EXPORT_MAX:
                break
    return Response(b"".join(lines), headers=EXPORT_HEADERS, media_type="application/jsonl")


ROUTES = [
    # Reading is an act too, so it writes.
    route("GET", "/api/v1/audit", read, action="audit.read", transaction="write"),
    route("GET", "/api/v1/audit/export", export, action="audit.read", transaction="none"),
]
