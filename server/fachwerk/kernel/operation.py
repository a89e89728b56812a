# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How a module declares what can be asked of it: operations over HTTP and commands on the socket.

The types of bodies and answers are read from the handler's annotations, so that OpenAPI, validation
and code cannot disagree.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any, Literal, get_type_hints

import msgspec
from starlette.responses import Response

from .errors import Problem

PUBLIC = "public"
"""In place of an action: anybody may ask, signed in or not."""
SESSION = "session"
"""In place of an action: anybody signed in may ask; the answer holds only what they may see."""

Handler = Callable[..., Awaitable[Any]]
Transaction = Literal["read", "write", "none"]
Refusal = Callable[[Problem, str], Response]
"""What is said of a problem under a request id, in the form of the protocol that was spoken."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    action: what the policy is asked for (or PUBLIC, SESSION). body, query, answer: msgspec Structs or
    None; a body of bytes is read by the handler itself, as an answer of Response is written by it.
    transaction: what `call.work` is.
    """

    method: str
    path: str
    handler: Handler
    action: str
    status: int
    transaction: Transaction
    body: type[msgspec.Struct] | type[bytes] | None
    query: type[msgspec.Struct] | None
    answer: Any
    cross_origin: bool

    @property
    def name(self) -> str:
        """`module.function`, unique, for metrics and operation ids."""
        return f"{self.handler.__module__.split('.')[-2]}.{self.handler.__name__}"


def route(
    method: str,
    path: str,
    handler: Handler,
    *,
    action: str,
    status: int | None = None,
    transaction: Transaction | None = None,
    cross_origin: bool = False,
) -> Operation:
    """Declare an operation. A handler takes `call` and, by name, `body` and `query`.

    cross_origin: for machines with a credential of their own; browsers' Origin is not checked.
    """
    hints = get_type_hints(handler)
    answer = hints.get("return")
    names = signature(handler).parameters
    return Operation(
        method=method,
        path=path,
        handler=handler,
        action=action,
        status=status or (204 if answer is type(None) else 200),
        transaction=transaction or ("read" if method in {"GET", "HEAD"} else "write"),
        body=hints["body"] if "body" in names else None,
        query=hints["query"] if "query" in names else None,
        answer=None if answer is type(None) else answer,
        cross_origin=cross_origin,
    )


def writes_itself(operation: Operation) -> bool:
    """Whether the handler makes the whole response (files, redirects)."""
    return isinstance(operation.answer, type) and issubclass(operation.answer, Response)


@dataclass(frozen=True, slots=True)
class Command:
    """One command on the socket. frame: a Struct tagged by `t`. The handler takes (socket, frame)."""

    frame: type[msgspec.Struct]
    handler: Handler
    action: str


def command(handler: Handler, *, action: str) -> Command:
    """Declare a command; its frame is the type of the handler's second parameter."""
    hints = get_type_hints(handler)
    frame = hints[list(signature(handler).parameters)[1]]
    return Command(frame=frame, handler=handler, action=action)
