# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking who can read a room or a file."""

from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route

from . import service
from .wire import Readers


async def of_room(call: Call) -> Readers:
    """Who can read what is in this room."""
    return await service.of_room(call.context, call.work, call.actor, call.id("room"))


async def of_file(call: Call) -> Readers:
    """Who can read this file."""
    return await service.of_file(call.context, call.work, call.actor, call.id("file"))


ROUTES = [
    route("GET", "/api/v1/rooms/{room}/readers", of_room, action="message.read"),
    route("GET", "/api/v1/files/{file}/readers", of_file, action="file.read"),
]
