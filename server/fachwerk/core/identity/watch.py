# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Following the provider's list of people: what changed every few seconds, everything now and then.

What is known of the past is kept by the process alone: a worker that starts reads everything, so it
needs no memory. Two workers may do the same work twice, which changes nothing.

A long list is old when its end is read: somebody may have been moved or disabled meanwhile, here already. It only says
who is otherwise; these are asked for once more, singly, and what is heard is what holds.
"""

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakValueDictionary

from prometheus_client import Counter, Gauge

from fachwerk.kernel.clock import Clock
from fachwerk.kernel.context import Context
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.log import logger

from . import accounts
from .accounts import Account, Accounts, Notice, SignedOut, Unlike
from .events import GROUP_ROOT
from .settings import IdentitySettings

RECONCILE_NOW = "identity.reconcile_now"
OVERLAP_MS = 30_000
"""What the provider notes late (a transaction that was slow) is still found."""
START_BACK_MS = 300_000
"""How far a worker that starts looks back for changes from the last one, beside reading everything."""
SINGLY = 200
"""Of more changed people at one look, only those who are in are asked for at once; the rest waits for a comparison."""
GONE_MAX_SHARE, GONE_MIN = 0.5, 20
"""If more than half of the people (and more than 20) are gone at once, it is the list that is wrong."""

READS = Counter("fachwerk_directory_reads", "Looks at the provider's list of people", ["kind", "outcome"])
READ_AT = Gauge("fachwerk_directory_read_timestamp_seconds", "When the list of people was last read", ["kind"])
CHANGED = Counter("fachwerk_directory_changes", "People whom the provider's list changed here")

log = logger("identity")


class Watch:
    """Where one process stands. accounts: None if the provider's list cannot be asked. namespace: of its people.

    unlike: who belongs elsewhere than the provider says. Changes are found by the provider's clock, never by ours: the
    two may disagree.
    """

    def __init__(self, accounts: Accounts | None, namespace: str, clock: Clock, unlike: Unlike) -> None:
        self.accounts, self.namespace, self.unlike = accounts, namespace, unlike
        self._clock = clock
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._mark_ms: int | None = None
        self._read_from_ms = 0
        self._seen: dict[str, int] = {}
        self._down = False

    def alone(self, subject: str) -> asyncio.Lock:
        """Held from asking for somebody until the answer is here: of two answers the later one stays."""
        return self._asking.setdefault(subject, asyncio.Lock())

    async def close(self) -> None:
        """Give back the connections to the provider."""
        if self.accounts:
            await self.accounts.close()

    async def fresh(self, accounts: Accounts, session_ms: int) -> list[Notice]:
        """What changed since the last time. At first: all sign-outs that a living session may have missed, too."""
        if self._mark_ms is None:
            self._read_from_ms = max(0, await accounts.noted_ms() - START_BACK_MS)
        else:
            self._read_from_ms = max(0, self._mark_ms - OVERLAP_MS)
        found = await _all(accounts.notices(self._read_from_ms))
        if self._mark_ms is None:
            earlier = accounts.notices(self._clock.now_ms() - session_ms, only_sign_outs=True)
            found = await _all(earlier) + found
        return list({notice.id: notice for notice in found if notice.id not in self._seen}.values())

    def done(self, notices: list[Notice]) -> None:
        """Remember what was obeyed, so that it is not found again."""
        self._seen |= {notice.id: notice.at_ms for notice in notices}
        self._mark_ms = max([self._mark_ms or self._read_from_ms, *self._seen.values()])
        oldest = self._mark_ms - OVERLAP_MS
        self._seen = {name: at_ms for name, at_ms in self._seen.items() if at_ms >= oldest}

    def note(self, kind: str, *, answered: bool) -> None:
        """Count a look; the first one without an answer is logged, and the first one with one again."""
        READS.labels(kind, "done" if answered else "unavailable").inc()
        if answered:
            READ_AT.labels(kind).set(self._clock.now_ms() / 1000)
        if self._down == answered:
            self._down = not answered
            if answered:
                log.info("the provider's list of people answers again")
            else:
                log.warning("the provider's list of people does not answer; who is signed in goes on", kind=kind)


def poll_s(context: Context) -> float:
    """How long to wait between two looks, in seconds."""
    return context.port(IdentitySettings).poll_s


def reconcile_s(context: Context) -> float:
    """How long to wait between two readings of everything, in seconds."""
    return context.port(IdentitySettings).reconcile_s


async def follow(context: Context, _body: dict[str, str]) -> None:
    """Take over what changed. An outage is waited out: nobody is thrown out because nobody can be asked."""
    watch, settings = context.port(Watch), context.port(IdentitySettings)
    if watch.accounts is None:
        return
    try:
        notices = await watch.fresh(watch.accounts, int(settings.session_hours * 3_600_000))
        for told in (notice.signed_out for notice in notices if notice.signed_out):
            await _sign_out(context, told)
        changed = dict.fromkeys(notice.subject for notice in notices if notice.subject)
        is_import = len(changed) > SINGLY
        if is_import:
            async with context.database.read() as work:
                active, _ = await accounts.known_subjects(work, watch.namespace)
            changed = {subject: None for subject in changed if subject in active}
        for subject in changed:
            await _ask(context, watch.accounts, subject)
    except Unavailable:
        watch.note("changes", answered=False)
        return
    if is_import or any(notice.many for notice in notices):
        async with context.database.work() as work:
            work.enqueue(RECONCILE_NOW, {})
    watch.done(notices)
    watch.note("changes", answered=True)


async def reconcile(context: Context, _body: dict[str, str]) -> None:
    """Compare everybody with the provider's list; whoever has roles, or is missing there, is asked for singly."""
    watch, places = context.port(Watch), _places(context)
    if watch.accounts is None:
        return
    async with context.database.read() as work:
        active, with_roles = await accounts.known_subjects(work, watch.namespace)
    missing = set(active)
    try:
        async for page in watch.accounts.everybody():
            missing.difference_update(account.subject for account in page)
            async with context.database.read() as work:
                new, changed = await accounts.differing(work, watch.namespace, page, watch.unlike, places=places)
            for account in filter(_belongs, new):
                if not await _take_in(context, account):
                    changed.append(account.subject)
            for subject in changed:
                await _ask(context, watch.accounts, subject)
        if not believable(known=len(active), gone=len(missing)):
            log.error("most people are missing in the provider's list; nobody was removed", missing=len(missing))
            missing.clear()
        for subject in sorted(missing | with_roles):
            await _ask(context, watch.accounts, subject)
    except Unavailable:
        watch.note("everybody", answered=False)
        return
    watch.note("everybody", answered=True)


def believable(*, known: int, gone: int) -> bool:
    """Whether so many people can have left at once; a realm that was emptied by accident must not empty us."""
    return gone <= max(GONE_MIN, GONE_MAX_SHARE * known)


async def _sign_out(context: Context, told: SignedOut) -> None:
    async with context.database.work() as work:
        ended = await accounts.sign_out(work, context.port(Watch).namespace, told)
    if ended:
        log.info("the provider ended sessions", sessions=ended)


async def _ask(context: Context, provider: Accounts, subject: str) -> None:
    """Ask for one person and take over what is heard. Raises Unavailable."""
    async with context.port(Watch).alone(subject):
        await _take_over(context, subject, await provider.account(subject))


async def _take_in(context: Context, account: Account) -> bool:
    """Know somebody who was never here. Returns whether that is still so: else they are to be asked for."""
    watch = context.port(Watch)
    async with watch.alone(account.subject):
        async with context.database.read() as work:
            if await accounts.is_known(work, watch.namespace, account.subject):
                return False
        await _take_over(context, account.subject, account)
    return True


async def _take_over(context: Context, subject: str, account: Account | None) -> None:
    """One person, one transaction: a long reading holds nobody up."""
    issuer = context.port(Watch).namespace
    async with context.database.work() as work:
        changed = await accounts.take_over(
            work, issuer, subject, account, arrives=_belongs(account), places=_places(context)
        )
    if changed:
        CHANGED.inc()


def _places(context: Context) -> bool:
    """Whether the provider's groups say where people belong of whom the system that pushes people tells."""
    return context.port(IdentitySettings).departments == "provider"


def _belongs(account: Account | None) -> bool:
    """Whether somebody who never signed in is one of the house: others may share its provider."""
    return account is not None and any(group.startswith(GROUP_ROOT) for group in account.groups)


async def _all(pages: AsyncIterator[list[Notice]]) -> list[Notice]:
    return [notice async for page in pages for notice in page]
