# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Verbs of provisioning: plan, apply, resume, undo, export. Each opens its own transactions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from fachwerk.core.identity import Realm
from fachwerk.kernel.audit import OPERATOR
from fachwerk.kernel.db import Database

from . import house, stored
from .execute import carry_out, leased
from .grouptree import org_of_groups
from .org import Org
from .plan import Plan, PlanRefused, compare, undo
from .state import State
from .stored import Busy, Stored
from .words import say

LONG_S = stored.LEASE_S + 10.0
"""So long `resume` waits for an apply that shows no sign of life any more."""
POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class Office:
    """What a command works with. issuer: whose people are meant. holder: a name for this process alone."""

    database: Database
    realm: Realm
    issuer: str
    holder: str

    async def state(self) -> State:
        """What there is now, in the house and at the provider."""
        groups = await asyncio.to_thread(self.realm.groups)
        accounts = await asyncio.to_thread(self.realm.accounts)
        async with self.database.read() as work:
            return await house.state_of(work, self.issuer, groups, accounts)

    async def plan(self, org: Org, *, complete: bool) -> tuple[Plan, State]:
        """What would be done, and what there is."""
        await self.require_none_open()
        state = await self.state()
        return compare(org, state, self.database.ids, complete=complete), state

    async def plan_of_groups(self, path: str, *, complete: bool) -> tuple[Plan, State]:
        """As `plan`, for what the provider's groups below one ask for. Raises OrgRefused, too."""
        await self.require_none_open()
        groups = await asyncio.to_thread(self.realm.tree, path)
        state = await self.state()
        return compare(org_of_groups(groups, state), state, self.database.ids, complete=complete), state

    async def plan_undo(self, number: int, *, force: bool) -> tuple[Plan, State]:
        """What would take a plan back, and what there is. Raises PlanRefused."""
        async with self.database.read() as work:
            row = await stored.by_number(work, number)
            steps = await stored.steps_of(work, number)
            newest = await stored.unfinished(work)
        if row is None:
            raise PlanRefused(say("no_plan", number=number))
        if row.issuer != self.issuer:
            raise PlanRefused(say("other_issuer", number=number, issuer=row.issuer))
        if newest is not None and newest.number != number:
            raise PlanRefused(say("unfinished", number=newest.number))
        state = await self.state()
        return undo(steps, state, force=force), state

    async def apply(self, made: Plan, source: str, told: Callable[[int], None], *, undoes: int | None = None) -> int:
        """Keep a plan and carry it out. Returns its number. Raises Busy, RealmRefused, PlanRefused."""
        async with leased(self.database, self.holder):
            async with self.database.work() as work:
                left = await stored.unfinished(work)
                if left is not None and left.number != undoes:
                    raise PlanRefused(say("unfinished", number=left.number))
                if left is not None:
                    await stored.end(work, left.number)
                number = await stored.store(work, source, self.issuer, made.steps, undoes=undoes)
                work.audit(OPERATOR, "org.apply", str(number), undoes=str(undoes or ""))
            await carry_out(self.database, self.realm, self.issuer, number, self.holder, told)
        return number

    async def resume(self, told: Callable[[int], None]) -> int | None:
        """Do what an interrupted apply left. Returns its number, None if nothing is left. Raises as `apply`.

        Waits until the lease of who was interrupted has run out.
        """
        async with self.database.read() as work:
            left = await stored.unfinished(work)
        if left is None:
            return None
        if left.issuer != self.issuer:
            raise PlanRefused(say("other_issuer", number=left.number, issuer=left.issuer))
        await self._wait_until_free()
        async with leased(self.database, self.holder):
            await carry_out(self.database, self.realm, self.issuer, left.number, self.holder, told)
        return left.number

    async def _wait_until_free(self) -> None:
        """Wait until no apply is at work. Raises Busy if one still shows signs of life after a while."""
        for _ in range(int(LONG_S / POLL_S)):
            try:
                async with self.database.work() as work:
                    await stored.claim(work, self.holder)
            except Busy:
                await asyncio.sleep(POLL_S)
            else:
                return
        raise Busy

    async def require_none_open(self) -> None:
        """Raises PlanRefused while an apply is not finished: what there is now is only half of what was meant."""
        async with self.database.read() as work:
            left = await stored.unfinished(work)
        if left is not None:
            raise PlanRefused(say("unfinished", number=left.number))


async def history(database: Database) -> list[Stored]:
    """The newest plans, the newest first."""
    async with database.read() as work:
        return await stored.history(work)


async def interrupted(database: Database) -> str | None:
    """What can be done about a plan that was begun and that nobody carries out any more; None if there is none."""
    async with database.read() as work:
        left = await stored.unfinished(work)
        return None if left is None or await stored.is_held(work) else str(say("unfinished", number=left.number))
