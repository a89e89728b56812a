# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What becomes of guests when something else changes."""

from fachwerk.core import identity, rooms
from fachwerk.kernel.db import Work

from . import reading, service
from .rules import RoomHasGuests


async def on_label_changed(work: Work, event: rooms.LabelChanged) -> None:
    """Only an open room has guests: for another label they go first. Raises RoomHasGuests."""
    if event.label == "open":
        return
    if guests := await reading.in_room(work, event.room_id):
        people = await reading.names(work, guests)
        raise RoomHasGuests(guests=", ".join(people[guest.person_id].name for guest in guests))


async def on_disabled(work: Work, event: identity.PersonDisabled) -> None:
    """End the guests of a sponsor who may not come in any more."""
    await service.end_of_sponsor(work, event.person_id)


async def on_left(work: Work, event: rooms.MemberLeft) -> None:
    """End a guest who left."""
    await service.end_of_place(work, event.person_id, by=event.person_id, why="left")


async def on_removed(work: Work, event: rooms.MemberRemoved) -> None:
    """End a guest who was taken out, or whose invitation was taken back."""
    await service.end_of_place(work, event.person_id, by=event.by, why="removed")
