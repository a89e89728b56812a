# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What administrators do with plans without a command: ask for one, look at it, have it carried out or taken back.

The work itself is the worker's. Who asked for a plan and who had it carried out stays with it.
"""

from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import drafts, stored
from .drafts import Wanted
from .jobs import APPLY, PLAN
from .model import DraftRow
from .org import Org
from .rules import ApplyAtWork, NotPlanned, OnlyByCommand, PlanEnded, RemovalsUnconfirmed
from .site import Site
from .stored import Busy


async def ask(
    work: Work, policy: Policy, actor: Actor, site: Site, org: Org, source: str, *, complete: bool
) -> DraftRow:
    """Have a plan made of what a source says, in place of the one that the actor asked for before."""
    policy.require(actor, "org.plan", Facts())
    return await _ask(work, actor, site, Wanted(source, site.issuer, org, complete=complete))


async def ask_undo(work: Work, policy: Policy, actor: Actor, site: Site, number: int, *, force: bool) -> DraftRow:
    """Have a plan made that takes another one back. force: also what has changed since."""
    policy.require(actor, "org.plan", Facts())
    if await stored.by_number(work, number) is None:
        raise NotFound
    return await _ask(work, actor, site, Wanted(f"undo of {number}", site.issuer, undoes=number, force=force))


async def _ask(work: Work, actor: Actor, site: Site, wanted: Wanted) -> DraftRow:
    require_site(site)
    draft = await drafts.begin(work, actor.id, wanted)
    undoes = {} if wanted.undoes is None else {"undoes": str(wanted.undoes)}
    work.audit(actor.id, "org.plan", draft.id, **undoes)
    work.enqueue(PLAN, {"draft": draft.id})
    return draft


def require_site(site: Site) -> None:
    """Raises OnlyByCommand where nothing may be changed without an operator."""
    if site.realm is None:
        raise OnlyByCommand


async def drop(work: Work, policy: Policy, actor: Actor, draft_id: str) -> None:
    """Forget a draft, whoever asked for it. One that is gone stays so."""
    policy.require(actor, "org.plan", Facts())
    await drafts.drop(work, draft_id)


async def apply(work: Work, policy: Policy, actor: Actor, draft_id: str, removals: int | None) -> int:
    """Have a draft carried out, whoever asked for it. Returns the plan's number.

    removals: how many there are, as somebody has said who means them. Raises ApplyAtWork, NotPlanned,
    RemovalsUnconfirmed.
    """
    policy.require(actor, "org.apply", Facts())
    holder = work.ids()
    try:
        await stored.claim(work, holder)  # and so is the only one who begins a plan
    except Busy as busy:
        raise ApplyAtWork from busy
    draft = await drafts.one(work, draft_id)
    if draft is None:
        raise NotFound
    left = await stored.unfinished(work)
    if left is not None and left.number != draft.undoes:
        raise ApplyAtWork(plan=left.number)
    if draft.state != "planned" or not draft.steps:
        raise NotPlanned
    if draft.too_much and removals != draft.removals:
        raise RemovalsUnconfirmed(removals=draft.removals)
    if left is not None:
        await stored.end(work, left.number)
    undoes = {} if draft.undoes is None else {"undoes": str(draft.undoes)}
    number = await drafts.into_plan(work, draft, actor.id)
    await stored.release(work, holder)
    work.audit(actor.id, "org.apply", str(number), **undoes)
    work.enqueue(APPLY, {"plan": str(number)})
    return number


async def resume(work: Work, policy: Policy, actor: Actor, site: Site, number: int) -> None:
    """Have what is left of a plan carried out. Raises PlanEnded, ApplyAtWork."""
    policy.require(actor, "org.apply", Facts())
    require_site(site)
    row = await stored.by_number(work, number)
    if row is None:
        raise NotFound
    if row.ended_ms is not None:
        raise PlanEnded
    if await stored.is_held(work):
        raise ApplyAtWork(plan=number)
    await stored.stand_still(work, number, ())
    work.audit(actor.id, "org.resume", str(number))
    work.enqueue(APPLY, {"plan": str(number)})
