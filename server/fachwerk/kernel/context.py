# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the composition root has put together, for those who serve requests and sockets."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from starlette.requests import HTTPConnection

from .clock import Clock
from .db import Database
from .ids import Ids
from .limits import RateLimit
from .module import Module
from .policy import Actor, Policy

T = TypeVar("T")
Authenticate = Callable[[HTTPConnection], Awaitable[Actor | None]]


@dataclass(slots=True)
class Context:
    """One installation at run time.

    origins: the web origins from which browsers may change things. ports: adapters and services by
    their type, chosen in `app.py`. extras: one nested settings object per module, by its type.
    """

    clock: Clock
    ids: Ids
    database: Database
    policy: Policy
    modules: tuple[Module, ...]
    authenticate: Authenticate
    requests: RateLimit
    origins: frozenset[str]
    body_max_bytes: int
    ports: Mapping[type[Any], Any] = field(default_factory=dict)

    def port(self, kind: type[T]) -> T:
        """The adapter or service of this type. One that nobody composed is a bug (KeyError)."""
        return cast("T", self.ports[kind])
