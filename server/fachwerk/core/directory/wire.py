# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People and departments as clients see them."""

from fachwerk.kernel.wire import Wire


class Person(Wire):
    """Somebody. department: the short name of theirs (the first in order of spelling), for display.

    organisation: of somebody of another ministry, its name, to be shown wherever they are. guest: of a guest, whom
    they come from as their sponsor put it ("" for not said), to be shown likewise; None for anybody else.
    """

    id: str
    name: str
    department: str | None
    active: bool
    organisation: str | None
    guest: str | None = None


class Department(Wire):
    """A part of the ministry. parent_id: may be one that is not in the same list."""

    id: str
    parent_id: str | None
    name: str
    short: str


class People(Wire):
    """A list of people."""

    items: list[Person]


class Departments(Wire):
    """A list of departments, each after the one that it belongs to."""

    items: list[Department]


class Administered(Wire):
    """A department that somebody administers, with all below it. until: no longer from then on; None for no end."""

    id: str
    name: str
    short: str
    until: str | None


class Me(Wire):
    """The person who asks. departments: those they belong to themselves. demo: the sign-in is the demo provider's.

    administers: departments that were given to them, with all below these. actions: what they may do in the
    installation as a whole, whatever the place, and in these.
    """

    person: Person
    departments: list[Department]
    demo: bool
    roles: list[str]
    actions: list[str]
    administers: tuple[Administered, ...] = ()


class Surroundings(Wire):
    """What a client knows of the directory from the start. departments: all that the person may see.

    administers: ids of those that were given to them; others than before mean other rights, to be asked for anew.
    """

    me: Person
    departments: list[Department]
    administers: tuple[str, ...] = ()
