# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who I am, whom I may see, where we belong."""

from typing import Annotated

import msgspec

from fachwerk.core.identity import IdentitySettings
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import SESSION, route
from fachwerk.kernel.policy import Facts
from fachwerk.kernel.wire import Query

from . import service, wire
from .finding import find_people as find


class Find(Query):
    """q: a part of a name, in any spelling."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


async def me(call: Call) -> wire.Me:
    """The person who asks."""
    cards = await service.people_by_id(call.work, call.actor, [call.actor.id])
    return wire.Me(
        person=cards.items[0],
        departments=await service.own_departments(call.work, call.actor),
        demo=call.port(IdentitySettings).provider == "demo",
        roles=sorted(call.actor.roles),
        actions=call.policy.allowed(call.actor, Facts()),
    )


async def find_people(call: Call, query: Find) -> wire.People:
    """People whom I may see, by a part of their name."""
    return await find(call.work, call.actor, query.q, query.limit)


async def departments(call: Call) -> wire.Departments:
    """Departments that I may see, each after the one it belongs to."""
    return wire.Departments(items=await service.departments(call.work, call.actor))


ROUTES = [
    route("GET", "/api/v1/me", me, action=SESSION),
    route("GET", "/api/v1/people", find_people, action="directory.read"),
    route("GET", "/api/v1/departments", departments, action="directory.read"),
]
