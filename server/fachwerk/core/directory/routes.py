# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who I am, whom I may see, where we belong."""

from typing import Annotated

import msgspec

from fachwerk.core.identity import IdentitySettings
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import SESSION, route
from fachwerk.kernel.policy import Facts
from fachwerk.kernel.wire import Query

from . import service, wire
from .administrators import administered_by
from .finding import find_people as find


class Find(Query):
    """q: a part of a name, in any spelling."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


async def me(call: Call) -> wire.Me:
    """The person who asks."""
    actor = call.actor
    cards = await service.people_by_id(call.work, actor, [actor.id])
    given = (await administered_by(call.work, [actor.id])).get(actor.id, []) if actor.administers else []
    return wire.Me(
        person=cards.items[0],
        departments=await service.own_departments(call.work, actor),
        demo=call.port(IdentitySettings).provider == "demo",
        roles=sorted(actor.roles),
        actions=call.policy.allowed(actor, Facts(within=actor.administers)),
        administers=tuple(
            wire.Administered(
                id=one.id,
                name=one.name,
                short=one.short,
                until=None if one.until_ms is None else rfc3339(one.until_ms),
            )
            for one in given
        ),
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
