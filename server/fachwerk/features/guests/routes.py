# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Guests over HTTP."""

from fachwerk.core import identity, rooms
from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import PUBLIC, route
from fachwerk.kernel.policy import Facts

from . import reading, service
from .links import Links
from .metrics import WRONG
from .model import Guest
from .rules import SignedInAlready, UnknownLink
from .wire import (
    PAGE,
    GuestAccepted,
    GuestInvitation,
    GuestLink,
    GuestPage,
    GuestQuery,
    GuestRow,
    GuestRows,
    LinkSecret,
    NewGuest,
    NewGuestEnd,
)

COOKIE_MAX_AGE_S = 400 * 86_400
"""The longest that browsers keep a cookie. The session behind it ends when the guest's time is over."""
OF_A_GUEST = ("guest.renew", "guest.extend", "guest.end")


# ---- those who look after guests


async def invite(call: Call, body: NewGuest) -> GuestLink:
    """Invite somebody from outside. The answer is the only place where their link ever stands."""
    wanted = service.Wanted(body.name.strip(), body.organisation.strip(), body.email, body.ends_ms)
    links = call.port(Links)
    guest, secret = await service.invite(call.work, call.policy, call.actor, links.settings, call.id("room"), wanted)
    return _link(call, guest, secret)


async def list_of_room(call: Call) -> GuestRows:
    """Guests of a room."""
    here = await rooms.allowed_place(call.work, call.policy, call.actor, "room.read", call.id("room"))
    guests, settings = await reading.in_room(call.work, here.room.id), call.port(Links).settings
    rows = await _rows(call, guests, here.facts)
    return GuestRows(items=rows, default_days=settings.default_days, max_days=settings.max_days)


async def list_all(call: Call, query: GuestQuery) -> GuestPage:
    """Guests of the whole house, or of the departments that I administer, page by page."""
    reach = call.policy.reach(call.actor, "guest.list")
    found = await reading.page(call.work, query.cursor, PAGE + 1, reach)
    shown = found[:PAGE]
    here = Facts(kind="group", within=reach or frozenset())
    return GuestPage(items=await _rows(call, shown, here), next=shown[-1].person_id if len(found) > PAGE else None)


async def renew(call: Call) -> GuestLink:
    """Make a guest another link, for another device or a lost session. The earlier sessions end."""
    person_id = call.id("person")
    secret = await service.renew(call.work, call.policy, call.actor, call.port(Links).settings, person_id)
    guest = await call.work.db.get(Guest, person_id)
    assert guest
    return _link(call, guest, secret)


async def extend(call: Call, body: NewGuestEnd) -> None:
    """Let a guest's time be over at another moment."""
    settings = call.port(Links).settings
    await service.extend(call.work, call.policy, call.actor, settings, call.id("person"), body.ends_ms)


async def end(call: Call) -> None:
    """Let a guest in no more."""
    await service.end(call.work, call.policy, call.actor, call.id("person"))


def _link(call: Call, guest: Guest, secret: str) -> GuestLink:
    call.headers["Cache-Control"] = "no-store"
    link, until_ms = call.port(Links).address(secret), reading.link_until_ms(guest)
    return GuestLink(person_id=guest.person_id, link=link, until=rfc3339(until_ms))


async def _rows(call: Call, guests: list[Guest], here: Facts) -> list[GuestRow]:
    """Guests with what the caller may do. One query, however many there are."""
    people, policy, actor = await reading.names(call.work, guests), call.policy, call.actor
    rows = []
    for guest in guests:
        facts, who = service.sponsored(here, guest), people[guest.person_id]
        until_ms = reading.link_until_ms(guest)
        waits = not guest.link_used and until_ms > call.work.now_ms
        looks_after = policy.allows(actor, "guest.end", facts)
        rows.append(
            GuestRow(
                person_id=who.id,
                name=who.name,
                organisation=who.organisation or "",
                email=who.email if looks_after else None,
                sponsor_id=guest.sponsor_id,
                sponsor=people[guest.sponsor_id].name,
                ends_at=rfc3339(guest.ends_ms),
                accepted=guest.accepted_ms is not None,
                link_until=rfc3339(until_ms) if waits and looks_after else None,
                allowed=[action for action in OF_A_GUEST if policy.allows(actor, action, facts)],
            )
        )
    return rows


# ---- whoever has a link


async def look(call: Call, body: LinkSecret) -> GuestInvitation:
    """What a link is for. Nothing is changed by it."""
    guest = await _of_link(call, call.work, body.secret)
    people = await reading.names(call.work, [guest])
    room = (await rooms.place(call.work, guest.person_id, guest.room_id)).room
    return GuestInvitation(
        name=people[guest.person_id].name,
        by=people[guest.sponsor_id].name,
        room=room.name,
        ends_at=rfc3339(guest.ends_ms),
    )


async def accept(call: Call, body: LinkSecret) -> GuestAccepted:
    """Come in by a link, which is of no use afterwards."""
    if call.actor.id and call.actor.only is None:
        raise SignedInAlready  # a sponsor who tries the link must not use it up, nor lose their own session
    await _of_link(call, call.work, body.secret)
    if before := call.request.cookies.get(identity.COOKIE):
        await identity.end_session_of_token(call.work, before)
    agent = identity.agent_of(call.request.headers.get("User-Agent", ""))
    guest, cookie = await service.accept(call.work, call.port(Links).settings, body.secret, agent)
    call.headers |= {"Set-Cookie": identity.cookie_header(cookie, COOKIE_MAX_AGE_S), "Cache-Control": "no-store"}
    return GuestAccepted(room_id=guest.room_id)


async def _of_link(call: Call, work: Work, secret: str) -> Guest:
    """As `reading.of_link`; whoever tries links that are none is slowed down. Raises TooMany."""
    try:
        return await reading.of_link(work, secret)
    except UnknownLink:
        WRONG.inc()
        call.port(Links).wrong.take(call.request.client.host if call.request.client else "")
        raise


ROUTES = [
    route("POST", "/api/v1/rooms/{room}/guests", invite, action="guest.invite", status=201),
    route("GET", "/api/v1/rooms/{room}/guests", list_of_room, action="room.read"),
    route("GET", "/api/v1/guests", list_all, action="guest.list"),
    route("POST", "/api/v1/guests/{person}/link", renew, action="guest.renew", status=201),
    route("PUT", "/api/v1/guests/{person}/end", extend, action="guest.extend"),
    route("DELETE", "/api/v1/guests/{person}", end, action="guest.end"),
    route("POST", "/api/v1/guest-links/look", look, action=PUBLIC, transaction="read"),
    route("POST", "/api/v1/guest-links/accept", accept, action=PUBLIC),
]
