# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What was done to the organisation, over HTTP."""

from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route
from fachwerk.kernel.policy import Facts

from . import stored
from .stored import Stored
from .wire import Plans, PlanSteps, PlanSummary, StepLine

DIGITS_MAX = 9
"""Of a plan's number; a longer one is none."""


async def plans(call: Call) -> Plans:
    """The newest plans, the newest first."""
    call.policy.require(call.actor, "org.read", Facts())
    return Plans(items=[_summary(one) for one in await stored.history(call.work)])


async def plan(call: Call) -> PlanSteps:
    """One plan and what it did."""
    call.policy.require(call.actor, "org.read", Facts())
    number = str(call.request.path_params["number"])
    if not (number.isascii() and number.isdigit() and len(number) <= DIGITS_MAX):
        raise NotFound
    found = await stored.one(call.work, int(number))
    if found is None:
        raise NotFound
    steps = await stored.first_steps(call.work, found.number)
    return PlanSteps(plan=_summary(found), lines=[StepLine(text=str(step), done=done) for step, done in steps])


def _summary(one: Stored) -> PlanSummary:
    return PlanSummary(
        number=one.number,
        source=one.source,
        undoes=one.undoes,
        begun_at=rfc3339(one.begun_ms),
        ended_at=None if one.ended_ms is None else rfc3339(one.ended_ms),
        steps=one.steps,
        left=one.left,
    )


ROUTES = [
    route("GET", "/api/v1/provisioning/plans", plans, action="org.read"),
    route("GET", "/api/v1/provisioning/plans/{number}", plan, action="org.read"),
]
