# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Investigations over HTTP."""

from fachwerk.core import directory
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import SESSION, route
from fachwerk.kernel.policy import Facts

from . import reading, service
from .model import Investigation
from .settings import InvestigationSettings
from .wire import (
    PAGE,
    FindAnybody,
    InvestigationDecision,
    InvestigationList,
    InvestigationQuery,
    InvestigationRow,
    NewInvestigation,
    OwnInvestigations,
    ReadPage,
    ReadQuery,
)

FOUND_MAX = 20
NOT_KEPT = {"Cache-Control": "no-store"}


async def list_all(call: Call, query: InvestigationQuery) -> InvestigationList:
    """Investigations that I asked for, or all for whoever decides; never one that concerns me."""
    call.policy.require(call.actor, "investigation.list", Facts())
    found = await reading.page(call.work, call.actor, query.cursor, PAGE + 1)
    shown, settings = found[:PAGE], call.port(InvestigationSettings)
    call.headers |= NOT_KEPT
    return InvestigationList(
        items=await _rows(call, shown),
        next=shown[-1].id if len(found) > PAGE else None,
        max_hours=settings.max_hours,
        max_days=settings.max_days,
        tell_after_days=settings.tell_after_days,
    )


async def find_people(call: Call, query: FindAnybody) -> directory.People:
    """Everybody whom an investigation can concern, by a part of their name; whoever may see whom."""
    call.policy.require(call.actor, "investigation.ask", Facts())
    return await directory.find_anybody(call.work, query.q, FOUND_MAX)


async def ask(call: Call, body: NewInvestigation) -> InvestigationRow:
    """Ask to read what a person wrote."""
    wanted = service.Wanted(
        body.person_id, body.since_ms, body.until_ms, body.hours, body.reason.strip(), body.reference.strip()
    )
    settings = call.port(InvestigationSettings)
    return await _row(call, await service.ask(call.work, call.policy, call.actor, settings, wanted))


async def decide(call: Call, body: InvestigationDecision) -> InvestigationRow:
    """Approve or refuse what somebody else asked for."""
    row = await service.decide(
        call.work,
        call.policy,
        call.actor,
        call.port(InvestigationSettings),
        call.id("investigation"),
        approve=body.approve,
        sentence=body.sentence.strip(),
    )
    return await _row(call, row)


async def read(call: Call, query: ReadQuery) -> ReadPage:
    """A page of what the person wrote. It is counted, and the person is told how many there were."""
    after = None
    if query.after is not None:
        at_ms, message_id = query.after.split(".")
        after = (int(at_ms), message_id)
    call.headers |= NOT_KEPT
    return await service.read(call.work, call.policy, call.actor, call.id("investigation"), after)


async def end(call: Call) -> InvestigationRow:
    """End it before its time, or take the question back."""
    return await _row(call, await service.end(call.work, call.policy, call.actor, call.id("investigation")))


async def list_own(call: Call) -> OwnInvestigations:
    """Investigations of which I was told."""
    rows = await reading.told(call.work, call.actor.id)
    people = await reading.names(call.work, rows)
    return OwnInvestigations(items=[reading.own_of(row, people) for row in rows])


async def confirm(call: Call) -> None:
    """Confirm that I have read what I was told."""
    await service.confirm(call.work, call.policy, call.actor, call.id("investigation"))


async def _row(call: Call, row: Investigation) -> InvestigationRow:
    (wire,) = await _rows(call, [row])
    return wire


async def _rows(call: Call, rows: list[Investigation]) -> list[InvestigationRow]:
    people = await reading.names(call.work, rows)
    return [reading.row_of(row, people, call.policy, call.actor, call.work.now_ms) for row in rows]


ONE = "/api/v1/investigations/{investigation}"
ROUTES = [
    route("GET", "/api/v1/investigations", list_all, action="investigation.list"),
    route("POST", "/api/v1/investigations", ask, action="investigation.ask", status=201),
    route("GET", "/api/v1/investigations/people", find_people, action="investigation.ask"),
    route("POST", f"{ONE}/decision", decide, action="investigation.decide"),
    # Reading is an act too, so it writes.
    route("GET", f"{ONE}/messages", read, action="investigation.read", transaction="write"),
    route("POST", f"{ONE}/end", end, action="investigation.end"),
    route("GET", "/api/v1/me/investigations", list_own, action=SESSION),
    route("POST", "/api/v1/me/investigations/{investigation}/confirm", confirm, action="investigation.confirm"),
]
