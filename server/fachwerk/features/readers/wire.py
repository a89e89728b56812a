# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The answer as clients see it."""

from fachwerk.kernel.module import Copy
from fachwerk.kernel.wire import Wire


class Group(Wire):
    """People who can read a thing for the same reason.

    role: theirs in the room; "uploader" for who has not sent the file yet. organisation: of people of
    another ministry, its name. guest: they were invited from outside and belong to none. person_ids: not more
    than SHOWN of the `count`, in order of name.
    """

    role: str
    organisation: str | None
    guest: bool
    count: int
    person_ids: list[str]


class OpenTo(Wire):
    """A department whose people can let themselves in. count: those who have not yet."""

    department: str
    count: int


class Readers(Wire):
    """Who can read a thing just now, and who else could come to.

    invited: how many have an invitation and need only take it up. open_to: None if nobody lets
    themselves in. roles: of the whole installation, whose holders read without a place in the room.
    administrators: those who administer the room's department, or one above it, read likewise.
    copies: other ministries that keep what has crossed on machines of their own.
    """

    groups: list[Group]
    invited: int
    open_to: OpenTo | None
    roles: list[str]
    administrators: bool
    copies: list[Copy]
