# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a module hands to the application. Everything is optional but the name."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .db import Listener, Work
from .events import Event
from .jobs import Job, Repeat
from .operation import Command, Operation, Refusal
from .personal import Records
from .policy import Actor, Facts, Rule
from .wire import Wire

if TYPE_CHECKING:
    from .context import Context


class Received(NamedTuple):
    """An event as a client meets it. seq and posts are 0 for a signal. me: whose client it is."""

    audience: str
    seq: int
    posts: int
    event: Event
    me: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a client sees of a module on arriving, and how each event changes that.

    load: (work, actor, id of the audience's thing) -> a Struct or builtins. apply: pure, the same as
    the client's reducer; the tests hold the two against each other.
    """

    load: Callable[[Work, Actor, str], Awaitable[Any]]
    apply: Callable[[Any, Received], Any]


class Copy(Wire):
    """Somebody outside who keeps what was in a room. current: they still receive what is new."""

    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class DepartmentPolicy:
    """What departments decide for their rooms. values: the widest first, which holds where nothing is set.

    reached: how many rooms go how far as they are now, by their department (None for none) and the value.
    """

    name: str
    values: tuple[str, ...]
    reached: Callable[[Work], Awaitable[Mapping[tuple[str | None, str], int]]]

    def is_wider(self, value: str, than: str) -> bool:
        """Whether the one allows more than the other."""
        return self.values.index(value) < self.values.index(than)


@dataclass(frozen=True, slots=True)
class Module:
    """The list of what a module is made of.

    events: all that its clients may meet, signals included. snapshots: by kind of audience ("user",
    "room"). watch: the audiences a person belongs to, each with what the policy needs of it. annotate:
    what the module adds to things of another one, by their ids. on: reactions to events of other
    modules, in the same transaction. copies: who outside keeps what is in a room, by its id. policies:
    those that it follows. personal: what it keeps about a person, by kind. refusals: how is refused below
    a path where a protocol has a form of its own. jobs, repeats: background work. lifespan: what must run
    beside the server.
    """

    name: str
    routes: Sequence[Operation] = ()
    commands: Sequence[Command] = ()
    rules: Sequence[Rule] = ()
    events: Sequence[type[Event]] = ()
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    watch: Callable[[Work, Actor], Awaitable[Mapping[str, Facts]]] | None = None
    annotate: Callable[[Work, Actor, list[str]], Awaitable[dict[str, Any]]] | None = None
    copies: Callable[[Work, str], Awaitable[list[Copy]]] | None = None
    policies: Sequence[DepartmentPolicy] = ()
    personal: Mapping[str, Records] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    on: Mapping[type[Event], Listener] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    repeats: Mapping[str, Repeat] = field(default_factory=dict)
    lifespan: Callable[["Context"], AbstractAsyncContextManager[None]] | None = None
