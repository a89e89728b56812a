# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans over HTTP: those that were carried out, and those that somebody looks at before."""

import asyncio

from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.http import Call, read_body
from fachwerk.kernel.operation import route
from fachwerk.kernel.policy import Facts

from . import desk, drafts, shown, stored
from .model import DraftRow, DraftStepRow, StepRow
from .org import OrgRefused
from .orgfile import read_org
from .site import Site
from .wire import (
    Begun,
    Confirmed,
    Draft,
    DraftDetail,
    FileFault,
    PlanDetail,
    Plans,
    PlanSearch,
    Standing,
    StepPage,
    StepSearch,
    Undo,
    Upload,
    Uploaded,
)

DIGITS_MAX = 9
"""Of a plan's number; a longer one is none."""
UPLOAD_MAX_BYTES = 8 << 20
"""A table of 5,000 people has half a megabyte; larger ones are for the command line."""


async def standing(call: Call) -> Standing:
    """What can be done here, and the plans that nobody has begun."""
    call.policy.require(call.actor, "org.read", Facts())
    found = await shown.drafts_shown(call.work, await drafts.every(call.work))
    return Standing(ready=call.port(Site).realm is not None, upload_max_bytes=UPLOAD_MAX_BYTES, drafts=found)


async def upload(call: Call, query: Upload) -> Uploaded:
    """Have a plan made of a table of departments and people (the body). Nothing is changed by it."""
    call.policy.require(call.actor, "org.plan", Facts())
    site = call.port(Site)
    desk.require_site(site)
    content = await read_body(call.request, UPLOAD_MAX_BYTES)
    try:
        org = await asyncio.to_thread(read_org, content, site.attributes)
    except OrgRefused as refused:
        faults = [FileFault(where=fault.where, what=fault.sentence) for fault in refused.faults]
        return Uploaded(draft=None, faults=faults, faults_total=refused.total)
    source = "".join(filter(str.isprintable, query.name)).strip() or "file"
    async with call.context.database.work() as work:
        made = await desk.ask(work, call.policy, call.actor, site, org, source, complete=query.complete)
        (draft,) = await shown.drafts_shown(work, [made])
    return Uploaded(draft=draft, faults=[], faults_total=0)


async def draft(call: Call) -> DraftDetail:
    """A plan that nobody has begun, and what it would do by sort."""
    row = await _draft(call)
    (summary,) = await shown.drafts_shown(call.work, [row])
    counts = await shown.step_counts(call.work, DraftStepRow, drafts.of_draft(row.id))
    return DraftDetail(draft=summary, counts=counts)


async def draft_steps(call: Call, query: StepSearch) -> StepPage:
    """What it would do, page by page."""
    row = await _draft(call)
    return await shown.steps(call.work, DraftStepRow, drafts.of_draft(row.id), query)


async def drop(call: Call) -> None:
    """Forget a plan that nobody has begun."""
    await desk.drop(call.work, call.policy, call.actor, call.id("draft"))


async def apply(call: Call, body: Confirmed) -> Begun:
    """Have it carried out."""
    draft_id = call.id("draft")
    return Begun(plan=await desk.apply(call.work, call.policy, call.actor, draft_id, body.removals))


async def plans(call: Call, query: PlanSearch) -> Plans:
    """Plans that were begun, the newest first."""
    call.policy.require(call.actor, "org.read", Facts())
    found = await stored.history(call.work, before=query.before, most=stored.HISTORY_MAX + 1)
    page = found[: stored.HISTORY_MAX]
    more = page[-1].number if len(found) > stored.HISTORY_MAX else None
    return Plans(items=await shown.plan_summaries(call.work, page), next=more)


async def plan(call: Call) -> PlanDetail:
    """One plan, and what it does by sort."""
    found = await stored.one(call.work, _number(call, "org.read"))
    if found is None:
        raise NotFound
    (summary,) = await shown.plan_summaries(call.work, [found])
    counts = await shown.step_counts(call.work, StepRow, drafts.of_plan(found.number))
    return PlanDetail(plan=summary, counts=counts)


async def plan_steps(call: Call, query: StepSearch) -> StepPage:
    """What it does, page by page."""
    number = _number(call, "org.read")
    if await stored.by_number(call.work, number) is None:
        raise NotFound
    return await shown.steps(call.work, StepRow, drafts.of_plan(number), query)


async def undo(call: Call, body: Undo) -> Draft:
    """Have a plan made that takes this one back. Nothing is changed by it."""
    number = _number(call, "org.plan")
    made = await desk.ask_undo(call.work, call.policy, call.actor, call.port(Site), number, force=body.force)
    (draft,) = await shown.drafts_shown(call.work, [made])
    return draft


async def resume(call: Call) -> None:
    """Have what is left of a plan carried out."""
    await desk.resume(call.work, call.policy, call.actor, call.port(Site), _number(call, "org.apply"))


def _number(call: Call, action: str) -> int:
    call.policy.require(call.actor, action, Facts())
    number = str(call.request.path_params["number"])
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX):
        raise NotFound
    return int(number)


async def _draft(call: Call) -> DraftRow:
    call.policy.require(call.actor, "org.read", Facts())
    found = await drafts.one(call.work, call.id("draft"))
    if found is None:
        raise NotFound
    return found


HERE = "/api/v1/provisioning"
ROUTES = [
    route("GET", HERE, standing, action="org.read"),
    route("POST", HERE + "/drafts", upload, action="org.plan", transaction="none"),
    route("GET", HERE + "/drafts/{draft}", draft, action="org.read"),
    route("GET", HERE + "/drafts/{draft}/steps", draft_steps, action="org.read"),
    route("DELETE", HERE + "/drafts/{draft}", drop, action="org.plan"),
    route("POST", HERE + "/drafts/{draft}/apply", apply, action="org.apply"),
    route("GET", HERE + "/plans", plans, action="org.read"),
    route("GET", HERE + "/plans/{number}", plan, action="org.read"),
    route("GET", HERE + "/plans/{number}/steps", plan_steps, action="org.read"),
    route("POST", HERE + "/plans/{number}/undo", undo, action="org.plan"),
    route("POST", HERE + "/plans/{number}/resume", resume, action="org.apply"),
]
