# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Calls over HTTP, and the media server's reports."""

from fachwerk.core import identity
from fachwerk.kernel.errors import NotSignedIn
from fachwerk.kernel.http import Call as HttpCall
from fachwerk.kernel.http import read_body
from fachwerk.kernel.operation import PUBLIC, route
from fachwerk.kernel.wire import Wire

from . import service
from .events import Call
from .media import MediaServer

WEBHOOK_MAX_BYTES = 256 * 1024


class Entry(Wire):
    """What a client needs to come in. url: of the media server's signalling."""

    url: str
    token: str


async def start(call: HttpCall) -> Call:
    """Start a call in a room, or find the one that runs."""
    return await service.start(call.work, call.policy, call.actor, call.id("room"))


async def enter(call: HttpCall) -> Entry:
    """Get a token for a call."""
    await service.require_entry(call.work, call.policy, call.actor, call.id("call"))
    person = await identity.person(call.work, call.actor.id)
    assert person, "somebody with a session exists"
    media = call.port(MediaServer)
    return Entry(url=media.url, token=media.token(call.id("call"), person.id, person.name))


async def kick(call: HttpCall) -> None:
    """Remove somebody for the rest of the call."""
    call_id, person_id = call.id("call"), call.id("person")
    async with call.context.database.work() as work:
        await service.bar(work, call.policy, call.actor, call_id, person_id)
    await call.port(MediaServer).remove(call_id, person_id)


async def mute(call: HttpCall) -> None:
    """Mute somebody's microphone."""
    async with call.context.database.read() as work:
        row = await service.allowed(work, call.policy, call.actor, "call.mute", call.id("call"))
    await call.port(MediaServer).mute(row.id, call.id("person"))


async def end(call: HttpCall) -> None:
    """End a call for everybody."""
    async with call.context.database.work() as work:
        row = await service.allowed(work, call.policy, call.actor, "call.end", call.id("call"))
        await service.note_ended(work, row.id)
    await call.port(MediaServer).end(row.id)


async def webhook(call: HttpCall) -> None:
    """Hear from the media server who came and went. Signed with our shared secret; safe to repeat."""
    body = await read_body(call.request, WEBHOOK_MAX_BYTES)
    try:
        event = call.port(MediaServer).verify(body, call.request.headers.get("authorization", ""))
    except ValueError as error:
        raise NotSignedIn("The report is not signed by our media server.") from error
    welcome = True
    async with call.context.database.work() as work:
        match event.event:
            case "participant_joined":
                welcome = await service.note_joined(work, call.policy, event.room.name, event.participant.identity)
            case "participant_left":
                await service.note_left(work, event.room.name, event.participant.identity)
            case "room_finished":
                await service.note_ended(work, event.room.name)
    if not welcome:
        await call.port(MediaServer).remove(event.room.name, event.participant.identity)


ROUTES = [
    route("POST", "/api/v1/rooms/{room}/call", start, action="call.start"),
    route("POST", "/api/v1/calls/{call}/token", enter, action="call.join", transaction="read"),
    route("DELETE", "/api/v1/calls/{call}/participants/{person}", kick, action="call.kick", transaction="none"),
    route("POST", "/api/v1/calls/{call}/participants/{person}/mute", mute, action="call.mute", transaction="none"),
    route("POST", "/api/v1/calls/{call}/end", end, action="call.end", transaction="none"),
    route("POST", "/api/v1/calls/webhook", webhook, action=PUBLIC, transaction="none", cross_origin=True),
]
