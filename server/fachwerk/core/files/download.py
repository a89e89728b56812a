# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A file's bytes as an answer: whole, one range, or nothing new (RFC 9110, sections 13 and 14)."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Send

from fachwerk.kernel.db import is_outage
from fachwerk.kernel.errors import Internal, Problem, Unavailable
from fachwerk.kernel.log import logger

from .guard import Guard
from .media_types import INLINE, UNKNOWN
from .metrics import BYTES_OUT, DOWNLOADS_ENDED, SENDING
from .model import FileRow
from .names import content_disposition
from .reading import plain
from .rules import Span, one_range
from .service import Content
from .store import FileStore

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # may be kept, must be asked for again: rights end
    "Accept-Ranges": "bytes",
}


log = logger("files")


def answer(request: Request, content: Content, store: FileStore, guard: Guard) -> Response:
    """What GET or HEAD on a file's content gets."""
    file = content.file
    headers = SAFE_HEADERS | {"ETag": _etag(file)}
    if _known(request.headers, file):
        return Response(status_code=304, headers=headers)
    kind = file.media_type if file.media_type in INLINE else UNKNOWN
    headers["Content-Disposition"] = content_disposition("inline" if kind in INLINE else "attachment", file.name)
    span = _asked(request, file)
    start, end = span or (0, file.size_bytes)
    headers["Content-Length"] = str(end - start)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size_bytes}"
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=kind)
    return Download(
        _pieces(store, content, Span(start, end), guard), status, headers, kind, store.settings.download_idle_s
    )


class ReaderStalled(Problem):
    """Nobody learns of it but the metrics."""

    slug, title, status = "reader-stalled", "The download was not read for too long", 408


class Download(StreamingResponse):
    """A stream that breaks off, visibly, when the reader stalls or when its right or the store goes away."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], status: int, headers: Mapping[str, str], kind: str, idle_s: float
    ) -> None:
        super().__init__(pieces, status, headers, kind)
        self._pieces, self._idle_s = pieces, idle_s

    async def stream_response(self, send: Send) -> None:
        """Send all of it, or return without the end: the server then closes the connection."""

        async def patiently(message: Message) -> None:
            try:
                async with asyncio.timeout(self._idle_s):
                    await send(message)
            except TimeoutError as error:
                raise ReaderStalled from error

        async with aclosing(self._pieces):
            try:
                await super().stream_response(patiently)
            except Problem as problem:
                DOWNLOADS_ENDED.labels(problem.slug).inc()
                if problem.status >= Internal.status:
                    log.error("download broke off", problem=problem.slug)
            except Exception as error:
                if not is_outage(error):
                    raise
                DOWNLOADS_ENDED.labels(Unavailable.slug).inc()


async def _pieces(store: FileStore, content: Content, span: Span, guard: Guard) -> AsyncGenerator[bytes]:
    with SENDING.track_inprogress():
        async with aclosing(plain(store.blobs, content.key, content.parts, span.start, span.end)) as pieces:
            async for piece in pieces:
                await guard.after(len(piece))
                BYTES_OUT.inc(len(piece))
                yield piece


def _etag(file: FileRow) -> str:
    return f'"{file.sha256}"'


def _known(headers: Headers, file: FileRow) -> bool:
    """Whether the client has it already (RFC 9110, section 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in headers.get("if-none-match", "").split(",")}
    return "*" in tags or _etag(file) in tags


def _asked(request: Request, file: FileRow) -> Span | None:
    """The one range, unless the client has another file's beginning (RFC 9110, section 13.1.5)."""
    if request.headers.get("if-range", _etag(file)) != _etag(file):
        return None
    return one_range(request.headers.get("range"), file.size_bytes)
