# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Administration over HTTP."""

from fachwerk.core.directory import Opening
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route

from . import rooms, service
from .wire import (
    DepartmentOpenings,
    Heirs,
    HeirSearch,
    NarrowLabel,
    NewAppointment,
    NewOwner,
    Overview,
    Roll,
    RoomPage,
    RoomSearch,
    Rules,
    Search,
    Units,
)


async def overview(call: Call) -> Overview:
    """The installation in numbers."""
    return await service.overview(call.work, call.policy, call.actor)


async def departments(call: Call) -> Units:
    """All departments that I administer as a tree, with how many belong to each."""
    return Units(items=await service.departments(call.work, call.policy, call.actor))


async def openings(call: Call) -> DepartmentOpenings:
    """Which departments are open to which."""
    return DepartmentOpenings(items=await service.openings(call.work, call.policy, call.actor))


async def open_department(call: Call) -> None:
    """Let the people of a department be seen by those of another."""
    await service.open_department(call.work, call.policy, call.actor, _opening(call))


async def close_department(call: Call) -> None:
    """Take that back."""
    await service.close_department(call.work, call.policy, call.actor, _opening(call))


async def appoint(call: Call, body: NewAppointment) -> None:
    """Let somebody administer a department and all below it."""
    await service.appoint(call.work, call.policy, call.actor, call.id("department"), call.id("person"), body.until)


async def dismiss(call: Call) -> None:
    """Take that back."""
    await service.dismiss(call.work, call.policy, call.actor, call.id("department"), call.id("person"))


async def people(call: Call, query: Search) -> Roll:
    """All people of what I administer by name, page by page."""
    return await service.people(call.work, call.policy, call.actor, query)


async def sign_out(call: Call) -> None:
    """Sign somebody out on all devices."""
    await service.sign_out(call.work, call.policy, call.actor, call.id("person"))


async def rules(call: Call) -> Rules:
    """Who may do what: the table itself."""
    return service.rules(call.policy, call.actor)


async def list_rooms(call: Call, query: RoomSearch) -> RoomPage:
    """The rooms of what I administer from outside, page by page; no conversations of two."""
    return await rooms.page(call.work, call.policy, call.actor, query)


async def heirs(call: Call, query: HeirSearch) -> Heirs:
    """Who may be made the owner of a room that nobody looks after."""
    return Heirs(items=await rooms.heirs(call.work, call.policy, call.actor, call.id("room"), query.q))


async def hand_over(call: Call, body: NewOwner) -> None:
    """Make somebody the owner of a room that nobody looks after."""
    await rooms.hand_over(call.work, call.policy, call.actor, call.id("room"), body.person_id)


async def narrow_label(call: Call, body: NarrowLabel) -> None:
    """Give a room a label that is no more open than the one it has."""
    await rooms.narrow(call.work, call.policy, call.actor, call.id("room"), body.label)


def _opening(call: Call) -> Opening:
    return Opening(call.id("department"), call.id("to"))


ADMINISTRATOR = "/api/v1/admin/departments/{department}/administrators/{person}"
OPENING = "/api/v1/admin/departments/{department}/openings/{to}"
ROUTES = [
    route("GET", "/api/v1/admin/overview", overview, action="admin.read"),
    route("GET", "/api/v1/admin/departments", departments, action="admin.list"),
    route("PUT", ADMINISTRATOR, appoint, action="admin.appoint"),
    route("DELETE", ADMINISTRATOR, dismiss, action="admin.appoint"),
    route("GET", "/api/v1/admin/openings", openings, action="admin.read"),
    route("PUT", OPENING, open_department, action="admin.open_department"),
    route("DELETE", OPENING, close_department, action="admin.open_department"),
    route("GET", "/api/v1/admin/people", people, action="admin.list"),
    route("DELETE", "/api/v1/admin/people/{person}/sessions", sign_out, action="admin.end_sessions"),
    route("GET", "/api/v1/admin/rooms", list_rooms, action="admin.list"),
    route("GET", "/api/v1/admin/rooms/{room}/heirs", heirs, action="admin.hand_over_room"),
    route("PUT", "/api/v1/admin/rooms/{room}/owner", hand_over, action="admin.hand_over_room"),
    route("PUT", "/api/v1/admin/rooms/{room}/label", narrow_label, action="admin.label_room"),
    route("GET", "/api/v1/admin/rules", rules, action="admin.list"),
]
