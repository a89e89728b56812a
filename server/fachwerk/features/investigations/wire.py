# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Investigations as clients see them."""

from typing import Annotated

import msgspec

from fachwerk.kernel.wire import Body, Id, Query, Wire

from .rules import State

PAGE = 50
"""Messages, or investigations, on one page; the caller does not choose, for pages are counted."""
Moment = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
"""Milliseconds since the epoch."""


class NewInvestigation(Body):
    """What an investigator asks for. since_ms, until_ms: the range; what is sent at until_ms is not in it.

    reference: of the file that the suspicion is kept in. hours: how long it shall be open.
    """

    person_id: Id
    since_ms: Moment
    until_ms: Moment
    hours: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000, pattern=r"\S")]
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class InvestigationDecision(Body):
    """Yes or no, and why."""

    approve: bool
    sentence: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, pattern=r"\S")]


class InvestigationQuery(Query):
    """cursor: the page behind one whose `next` this is."""

    cursor: Id | None = None


class ReadQuery(Query):
    """after: the page behind one whose `next` this is."""

    after: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}\.[0-9a-f-]{36}$")] | None = None


class FindAnybody(Query):
    """q: a part of a name, in any spelling."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""


class InvestigationRow(Wire):
    """An investigation as both of the two see it.

    person, asked_by, decided_by: names. guest: the person is one. until: not included. ends_at: of one that was
    approved. ended_at: when it was over. pages: how many were read. tells_at, told_at: when the person is told, and
    was; None as long as that is open, and if nothing was read. allowed: what the caller may do now.
    """

    id: str
    person_id: str
    person: str
    guest: bool
    asked_by: str
    asked_at: str
    since: str
    until: str
    hours: int
    reason: str
    reference: str
    state: State
    decided_by: str | None
    decided_at: str | None
    sentence: str
    ends_at: str | None
    ended_at: str | None
    pages: int
    tells_at: str | None
    told_at: str | None
    allowed: list[str]


class InvestigationList(Wire):
    """Newest first. next: for `cursor`; None on the last page. The rest: how far a new one may go."""

    items: list[InvestigationRow]
    next: str | None
    max_hours: int
    max_days: int
    tell_after_days: int


class ReadMessage(Wire):
    """A message of the person concerned. room: its name; where two talk, the other one's. files: names only."""

    id: str
    at: str
    room: str
    direct: bool
    reply: bool
    text: str
    edited_at: str | None
    files: list[str]


class ReadPage(Wire):
    """Messages, oldest first. next: for `after`; None on the last page."""

    items: list[ReadMessage]
    next: str | None


class OwnInvestigation(Wire):
    """What the person concerned is told. asked_by, decided_by: names; the second one is whom to ask."""

    id: str
    asked_by: str
    asked_at: str
    decided_by: str
    decided_at: str
    reason: str
    reference: str
    since: str
    until: str
    ended_at: str
    pages: int
    told_at: str
    confirmed: bool


class OwnInvestigations(Wire):
    """All of which I was told, newest first."""

    items: list[OwnInvestigation]
