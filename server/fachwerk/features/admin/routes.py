# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administration over HTTP."""

from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route

from . import service
from .wire import Overview, Roll, Rules, Search, Units


async def overview(call: Call) -> Overview:
    """The installation in numbers."""
    return await service.overview(call.work, call.policy, call.actor)


async def departments(call: Call) -> Units:
    """All departments as a tree, with how many belong to each."""
    return Units(items=await service.departments(call.work, call.policy, call.actor))


async def people(call: Call, query: Search) -> Roll:
    """All people by name, page by page."""
    return await service.people(call.work, call.policy, call.actor, query)


async def sign_out(call: Call) -> None:
    """Sign somebody out on all devices."""
    await service.sign_out(call.work, call.policy, call.actor, call.id("person"))


async def rules(call: Call) -> Rules:
    """Who may do what: the table itself."""
    return service.rules(call.policy, call.actor)


ROUTES = [
    route("GET", "/api/v1/admin/overview", overview, action="admin.read"),
    route("GET", "/api/v1/admin/departments", departments, action="admin.read"),
    route("GET", "/api/v1/admin/people", people, action="admin.read"),
    route("DELETE", "/api/v1/admin/people/{person}/sessions", sign_out, action="admin.end_sessions"),
    route("GET", "/api/v1/admin/rules", rules, action="admin.read"),
]
