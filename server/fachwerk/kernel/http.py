# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The thin seam between Starlette and the services: one way for every operation.

Order: request id, Origin (RFC 6454) on whatever changes something, session, rate limit, body, unit of
work, answer. What is refused becomes a problem (RFC 9457), or what the path's own protocol has for it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route

from . import errors
from .context import Context
from .db import Work, is_outage, outage, worth_a_retry
from .events import encode
from .fields import convert_query, decode
from .ids import is_id, new_id
from .log import logger
from .metrics import REFUSALS, REQUEST_SECONDS, REQUESTS
from .operation import PUBLIC, Operation, Refusal, writes_itself
from .policy import Actor, Policy

T = TypeVar("T")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ATTEMPTS = 3
"""How often a transaction is tried that lost against another one."""
NOBODY = Actor(id="")
CLIENT_GONE = 499
"""Noted for a client that hung up in the middle of its request; nobody receives it."""

log = logger("http")


class Call:
    """What a handler gets: the request, who asks, the transaction, the policy.

    headers: further ones of the answer, for a handler that does not write the whole response itself.
    """

    __slots__ = ("_work", "actor", "context", "headers", "request")

    def __init__(self, request: Request, actor: Actor, work: Work | None, context: Context) -> None:
        self.request, self.actor, self.context = request, actor, context
        self.headers: dict[str, str] = {}
        self._work = work

    @property
    def work(self) -> Work:
        """The unit of work of this call; absent where the route said `transaction="none"`."""
        assert self._work is not None, "this route has no transaction of its own"
        return self._work

    @property
    def policy(self) -> Policy:
        """The table that decides."""
        return self.context.policy

    def port(self, kind: type[T]) -> T:
        """The adapter or service of this type."""
        return self.context.port(kind)

    def id(self, name: str) -> str:
        """An identifier from the path. Raises NotFound when it cannot be one."""
        value = str(self.request.path_params[name])
        if not is_id(value):
            raise errors.NotFound
        return value


def routes(context: Context) -> list[Route]:
    """One Starlette route per operation of every module."""
    return [
        Route(op.path, _endpoint(context, op), methods=[op.method], name=op.name)
        for module in context.modules
        for op in module.routes
    ]


def _endpoint(context: Context, operation: Operation) -> Any:
    async def endpoint(request: Request) -> Response:
        request_id = new_id()
        request.state.request_id = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with REQUEST_SECONDS.labels(operation.name).time():
                response = await _answer(context, operation, request)
        except ClientDisconnect:
            response = Response(status_code=CLIENT_GONE)
        except Exception as error:  # noqa: BLE001 -- every way out of a handler ends in one form
            response = refusal(context, request, error)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
        REQUESTS.labels(operation.name, str(response.status_code)).inc()
        return response

    return endpoint


async def _answer(context: Context, operation: Operation, request: Request) -> Response:
    if operation.method not in SAFE and not operation.cross_origin:
        require_origin(context, request)
    actor = await context.authenticate(request)
    if actor is None and operation.action != PUBLIC:
        raise errors.NotSignedIn
    if actor and actor.only is not None and operation.action not in {PUBLIC, *actor.only}:
        raise errors.Forbidden(action=operation.action)  # machines and guests do what they are let in for
    if actor:
        context.policy.require_strength(actor, operation.action)
    caller = actor.id if actor else (request.client.host if request.client else "")
    context.requests.take(caller, actor.cost if actor else 1.0)
    arguments: dict[str, Any] = {}
    if operation.body:
        raw = await read_body(request, context.body_max_bytes)
        arguments["body"] = raw if operation.body is bytes else decode(operation.body, raw)
    if operation.query:
        arguments["query"] = convert_query(operation.query, request.query_params.multi_items())
    result, headers = await _run(context, operation, request, actor or NOBODY, arguments)
    if writes_itself(operation):
        assert isinstance(result, Response)
        return result
    if operation.answer is None:
        return Response(status_code=operation.status, headers=headers)
    return Response(encode(result), operation.status, headers, media_type="application/json")


async def _run(
    context: Context, operation: Operation, request: Request, actor: Actor, arguments: Mapping[str, Any]
) -> tuple[Any, dict[str, str]]:
    """Run the handler in its transaction; one that only lost a race runs again."""
    attempt = 1
    while True:
        try:
            async with _transaction(context, operation) as work:
                call = Call(request, actor, work, context)
                return await operation.handler(call, **arguments), call.headers
        except DBAPIError as error:
            if attempt == ATTEMPTS or not worth_a_retry(error):
                raise
            attempt += 1


@asynccontextmanager
async def _transaction(context: Context, operation: Operation) -> AsyncIterator[Work | None]:
    if operation.transaction == "none":
        yield None
    elif operation.transaction == "read":
        async with context.database.read() as work:
            yield work
    else:
        async with context.database.work() as work:
            yield work


def require_origin(context: Context, connection: HTTPConnection) -> None:
    """Refuse what a foreign page makes a browser send. Raises Forbidden.

    A browser sends Origin with every request that can change something and with every WebSocket
    handshake; a request without one is refused too, since nothing else has our cookie. Only a machine
    that shows a token of its own and no cookie needs none.
    """
    headers = connection.headers
    if bearer_token(connection) is not None and "cookie" not in headers and "origin" not in headers:
        return
    if headers.get("origin") not in context.origins:
        raise errors.Forbidden("The request does not come from this site.")


def bearer_token(connection: HTTPConnection) -> str | None:
    """The credential of a machine (RFC 6750, section 2.1); None without one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The whole body, never more than `max_bytes` of it. Raises TooLarge."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise errors.TooLarge(limit_bytes=max_bytes)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > max_bytes:
            raise errors.TooLarge(limit_bytes=max_bytes)
        parts.append(part)
    return b"".join(parts)


def refusal(context: Context, request: Request, error: Exception) -> Response:
    """Any exception as a response: problems as they are, outages as 503, bugs as 500 with a log line."""
    if isinstance(error, errors.Problem):
        problem = error
    elif is_outage(error):
        log.error("database away", error=type(error).__name__)
        problem = outage()
    else:
        log.error("request failed", exc_info=error)
        problem = errors.Internal()
    REFUSALS.labels(problem.slug).inc()
    response = _form(context, request.url.path)(problem, getattr(request.state, "request_id", ""))
    response.headers.update({"Cache-Control": "no-store"} | problem.headers)
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


def _form(context: Context, path: str) -> Refusal:
    """How is refused here."""
    forms = (form for module in context.modules for below, form in module.refusals.items() if path.startswith(below))
    return next(forms, _problem_details)


def _problem_details(problem: errors.Problem, request_id: str) -> Response:
    return Response(encode(problem.document(request_id)), problem.status, media_type="application/problem+json")


def starlette_refusals(context: Context) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Starlette's own refusals (no such path, wrong method) in our form."""
    by_status: Mapping[int, type[errors.Problem]] = {404: errors.NotFound, 405: errors.MethodNotAllowed}

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = refusal(context, request, by_status.get(error.status_code, errors.BadRequest)())
        response.headers.update(error.headers or {})
        return response

    return refuse
