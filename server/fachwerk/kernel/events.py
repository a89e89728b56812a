# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Events are the only way a change leaves the transaction that made it.

Each audience (`room:ID`, `user:ID`) has its own gapless sequence, raised under the audience's row
lock at the end of the transaction. So within an audience the order of numbers is the order of
commits, and "give me all after N" cannot miss one that commits late.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What changed, in words of the past tense. Subclasses name themselves: `tag="poll.closed"`.

    The encoded bytes are stored and sent as they are, live and on resume; so an event holds what is
    equal for all who hear of it.
    """


def kind_of(event: type[Event]) -> str:
    """The name of an event on the wire, such as `poll.closed`."""
    tag = event.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


class Numbered(NamedTuple):
    """One committed event. posts: how many events that count as unread the audience had after it."""

    seq: int
    posts: int
    body: bytes


class Change(NamedTuple):
    """Where an audience stands."""

    audience: str
    seq: int
    posts: int


class Deliver(Protocol):
    """The only door to the sockets: called after the commit, in any order; what is missing is read again."""

    def __call__(self, audience: str, events: list[Numbered], /) -> None:
        """Hand on these events of one audience."""
        ...


class Signal(Protocol):
    """The way of what is not stored."""

    def __call__(self, audience: str, event: Event, /, *, wide: bool = False) -> None:
        """Hand on one signal. wide: to those too who only watch the audience."""
        ...


class EventLog(Protocol):
    """The raw reads of the hot path; one implementation per database.

    Raises ConnectionError or TimeoutError while the database is away.
    """

    async def after(self, audience: str, seq: int, limit: int) -> list[Numbered]:
        """At most `limit` events with a greater sequence, in order."""
        ...

    async def standings(self, audiences: Sequence[str]) -> list[Change]:
        """Where these audiences stand now; those to which nothing ever happened are left out."""
        ...

    async def changed_since(self, ms: int) -> list[Change]:
        """Audiences that changed at or after this time (milliseconds since the epoch)."""
        ...


class AudienceRow(SQLModel, table=True):
    """The sequence of one audience, and the lock under which it rises."""

    __tablename__ = "audience"
    name: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    posts: int = Field(default=0, sa_type=BigInteger)
    changed_ms: int = Field(sa_type=BigInteger, index=True)


class EventRow(SQLModel, table=True):
    """One event as it was and will be sent."""

    __tablename__ = "event"
    __table_args__ = {"sqlite_with_rowid": False}
    audience: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    posts: int = Field(sa_type=BigInteger)
    at_ms: int = Field(sa_type=BigInteger)
    kind: str
    body: bytes = Field(sa_type=LargeBinary)


_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """JSON bytes of a wire type."""
    return _encoder.encode(value)


def frame_text(audience: str, event: Numbered) -> bytes:
    """A durable event as the socket carries it; equal for every recipient."""
    return b'{"a":"%b","s":%d,"n":%d,"e":%b}' % (audience.encode(), event.seq, event.posts, event.body)


def signal_text(audience: str, event: Event | msgspec.Raw) -> bytes:
    """A signal as the socket carries it: no number, not stored, may be lost."""
    return b'{"a":"%b","e":%b}' % (audience.encode(), encode(event))


def by_audience(numbered: Iterable[tuple[str, Numbered]]) -> Mapping[str, list[Numbered]]:
    """Group in order of first appearance."""
    groups: dict[str, list[Numbered]] = {}
    for audience, event in numbered:
        groups.setdefault(audience, []).append(event)
    return groups
