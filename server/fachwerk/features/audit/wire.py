# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is asked of the trail, and what is told of it."""

from datetime import datetime
from typing import Annotated

import msgspec

from fachwerk.kernel.wire import Query, Wire

PAGE_MAX = 200
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
"""An id or a kind; a name is none, so none gets into the trail by asking for it."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class Filters(Query):
    """Which acts. since: not before, until: before this time. before: the page behind one whose `next` this is."""

    actor: Word | None = None
    action: Word | None = None
    subject: Word | None = None
    since: Moment | None = None
    until: Moment | None = None
    before: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,15}\.[0-9]{1,15}$")] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)] = 50

    def said(self) -> dict[str, str]:
        """What was asked for, as the trail tells of it."""
        asked = msgspec.to_builtins(self)
        return {name: value for name, value in asked.items() if value is not None and name != "limit"}


class Behind(Query):
    """since: the number of the last entry that the caller has already; 0 for none."""

    since: Number = 0


class Act(Wire):
    """An act as the trail tells of it. actor_id, subject, detail: ids and words."""

    number: int
    at: str
    actor_id: str
    action: str
    subject: str
    detail: dict[str, str]


class ActPage(Wire):
    """Acts, newest first. names: of the people among them, by id. next: for `before`; None on the last page."""

    items: list[Act]
    names: dict[str, str]
    next: str | None
