# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Policies over HTTP."""

from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.http import Call
from fachwerk.kernel.module import DepartmentPolicy
from fachwerk.kernel.operation import route

from . import service
from .rules import EVERYWHERE
from .wire import NewValue, PolicyPreview, PolicyRulings, PolicyTree, Would


async def read(call: Call) -> PolicyTree:
    """All departments with what is set at them and what holds."""
    return await service.tree(call.work, call.policy, call.actor, service.known(call.context.modules))


async def read_place(call: Call) -> PolicyRulings:
    """What holds for new rooms of one of my departments, or of none."""
    place = _place(call)
    if place != EVERYWHERE and place not in call.actor.departments:
        raise NotFound
    return service.rulings(await service.at(call.work, place), service.known(call.context.modules))


async def preview(call: Call, query: Would) -> PolicyPreview:
    """What a change would do."""
    return await service.preview(call.work, call.policy, call.actor, _kind(call), _place(call), query.value)


async def put(call: Call, body: NewValue) -> None:
    """Set a value at a place."""
    await service.put(call.work, call.policy, call.actor, _kind(call), _place(call), body.value)


async def remove(call: Call) -> None:
    """Leave a place to the one above it."""
    await service.put(call.work, call.policy, call.actor, _kind(call), _place(call), None)


def _place(call: Call) -> str:
    return EVERYWHERE if call.request.path_params["place"] == EVERYWHERE else call.id("place")


def _kind(call: Call) -> DepartmentPolicy:
    name = call.request.path_params["policy"]
    found = [kind for kind in service.known(call.context.modules) if kind.name == name]
    if not found:
        raise NotFound
    return found[0]


POLICY = "/api/v1/policies/{place}/{policy}"
ROUTES = [
    route("GET", "/api/v1/policies", read, action="policy.read"),
    route("GET", "/api/v1/policies/{place}", read_place, action="room.create"),
    route("GET", f"{POLICY}/preview", preview, action="policy.set"),
    route("PUT", POLICY, put, action="policy.set"),
    route("DELETE", POLICY, remove, action="policy.set"),
]
