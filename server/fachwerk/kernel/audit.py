# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The audit trail: who did what to whom, written in the transaction of the act itself.

It records acts of power (roles, memberships, removals, sign-ins), never what people wrote. Each entry
holds the hash of the one before it, so that nobody can change, remove or move one without breaking all
that follow (docs/decisions/0017-audit-chain.md).
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import JSON, BigInteger, Index, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from .clock import rfc3339
from .metrics import AUDITED, SEAL_SECONDS

OPERATOR = "operator"
"""In place of a person: who runs commands on the server."""
WORD = re.compile(r"[A-Za-z0-9_.:\[\]+ -]{0,256}")
"""What a detail is made of: ids, kinds, names of servers. It does not fit most of what people write, nor an address."""
BATCH = 1_000
"""Entries read at once: what a walk through the trail keeps in memory."""


class AuditRow(SQLModel, table=True):
    """One act. action: as in the policy table. subject: the id it was done to. detail: ids and words, no content.

    number, hash: the place in the chain. None for an act of the release before the chain that nobody has chained yet.
    The database itself refuses to change or remove a row that has a place.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_number", "number", unique=True),
        Index("ix_audit_time", "at_ms", "number"),
        Index("ix_audit_actor", "actor_id", "at_ms", "number"),
        Index("ix_audit_action", "action", "at_ms", "number"),
        Index("ix_audit_subject", "subject", "at_ms", "number"),
    )
    id: str = Field(primary_key=True)
    at_ms: int = Field(sa_type=BigInteger)
    actor_id: str
    action: str
    subject: str
    detail: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    number: int | None = Field(default=None, sa_type=BigInteger)
    hash: str | None = Field(default=None, max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of the chain, in one row, and the lock under which the chain grows."""

    __tablename__ = "audit_head"
    id: int = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)
    hash: str = Field(max_length=64)


ROWS, HEAD = (SQLModel.metadata.tables[str(table.__tablename__)] for table in (AuditRow, AuditHead))
SAID = ROWS.c["id", "at_ms", "actor_id", "action", "subject", "detail"]


class Act(NamedTuple):
    """What an entry says, before it has a place."""

    id: str
    at_ms: int
    actor: str
    action: str
    subject: str
    detail: dict[str, str]


class Head(NamedTuple):
    """A place in the chain: the number and hash of an entry."""

    number: int
    hash: str


GENESIS = Head(0, "0" * 64)
"""What the first entry follows."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An act in its place. previous, hash: SHA-256 as hex, of the entry before and of this one."""

    number: int
    id: str
    at: str
    actor: str
    action: str
    subject: str
    detail: dict[str, str]
    previous: str
    hash: str = ""

    @property
    def digest(self) -> str:
        """What `hash` must be: SHA-256 of the entry without it, as canonical JSON (RFC 8785).

        Of strings and whole numbers Python's encoder makes that form by itself.
        """
        said = {name: getattr(self, name) for name in self.__struct_fields__ if name != "hash"}
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(canonical.encode(errors="surrogatepass")).hexdigest()


def chained(act: Act, head: Head) -> Entry:
    """The entry for an act that follows this one."""
    entry = Entry(
        number=head.number + 1,
        id=act.id,
        at=_time(act.at_ms),
        actor=act.actor,
        action=act.action,
        subject=act.subject,
        detail=act.detail,
        previous=head.hash,
    )
    return msgspec.structs.replace(entry, hash=entry.digest)


def _time(at_ms: int) -> str:
    # A time that we never wrote must be found to be wrong, not end the search.
    with suppress(TypeError, ValueError, OverflowError, OSError):
        return rfc3339(at_ms)
    return str(at_ms)


# ---- writing


async def seal(connection: AsyncConnection, acts: Sequence[Act]) -> None:
    """Give these acts their places, as the last thing of a transaction: the lock is held until its commit.

    Two statements beside the insertion, however many acts.
    """
    with SEAL_SECONDS.time():
        head, rows = await _locked(connection), []
        for act in acts:
            entry = chained(act, head)
            head = Head(entry.number, entry.hash)
            rows.append(dict(zip(SAID.keys(), act, strict=True)) | head._asdict())
        await connection.execute(ROWS.insert(), rows)
        await _move(connection, head)
    for act in acts:
        AUDITED.labels(act.action).inc()


async def chain_rest(connection: AsyncConnection) -> int:
    """Chain what a release without the chain has written beside this one; at most BATCH acts. Returns how many."""
    waiting = select(*SAID).where(ROWS.c.number.is_(None)).order_by(ROWS.c.at_ms, ROWS.c.id).limit(BATCH)
    if (await connection.execute(waiting.limit(1))).first() is None:
        return 0  # without holding up those who audit
    head = await _locked(connection)
    acts = [Act(*row) for row in (await connection.execute(waiting)).all()]
    for act in acts:
        entry = chained(act, head)
        head = Head(entry.number, entry.hash)
        await connection.execute(ROWS.update().where(ROWS.c.id == act.id).values(**head._asdict()))
    if acts:
        await _move(connection, head)
    return len(acts)


async def _locked(connection: AsyncConnection) -> Head:
    # Whoever waits here has all other locks that it shares with those who audit, so nobody waits in a circle.
    return Head(*(await connection.execute(select(HEAD.c.number, HEAD.c.hash).with_for_update())).one())


async def _move(connection: AsyncConnection, head: Head) -> None:
    await connection.execute(HEAD.update().values(**head._asdict()))


# ---- reading


async def head_of(connection: AsyncConnection) -> Head:
    """Where the chain ends, as the database says it."""
    return Head(*(await connection.execute(select(HEAD.c.number, HEAD.c.hash))).one())


async def unchained(connection: AsyncConnection) -> int:
    """How many acts of a release without the chain still wait for their place."""
    count = select(func.count()).select_from(ROWS).where(ROWS.c.number.is_(None))
    return int((await connection.execute(count)).scalar_one())


async def entries(connection: AsyncConnection, after: int = 0) -> AsyncIterator[Entry]:
    """The trail in order of number, behind this one; a batch at a time, as the rows say it, right or wrong."""
    before = select(ROWS.c.hash).where(ROWS.c.number == after)
    previous = (await connection.execute(before)).scalar() or GENESIS.hash
    # The detail as text: what we have not written may not even be JSON, and must not end the search.
    said = ROWS.c["number", "hash", "id", "at_ms", "actor_id", "action", "subject"]
    while True:
        chosen = select(*said, cast(ROWS.c.detail, Text)).where(ROWS.c.number > after)
        rows: Sequence[Any] = (await connection.execute(chosen.order_by(ROWS.c.number).limit(BATCH))).all()
        for number, hash_, id_, at_ms, actor, action, subject, detail in rows:
            yield Entry(
                number=number,
                id=id_,
                at=_time(at_ms),
                actor=actor,
                action=action,
                subject=subject,
                detail=_detail(detail),
                previous=previous,
                hash=hash_ or "",
            )
            previous = hash_ or ""
        if len(rows) < BATCH:
            return
        after = rows[-1].number


_details = msgspec.json.Decoder(dict[str, str])


def _detail(raw: str) -> dict[str, str]:
    try:
        return _details.decode(raw)
    except msgspec.DecodeError:
        return {"unreadable": raw}


# ---- verifying

Why = Literal["changed", "removed", "order", "added", "unreadable"]


@dataclass(frozen=True, slots=True)
class Fault:
    """number: the first place at which the chain does not hold, and why."""

    number: int
    why: Why


class Checked(NamedTuple):
    """last: the last entry up to which the chain holds. fault: None if all of it does."""

    last: Head
    fault: Fault | None


async def check(trail: AsyncIterator[Entry | None], *, start: Head = GENESIS, noted: Head | None = None) -> Checked:
    """Walk a trail that follows `start`, one entry at a time; None is one that cannot be read.

    noted: an entry behind `start` as somebody kept it elsewhere; it must be there, and be the same.
    """
    last = start
    async for entry in trail:
        if entry is None:
            return Checked(last, Fault(last.number + 1, "unreadable"))
        if (entry.number, entry.previous, entry.hash) != (last.number + 1, last.hash, entry.digest):
            return Checked(last, Fault(last.number + 1, await _why(entry, trail, last)))
        last = Head(entry.number, entry.hash)
        if noted and noted.number == last.number and noted.hash != last.hash:
            return Checked(last, Fault(last.number, "changed"))
    if noted and noted.number > last.number:
        return Checked(last, Fault(last.number + 1, "removed"))
    return Checked(last, None)


async def _why(entry: Entry, rest: AsyncIterator[Entry | None], last: Head) -> Why:
    """What happened at the place behind `last`, where `entry` is found: the one that belongs there may stand later."""
    if entry.number != last.number + 1 and _belongs(entry, last):
        return "order"
    async for other in rest:
        if other and _belongs(other, last):
            return "order"
    if entry.number == last.number + 1:
        return "changed"
    return "removed" if entry.number > last.number else "order"


def _belongs(entry: Entry, last: Head) -> bool:
    here = msgspec.structs.replace(entry, number=last.number + 1, previous=last.hash)
    return here.digest == entry.hash


def against_head(checked: Checked, head: Head) -> Checked:
    """Hold a walk through the database's own trail against where the database says that it ends."""
    last = checked.last
    if checked.fault or last == head:
        return checked
    if last.number == head.number:
        return Checked(last, Fault(last.number, "changed"))
    return Checked(last, Fault(min(last.number, head.number) + 1, "removed" if last.number < head.number else "added"))
