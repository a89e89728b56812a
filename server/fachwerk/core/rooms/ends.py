# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Places in rooms that end by themselves, such as those of people who are lent to a project."""

from datetime import datetime

from sqlmodel import col, select

from fachwerk.kernel.clock import rfc3339
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Forbidden, Invalid
from fachwerk.kernel.policy import Actor, Policy

from . import events, matching, service
from .metrics import ENDED
from .model import Member
from .rules import InByRule
from .settings import RoomSettings

DAY_MS = 86_400_000
LASTING = "lasting"
"""In the audit trail: the place has no end any more."""


def end_ms(settings: RoomSettings, until: datetime | None, now_ms: int) -> int | None:
    """The end that was asked for, in milliseconds since the epoch. Raises Invalid for one that cannot be."""
    if until is None:
        return None
    wanted = int(until.timestamp() * 1000)
    if wanted <= now_ms:
        raise Invalid(errors=(FieldError("/until", "the end is in the past"),))
    if wanted > now_ms + settings.longest_place_days * DAY_MS:
        raise Invalid(errors=(FieldError("/until", f"more than {settings.longest_place_days} days ahead"),))
    return wanted


async def set_end(work: Work, policy: Policy, actor: Actor, room_id: str, person_id: str, until_ms: int | None) -> None:
    """Let a place or an invitation end then, another time than before, or not at all.

    Nobody moves their own end: it was set by somebody else. An owner gets one only beside an owner who stays.
    """
    room = (await service.allowed_place(work, policy, actor, "member.set_end", room_id)).room
    if person_id == actor.id:
        raise Forbidden("Somebody else who leads the room can change it.", action="member.set_end")
    await service.hold(work, room_id)
    member = await service.held_member(work, room_id, person_id)
    if member.until_ms == until_ms:
        return
    if member.by_rule:
        raise InByRule
    if member.role == "owner" and until_ms is not None:
        await service.require_other_owner(work, room_id, person_id)
    until = None if until_ms is None else rfc3339(until_ms)
    work.audit(actor.id, "member.set_end", room_id, person=person_id, until=until or LASTING)
    member.until_ms = until_ms
    work.db.add(member)
    work.emit(service.audience_of(room_id), events.EndChanged(person_id=person_id, until=until))
    service.tell(work, room, member)


async def any_over(work: Work) -> bool:
    """Whether the time of some place or invitation is over. One look at an index."""
    over = select(Member.room_id).where(col(Member.until_ms) <= work.now_ms)
    return (await work.db.exec(over.limit(1))).first() is not None


async def end_over(work: Work, limit: int) -> int:
    """Take out those whose time is over, and take back such invitations. Returns how many, `limit` at most.

    The longest over come first. An end that somebody moves meanwhile is moved. Whom a rule of the room means is in it
    by that from now on.
    """
    over = (
        select(Member)
        .where(col(Member.until_ms) <= work.now_ms)
        .order_by(col(Member.until_ms))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    members = (await work.db.exec(over)).all()
    for member in members:
        work.audit(member.person_id, "member.end", member.room_id)
        if member.room_id in await matching.rooms_of(work, member.person_id):
            (room,) = await service.by_ids(work, [member.room_id])
            service.stay_by_rule(work, room, member)
        else:
            service.take_out(work, member, events.MemberLeft(person_id=member.person_id))
    ENDED.inc(len(members))
    return len(members)
