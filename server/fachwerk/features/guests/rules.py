# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who invites guests and looks after them, and what a guest can do."""

from fachwerk.core.identity import ADMIN
from fachwerk.core.rooms import LEADERS
from fachwerk.kernel.errors import Conflict, NotFound
from fachwerk.kernel.operation import SESSION
from fachwerk.kernel.policy import Actor, Facts, Rule, department_admin, installation_role, room_role


def sponsor(actor: Actor, facts: Facts, /) -> bool:
    """The actor invited the guest; also after leaving the room, for they answer for the guest."""
    return facts.author_id == actor.id


RULES = [
    Rule("guest.invite", (room_role(*LEADERS, kind="group"),), hide=True),
    Rule("guest.renew", (sponsor,), hide=True),
    Rule("guest.extend", (sponsor,), hide=True),
    Rule(
        "guest.end", (sponsor, room_role("owner", kind="group"), installation_role(ADMIN), department_admin), hide=True
    ),
    Rule("guest.list", (installation_role(ADMIN), department_admin)),
]
GUEST_ACTIONS = frozenset(
    {
        SESSION,
        "call.join",
        "file.read",
        "file.upload",
        "investigation.confirm",
        "message.delete",
        "message.edit",
        "message.post",
        "message.react",
        "message.read",
        "poll.vote",
        "room.leave",
        "room.read",
        "session.end",
    }
)
"""All that a guest can do, as far as their place in a room allows it. SESSION: their own rooms, sessions and data."""


class UnknownLink(NotFound):
    """No such link, or one that was taken back; nobody learns which."""

    slug, title = "guest-link-unknown", "This link is not valid"


class LinkOver(Conflict):
    """It was not followed in time, or the guest's time is over."""

    slug, title = "guest-link-expired", "This link has expired"


class LinkUsed(Conflict):
    """A link lets somebody in once."""

    slug, title = "guest-link-used", "This link was used before"


class SignedInAlready(Conflict):
    """Somebody of ours opened the link; their session would end."""

    slug, title = "signed-in-already", "Somebody is signed in here already"


class TooManyGuests(Conflict):
    """More than a room or a sponsor may have. whose: "room" or "sponsor"."""

    slug, title = "too-many-guests", "There are too many guests already"


class GuestEnded(Conflict):
    """Somebody who is no guest any more is invited anew."""

    slug, title = "guest-ended", "This guest's access has ended"


class RoomHasGuests(Conflict):
    """What was asked for cannot be while guests read along. guests: their names."""

    slug, title = "room-has-guests", "There are guests in the room"


def end_within(now_ms: int, wanted_ms: int | None, *, default_ms: int, max_ms: int) -> int | None:
    """When a guest's time is over; None if that is not after now, or later than allowed."""
    end_ms = now_ms + min(default_ms, max_ms) if wanted_ms is None else wanted_ms
    return end_ms if now_ms < end_ms <= now_ms + max_ms else None
