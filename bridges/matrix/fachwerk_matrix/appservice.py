# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Where the homeserver brings events: it stores a transaction, answers, and thinks later.

Whatever is wrong with an event is found out by those who take it. A transaction that is refused here would come again
and again and hold up everything behind it, so one that cannot be read is kept aside and counts as received.
"""

import hmac
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .intake import Intake
from .metrics import TRANSACTIONS

BODY_MAX_BYTES = 32 * 1024 * 1024
"""A transaction is at most 100 events of 64 KiB, and what the homeserver adds to them."""
TXN_ID_CHARS = 255

log = structlog.get_logger(part="appservice")


class Batch(msgspec.Struct):
    """A transaction (Application Service API, "Pushing events"); what else it may hold does not concern us."""

    events: list[msgspec.Raw] = []


class AppService:
    """The endpoint. report: what operators ask, (is everything there, name -> state)."""

    def __init__(
        self, hs_token: str, intake: Intake, report: Callable[[], Awaitable[tuple[bool, dict[str, str]]]]
    ) -> None:
        self._expected = f"Bearer {hs_token}".encode()
        self._intake, self._report = intake, report

    def app(self) -> Starlette:
        """The ASGI application, with what operators ask beside it."""
        return Starlette(
            routes=[
                Route("/_matrix/app/v1/transactions/{txn}", self._transaction, methods=["PUT"]),
                Route("/_matrix/app/v1/users/{name:path}", self._unknown),
                Route("/_matrix/app/v1/rooms/{name:path}", self._unknown),
                Route("/_matrix/app/v1/ping", self._ping, methods=["POST"]),
                Route("/healthz", _alive),
                Route("/readyz", self._ready),
                Route("/metrics", _metrics),
            ]
        )

    def _is_homeserver(self, request: Request) -> bool:
        shown = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(shown, self._expected)

    async def _transaction(self, request: Request) -> Response:
        if not self._is_homeserver(request):
            TRANSACTIONS.labels("forbidden").inc()
            return _error("M_FORBIDDEN", 403)
        txn_id = str(request.path_params["txn"])
        if len(txn_id) > TXN_ID_CHARS:
            return _error("M_INVALID_PARAM", 400)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _error("M_UNKNOWN", 400)
        if body is None:
            TRANSACTIONS.labels("too_large").inc()
            return _error("M_TOO_LARGE", 413)
        try:
            events = msgspec.json.decode(body, type=Batch).events
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            log.warning("transaction set aside", reason=type(error).__name__, size_bytes=len(body))
            TRANSACTIONS.labels("aside").inc()
            await self._intake.set_aside(txn_id, body)
            return JSONResponse({})
        await self._intake.store(events)
        TRANSACTIONS.labels("stored").inc()
        return JSONResponse({})

    async def _ping(self, request: Request) -> Response:
        return JSONResponse({}) if self._is_homeserver(request) else _error("M_FORBIDDEN", 403)

    async def _unknown(self, request: Request) -> Response:
        """Our users and rooms are made by us; there are no others."""
        return _error("M_NOT_FOUND", 404) if self._is_homeserver(request) else _error("M_FORBIDDEN", 403)

    async def _ready(self, _request: Request) -> Response:
        ready, state = await self._report()
        return JSONResponse(state, 200 if ready else 503)


async def _body(request: Request) -> bytes | None:
    """The request's body; None when it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_MAX_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _error(code: str, status: int) -> Response:
    return JSONResponse({"errcode": code, "error": code}, status)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
