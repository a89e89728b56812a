# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of guests."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire


class RoomGuest(Wire):
    """A guest as the people in the room see them. accepted: they were here already."""

    person_id: str
    sponsor_id: str
    ends_at: str
    accepted: bool


class GuestShown(Event, tag="guest.shown", frozen=True):
    """Somebody was invited as a guest, came in for the first time, or may stay until another day."""

    guest: RoomGuest


class GuestGone(Event, tag="guest.gone", frozen=True):
    """Somebody is no guest here any more."""

    person_id: str
