# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the worker does for administrators: make plans of drafts, carry plans out. Both may be begun again anywhere."""

from collections.abc import Sequence

from fachwerk.core.identity import RealmRefused
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Database, Work
from fachwerk.kernel.errors import Unavailable
from fachwerk.kernel.jobs import Outside, Repeat
from fachwerk.kernel.log import logger

from . import drafts, stored
from .execute import carry_out, leased
from .model import DraftRow
from .org import Org
from .plan import REMOVALS_PERCENT, Plan, PlanRefused, overtaken, removals
from .service import Office
from .site import Site
from .state import State
from .stored import Busy
from .words import Sentence, say

PLAN, APPLY = "provisioning.plan", "provisioning.apply"
PLAN_MAX_S = 600.0
"""Reading a large realm takes minutes."""
SWEEP_S = 600.0

log = logger("provisioning")


async def plan(context: Context, body: dict[str, str]) -> None:
    """Make the plan of a draft, or say why there is none."""
    async with context.database.read() as work:
        draft = await drafts.one(work, body["draft"])
        org = await drafts.asked_for(work, body["draft"])
    if draft is None or draft.state != "planning":
        return
    office = await _office(context)
    try:
        made, state = await _planned(office, draft, org)
    except (PlanRefused, RealmRefused) as refused:
        async with context.database.work() as work:
            await drafts.refuse(work, draft.id, _why(refused))
        return
    too_much = removals(made.steps, state, max_percent=REMOVALS_PERCENT)
    async with context.database.work() as work:
        await drafts.settle(work, draft.id, made.steps, said=made.notes, too_much=too_much)


async def _planned(office: Office, draft: DraftRow, org: Org | None) -> tuple[Plan, State]:
    if draft.undoes is not None:
        return await office.plan_undo(draft.undoes, force=draft.force)
    assert org is not None, "a draft that takes nothing back was asked for by a source"
    return await office.plan(org, complete=draft.complete)


async def apply(context: Context, body: dict[str, str]) -> None:
    """Carry out what is left of a plan. It waits while another apply is at work; what fails is noted at the plan."""
    number, database = int(body["plan"]), context.database
    office = await _office(context)
    try:
        async with leased(database, office.holder):
            async with database.read() as work:
                row = await stored.by_number(work, number)
                steps = await stored.steps_of(work, number)
                open_steps = await stored.open_steps(work, number)
            if row is None or row.ended_ms is not None:
                return
            changed = overtaken(steps, await office.state()) if len(open_steps) == len(steps) else []
            if changed:
                async with database.work() as work:
                    await _give_up(work, number, changed)
                return
            await carry_out(database, office.realm, office.issuer, number, office.holder, lambda _more: None)
    except Busy as busy:
        raise Unavailable("Another apply is at work.") from busy
    except RealmRefused as refused:
        log.warning("a plan stands still", plan=number)
        await _note(database, number, _why(refused))


async def _give_up(work: Work, number: int, why: Sequence[Sentence]) -> None:
    """Nothing of it was done, and nothing will be: somebody shall look at it anew."""
    await stored.stand_still(work, number, why[:SAID_MAX])
    await stored.end(work, number)


async def _note(database: Database, number: int, why: Sequence[Sentence]) -> None:
    async with database.work() as work:
        await stored.stand_still(work, number, why)


async def sweep(work: Work, _body: dict[str, str]) -> None:
    """Forget drafts that nobody came back to."""
    await drafts.drop_old(work)


async def _office(context: Context) -> Office:
    """Raises Unavailable, so that a job waits until somebody has set this worker up as the server is."""
    site = context.port(Site)
    if site.realm is None:
        raise Unavailable("This worker may not change the sign-in service.")
    try:
        realm = await site.realm(context.database)
    except RealmRefused as refused:
        raise Unavailable("The sign-in service does not answer.") from refused
    return Office(context.database, realm, site.issuer, context.ids())


def _why(refused: PlanRefused | RealmRefused) -> Sequence[Sentence]:
    if isinstance(refused, PlanRefused):
        return refused.reasons[:SAID_MAX]
    return [say("refused", text=refused)]


SAID_MAX = 100
"""More reasons are not kept: the first ones say enough."""
JOBS = {PLAN: Outside(plan, lease_s=PLAN_MAX_S), APPLY: Outside(apply)}
REPEATS = {"provisioning.sweep": Repeat(sweep, every_s=SWEEP_S)}
