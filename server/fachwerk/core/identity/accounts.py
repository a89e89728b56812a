# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provider's own list of people: what is asked of it, and what its answers mean here.

The provider is the truth about who belongs to the house. A sign-in tells of one person at one moment;
whoever is disabled afterwards is told of by nobody, so the list is asked.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from sqlmodel import col, select

from fachwerk.kernel.db import Work

from . import service
from .attributes import Attributes
from .events import PersonDisabled, PersonReported
from .model import Person, Session


@dataclass(frozen=True, slots=True)
class Account:
    """A person as the provider has them. groups: paths, as in an ID token. roles: None if not asked for.

    attributes: of those that are taken over, all that are asked for.
    """

    subject: str
    name: str
    email: str | None
    enabled: bool
    groups: tuple[str, ...]
    roles: tuple[str, ...] | None = None
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignedOut:
    """An administrator signed somebody out: one session of the provider, all of a person, or everybody's."""

    at_ms: int
    subject: str | None = None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One change that the provider noted. id: to know it again.

    subject: whose account changed. many: it concerns people whom it does not name, such as a renamed group.
    """

    id: str
    at_ms: int
    subject: str | None = None
    signed_out: SignedOut | None = None
    many: bool = False


class Accounts(Protocol):
    """How the list is asked. Every method raises Unavailable while there is no answer that makes sense."""

    async def noted_ms(self) -> int:
        """When the list last noted a change, by its own clock (milliseconds since the epoch); 0 if never."""
        ...

    def notices(self, since_ms: int, *, only_sign_outs: bool = False) -> AsyncIterator[list[Notice]]:
        """Pages of what changed since then (milliseconds since the epoch), the oldest first."""
        ...

    async def account(self, subject: str) -> Account | None:
        """One person with their roles. None if there is no such account (any more)."""
        ...

    def everybody(self) -> AsyncIterator[list[Account]]:
        """Pages of all accounts, without roles."""
        ...

    async def close(self) -> None:
        """Give back the connections."""
        ...


async def known_subjects(work: Work, issuer: str) -> tuple[set[str], set[str]]:
    """(active people of this provider, those of them who have roles), by subject."""
    found = await work.db.exec(
        select(Person.subject, Person.roles).where(col(Person.issuer) == issuer, col(Person.active).is_(True))
    )
    rows = found.all()
    return {subject for subject, _ in rows}, {subject for subject, roles in rows if roles}


async def take_over(
    work: Work, issuer: str, subject: str, account: Account | None, *, arrives: bool, places: bool = True
) -> bool:
    """Make a person what the provider says of them now. Returns whether anything changed here.

    account: None for one that is gone there. arrives: people who were never here are taken in. places: whether
    its groups say where somebody belongs of whom the system that pushes people tells, too.
    """
    known = await service.person_of(work, issuer, subject)
    if account is None or not account.enabled:
        return known is not None and await _disable(work, known, account)
    if known is None and not arrives:
        return False
    roles = account.roles if account.roles is not None else (known.roles if known else ())
    before = (known.roles, known.email) if known else None
    who, changed = await service.upsert(work, issuer, subject, account.name, account.email, roles)
    enabled = await settle(work, who, enabled=True)
    if not who.barred:
        groups = account.groups if places or not who.pushed else None
        work.announce(
            PersonReported(
                person_id=who.id, groups=groups, changed=changed or enabled, attributes=dict(account.attributes)
            )
        )
    return changed or enabled or before != (who.roles, who.email)


async def sign_out(work: Work, issuer: str, told: SignedOut) -> int:
    """End the sessions that the provider ended; not those that were begun since. Returns how many."""
    before = col(Session.created_ms) <= told.at_ms
    return await service.end_sessions_of_provider(work, issuer, subject=told.subject, sid=told.sid, which=before)


async def _disable(work: Work, who: Person, account: Account | None) -> bool:
    """Keep somebody out from now on. Their departments stay theirs unless they left for good (None)."""
    was_active = await settle(work, who, enabled=False)
    if account is None:
        work.announce(PersonReported(person_id=who.id, groups=(), changed=False, left=True))
    elif account.attributes:
        attributes = dict(account.attributes)
        work.announce(PersonReported(person_id=who.id, groups=None, changed=False, attributes=attributes))
    return was_active


async def settle(work: Work, who: Person, *, enabled: bool | None = None, barred: bool | None = None) -> bool:
    """Let somebody in, or keep them out, by what is said of them. Returns whether that is a change.

    enabled, barred: what is said now, None for nothing. Both may be said at the same time by two who do not know of
    each other, so what is new is held against the other word as it stands.
    """
    if enabled not in {None, who.enabled} or barred not in {None, who.barred}:
        await work.db.refresh(who, ["active", "enabled", "barred"], with_for_update={"key_share": True})
        who.enabled = who.enabled if enabled is None else enabled
        who.barred = who.barred if barred is None else barred
    work.db.add(who)
    active = who.enabled and not who.barred
    if active == who.active:
        return False
    who.active = active
    if active:
        work.audit(who.id, "person.enable", who.id)
    else:
        work.audit(who.id, "person.disable", who.id)
        await service.end_sessions(work, who.id)
        work.announce(PersonDisabled(person_id=who.id))
    return True
