# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provider's own list of people: what is asked of it, and what its answers mean here.

The provider is the truth about who belongs to the house. A sign-in tells of one person at one moment;
whoever is disabled afterwards is told of by nobody, so the list is asked.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
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


async def is_known(work: Work, issuer: str, subject: str) -> bool:
    """Whether somebody was ever here."""
    return await service.person_of(work, issuer, subject) is not None


class Unlike(Protocol):
    """Where the house itself is asked."""

    async def __call__(
        self, work: Work, groups: Mapping[str, Collection[str]], attributes: Mapping[str, Attributes]
    ) -> Collection[str]:
        """Of these people, by id, with what the provider says of them: those of whom something else is known here."""
        ...


async def differing(
    work: Work, issuer: str, page: Sequence[Account], unlike: Unlike, *, places: bool
) -> tuple[list[Account], list[str]]:
    """(accounts of people who were never here, subjects of people who are otherwise here than in this list).

    A fixed number of queries for a page. places: as for `take_over`.
    """
    subjects = [account.subject for account in page]
    chosen = select(Person).where(col(Person.issuer) == issuer, col(Person.subject).in_(subjects))
    known = {who.subject: who for who in await work.db.exec(chosen)}
    told = [(who, account) for account in page if (who := known.get(account.subject)) and not who.barred]
    groups = {who.id: account.groups for who, account in told if places or not who.pushed}
    otherwise = await unlike(work, groups, {who.id: account.attributes for who, account in told})
    changed = [
        account.subject
        for account in page
        if (who := known.get(account.subject)) and (who.id in otherwise or _is_otherwise(who, account))
    ]
    return [account for account in page if account.enabled and account.subject not in known], changed


def _is_otherwise(who: Person, account: Account) -> bool:
    if who.enabled != account.enabled:
        return True
    told = (service.person_name(account.name, account.subject), account.email)
    return account.enabled and not who.pushed and told != (who.name, who.email)


async def take_over(
    work: Work, issuer: str, subject: str, account: Account | None, *, arrives: bool, places: bool = True
) -> bool:
    """Make a person what the provider says of them now. Returns whether anything changed here.

    account: None for one that is gone there. arrives: people who were never here are taken in. places: whether
    its groups say where somebody belongs of whom the system that pushes people tells, too.
    """
    known = await service.person_of(work, issuer, subject)
    if known is None and (account is None or not account.enabled or not arrives):
        return False
    if account is None or not account.enabled:
        assert known, "looked at before"
        was_active = await settle(work, known, enabled=False)
        if account is None:
            work.announce(PersonReported(person_id=known.id, groups=(), changed=False, left=True))
        else:
            _report(work, known, account, places=places, changed=False)
        return was_active
    roles = account.roles if account.roles is not None else (known.roles if known else ())
    before = (known.roles, known.email) if known else None
    who, changed = await service.upsert(work, issuer, subject, account.name, account.email, roles)
    enabled = await settle(work, who, enabled=True)
    _report(work, who, account, places=places, changed=changed or enabled)
    return changed or enabled or before != (who.roles, who.email)


async def sign_out(work: Work, issuer: str, told: SignedOut) -> int:
    """End the sessions that the provider ended; not those that were begun since. Returns how many."""
    before = col(Session.created_ms) <= told.at_ms
    return await service.end_sessions_of_provider(work, issuer, subject=told.subject, sid=told.sid, which=before)


def _report(work: Work, who: Person, account: Account, *, places: bool, changed: bool) -> None:
    """Tell where the provider has somebody. Who is disabled keeps what it leaves them, and no more."""
    if not who.barred:
        groups = account.groups if places or not who.pushed else None
        attributes = dict(account.attributes)
        work.announce(PersonReported(person_id=who.id, groups=groups, changed=changed, attributes=attributes))


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
