# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Inviting guests, letting them in, and ending it."""

from dataclasses import replace
from typing import NamedTuple

from fachwerk.core import directory, identity, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.policy import Actor, Facts, Policy

from . import reading
from .events import GuestGone, GuestShown
from .metrics import ACCEPTED, ENDED, INVITED
from .model import Guest, Why
from .policy import require_allowed
from .rules import GuestEnded, TooManyGuests, end_within
from .settings import GuestSettings

END = "guests.end"


class Wanted(NamedTuple):
    """Whom a sponsor invites. ends_ms: None for the usual time."""

    name: str
    organisation: str
    email: str | None
    ends_ms: int | None


async def invite(
    work: Work, policy: Policy, actor: Actor, settings: GuestSettings, room_id: str, wanted: Wanted
) -> tuple[Guest, str]:
    """Offer somebody from outside a place in a room. Returns the guest and the secret of their link."""
    await rooms.allowed_place(work, policy, actor, "guest.invite", room_id)
    room = await rooms.held(work, room_id)
    await require_allowed(work, room)
    in_room, of_sponsor = await reading.count(work, room_id=room_id, sponsor_id=actor.id)
    if in_room >= settings.per_room:
        raise TooManyGuests(whose="room", limit=settings.per_room)
    if of_sponsor >= settings.per_sponsor:
        raise TooManyGuests(whose="sponsor", limit=settings.per_sponsor)
    person = await identity.guest(work, wanted.name, wanted.organisation, wanted.email)
    guest = Guest(
        person_id=person.id,
        room_id=room_id,
        sponsor_id=actor.id,
        link_until_ms=0,
        invited_ms=work.now_ms,
        ends_ms=_end(work, settings, wanted.ends_ms),
    )
    secret = _link(work, settings, guest)
    await rooms.offer_place(work, room, person.id, by=actor.id)
    work.audit(actor.id, "guest.invite", person.id, room=room_id)
    _show(work, guest)
    _end_in_time(work, guest)
    INVITED.inc()
    return guest, secret


async def renew(work: Work, policy: Policy, actor: Actor, settings: GuestSettings, person_id: str) -> str:
    """Make a guest another link; the one before and the sessions that it began end. Returns its secret."""
    guest = await _allowed(work, policy, actor, "guest.renew", person_id)
    await require_allowed(work, await rooms.held(work, guest.room_id))
    secret = _link(work, settings, guest)
    await identity.end_sessions(work, person_id)
    work.audit(actor.id, "guest.renew", person_id)
    return secret


async def extend(
    work: Work, policy: Policy, actor: Actor, settings: GuestSettings, person_id: str, ends_ms: int
) -> None:
    """Let a guest's time be over at another moment."""
    guest = await _allowed(work, policy, actor, "guest.extend", person_id)
    await require_allowed(work, await rooms.held(work, guest.room_id))
    guest.ends_ms = _end(work, settings, ends_ms)
    work.db.add(guest)
    await identity.prolong_sessions(work, person_id, guest.ends_ms)
    work.audit(actor.id, "guest.extend", person_id)
    _show(work, guest)
    _end_in_time(work, guest)


async def accept(work: Work, settings: GuestSettings, secret: str, agent: identity.Agent) -> tuple[Guest, str]:
    """Let somebody in by their link, once. Returns the guest and the value of their cookie."""
    guest = await reading.of_link(work, secret, hold=True)
    room = await rooms.held(work, guest.room_id)
    if guest.accepted_ms is None:
        await require_allowed(work, room)
        await rooms.put_in(work, room, guest.person_id, room.joins_as)
        guest.accepted_ms = work.now_ms
        ACCEPTED.inc()
    guest.link_used = True
    work.db.add(guest)
    await identity.end_sessions(work, guest.person_id)
    cookie = await identity.begin_session(
        work,
        guest.person_id,
        session_ms=guest.ends_ms - work.now_ms,
        idle_ms=settings.idle_ms,
        agent=agent,
    )
    work.audit(guest.person_id, "guest.accept", guest.person_id, room=guest.room_id)
    _show(work, guest)
    return guest, cookie


async def end(work: Work, policy: Policy, actor: Actor, person_id: str) -> None:
    """Let a guest in no more. Ending twice changes nothing."""
    guest = await _found(work, person_id)
    policy.require(actor, "guest.end", await facts(work, actor, guest))
    await _over(work, guest, by=actor.id, why="ended")


async def end_due(work: Work, body: dict[str, str]) -> None:
    """End a guest whose time is over; it may have been extended meanwhile."""
    guest = await reading.held(work, body["person"])
    if guest and guest.ends_ms <= work.now_ms:
        await _over(work, guest, by=guest.person_id, why="expired")


async def end_of_sponsor(work: Work, sponsor_id: str) -> None:
    """End the guests of somebody who may not come in any more: nobody answers for them."""
    for guest in await reading.of_sponsor(work, sponsor_id):
        await _over(work, guest, by=sponsor_id, why="sponsor")


async def end_of_place(work: Work, person_id: str, *, by: str, why: Why) -> None:
    """Somebody is in a room no more; a guest has no other one."""
    if guest := await reading.held(work, person_id):
        await _over(work, guest, by=by, why=why)


async def _over(work: Work, guest: Guest, *, by: str, why: Why) -> None:
    if guest.ended_ms is not None:
        return
    guest.ended_ms, guest.why = work.now_ms, why
    if why != "expired":  # whoever follows an expired link learns that it is one, others learn nothing
        guest.link_hash = None
    work.db.add(guest)
    await work.db.flush()
    work.audit(by, "guest.end", guest.person_id, why=why)
    person = await identity.person(work, guest.person_id)
    assert person
    await identity.end_guest(work, person, why)
    room = (await rooms.place(work, guest.person_id, guest.room_id)).room
    await rooms.dissolve_place(work, room, guest.person_id)
    work.emit(rooms.audience_of(guest.room_id), GuestGone(person_id=guest.person_id))
    ENDED.labels(why).inc()


async def facts(work: Work, actor: Actor, guest: Guest) -> Facts:
    """What the policy knows of a guest: the actor's role in their room, whose that is, and who invited them."""
    here = await rooms.place(work, actor.id, guest.room_id)
    within = await directory.within(work, actor, here.room.department_id)
    return sponsored(replace(here.facts, within=within), guest)


def sponsored(here: Facts, guest: Guest) -> Facts:
    """As `facts`, for somebody whose place in the guest's room is known."""
    return Facts(role=here.role, author_id=guest.sponsor_id, within=here.within, kind=here.kind)


async def _allowed(work: Work, policy: Policy, actor: Actor, action: str, person_id: str) -> Guest:
    """A guest with whom the actor may do this. Raises as the policy does, and GuestEnded for a former one."""
    guest = await _found(work, person_id)
    policy.require(actor, action, await facts(work, actor, guest))
    if guest.ended_ms is not None:
        raise GuestEnded
    return guest


async def _found(work: Work, person_id: str) -> Guest:
    guest = await reading.held(work, person_id)
    if guest is None:
        raise NotFound
    return guest


def _end(work: Work, settings: GuestSettings, wanted_ms: int | None) -> int:
    end_ms = end_within(work.now_ms, wanted_ms, default_ms=settings.default_ms, max_ms=settings.max_ms)
    if end_ms is None:
        raise Invalid(errors=(FieldError("/ends_ms", f"from now on, and at most {settings.max_days} days"),))
    return end_ms


def _link(work: Work, settings: GuestSettings, guest: Guest) -> str:
    secret = identity.new_token()
    guest.link_hash, guest.link_used = identity.hashed(secret), False
    guest.link_until_ms = work.now_ms + settings.link_ms
    work.db.add(guest)
    return secret


def _end_in_time(work: Work, guest: Guest) -> None:
    work.enqueue(END, {"person": guest.person_id}, delay_s=(guest.ends_ms - work.now_ms) / 1000)


def _show(work: Work, guest: Guest) -> None:
    work.emit(rooms.audience_of(guest.room_id), GuestShown(guest=reading.wire(guest)))
