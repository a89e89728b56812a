# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Guests as clients see them."""

from typing import Annotated

import msgspec

from fachwerk.kernel.wire import Body, Id, Query, Wire

PAGE = 50
"""Guests on one page."""
Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
"""Milliseconds since the epoch."""


class NewGuest(Body):
    """Whom to invite. name: as it is shown to everybody in the room. organisation, email: only shown, too.

    ends_ms: when their time is over (milliseconds since the epoch); None for the usual time.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    organisation: Annotated[str, msgspec.Meta(max_length=100)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")] | None = None
    ends_ms: Moment | None = None


class NewGuestEnd(Body):
    """When a guest's time is to be over, in milliseconds since the epoch."""

    ends_ms: Moment


class LinkSecret(Body):
    """What stands behind the # of a link."""

    secret: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class GuestLink(Wire):
    """A link, said once. until: it has to be followed by then."""

    person_id: str
    link: str
    until: str


class GuestInvitation(Wire):
    """What somebody learns who opens their link. by: the sponsor's name."""

    name: str
    by: str
    room: str
    ends_at: str


class GuestAccepted(Wire):
    """The room that they are in now."""

    room_id: str


class GuestRow(Wire):
    """A guest as those see them who look after them. email: None also for whom it is none of their business.

    link_until: while there is a link that nobody has followed. allowed: what the caller may do.
    """

    person_id: str
    name: str
    organisation: str
    email: str | None
    sponsor_id: str
    sponsor: str
    ends_at: str
    accepted: bool
    link_until: str | None
    allowed: list[str]


class GuestRows(Wire):
    """Guests of a room. default_days, max_days: of a new one, or of an extension."""

    items: list[GuestRow]
    default_days: int
    max_days: int


class GuestPage(Wire):
    """Guests of the house. next: for `cursor`; None on the last page."""

    items: list[GuestRow]
    next: str | None


class GuestQuery(Query):
    """cursor: the page behind one whose `next` this is."""

    cursor: Id | None = None
