# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One WebSocket of one person: what it may follow and how it is written to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from fachwerk.kernel.context import Context
from fachwerk.kernel.events import encode
from fachwerk.kernel.metrics import SOCKETS_CLOSED
from fachwerk.kernel.policy import Actor, Facts
from fachwerk.kernel.ws import Transport, text_frame

from .events import Answer, Closed

T = TypeVar("T")


class Later(NamedTuple, Generic[T]):
    """An answer that is still to come. Meanwhile the socket goes on to the next command."""

    result: "asyncio.Future[T]"
    answer: Callable[[T], Answer]


class Socket:
    """One client.

    watched: audiences that the person belongs to; only these can be followed. changes: how often the
    person's place in any of them has changed since the socket came. shut: labels that their sign-in does
    not suffice for. write: takes ready frames; it is
    the transport's own method, since it is called for every delivery.

    What is heard before hello is answered waits behind that answer: the state in it is read meanwhile,
    and may be older than what is heard.
    """

    __slots__ = ("_facts", "_held", "_transport", "actor", "changes", "context", "shut", "watched", "write")

    def __init__(
        self, transport: Transport, actor: Actor, context: Context, shut: frozenset[str] = frozenset()
    ) -> None:
        self._transport, self.actor, self.context = transport, actor, context
        self.watched: set[str] = set()
        self._facts: dict[str, Facts] = {}
        self.changes = 0
        self.shut = shut
        self._held: list[bytes] = []
        self.write: Callable[[bytes], None] = self._held.append

    async def facts(self, audience: str, read: Callable[[], Awaitable[Facts]]) -> Facts:
        """What the policy needs of an audience, kept so that a command needs no query. read: asks the database."""
        found = self._facts.get(audience)
        if found is None:
            known = self.changes
            found = await read()
            if audience in self.watched and known == self.changes:  # else it may be out of date already
                self._facts[audience] = found
        return found

    def belong(self, audience: str, facts: Facts) -> None:
        """The person belongs to this audience."""
        self.watched.add(audience)
        self._facts[audience] = facts

    def forget(self, audience: str) -> None:
        """The person's place in this audience has changed."""
        self._facts.pop(audience, None)
        self.changes += 1

    def answer(self, answer: Answer) -> None:
        """Say something to this client alone."""
        self._transport.write(text_frame(encode(answer)))

    def greet(self, hello: Answer) -> None:
        """Answer the hello, then pass on what came meanwhile and, from now on, everything at once."""
        held, self._held = self._held, []
        self.write = self._transport.write
        self._transport.write_whole(b"".join((text_frame(encode(hello)), *held)))

    def tell_closed(self, audience: str, *, shut: bool = False) -> None:
        """The person lost this audience, or (shut) needs a stronger sign-in for it."""
        self.write(text_frame(encode(Closed(a=audience, shut=shut))))

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        SOCKETS_CLOSED.labels(reason).inc()
        self._transport.end(code, reason)

    def port(self, kind: type[T]) -> T:
        """The adapter or service of this type."""
        return self.context.port(kind)
