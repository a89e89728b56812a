# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The guests of a room as its clients know them, and how each event changes that."""

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor
from fachwerk.kernel.wire import Wire

from . import reading
from .events import GuestGone, GuestShown, RoomGuest


class RoomGuests(Wire):
    """Everybody from outside who is in a room or invited to it, in order of invitation."""

    items: list[RoomGuest]


async def load(work: Work, actor: Actor, room_id: str) -> RoomGuests:  # noqa: ARG001 -- the shape of a snapshot
    """Snapshot of a room. One query."""
    return RoomGuests(items=[reading.wire(guest) for guest in await reading.in_room(work, room_id)])


def apply(state: RoomGuests, received: Received) -> RoomGuests:
    """How the guests change."""
    guests = {guest.person_id: guest for guest in state.items}
    match received.event:
        case GuestShown(guest=guest):
            guests[guest.person_id] = guest
        case GuestGone(person_id=gone):
            guests.pop(gone, None)
    return RoomGuests(items=[guests[person_id] for person_id in sorted(guests)])


SNAPSHOTS = {"room": Snapshot(load=load, apply=apply)}
