# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What administrators ask, and what they are told."""

from datetime import datetime
from typing import Annotated

import msgspec

from fachwerk.core.directory import DepartmentRole
from fachwerk.core.rooms import Kind, Label
from fachwerk.kernel.wire import Body, Id, Query, Wire

PAGE = 50
"""People, or rooms, on one page."""


class Search(Query):
    """q: a part of a name, in any spelling. department: its people and those of all below it.

    cursor: the page behind one whose `next` this is.
    """

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    department: Id | None = None
    cursor: Id | None = None


class RoomCounts(Wire):
    """How many rooms there are of each kind."""

    group: int
    department: int
    direct: int


class Overview(Wire):
    """The installation in numbers. people: of our own, active or disabled. sessions: alive. files_bytes: readable."""

    people_active: int
    people_disabled: int
    departments: int
    rooms: RoomCounts
    sessions: int
    files_bytes: int


class UnitAdmin(Wire):
    """Somebody who administers a department. until: no longer from then on; None for no end."""

    person_id: str
    name: str
    until: str | None


class Unit(Wire):
    """A department. people: active ones who belong to it or to one below it, each once.

    leads, deputies: names of its own. admins: who was appointed to administer it itself.
    """

    id: str
    parent_id: str | None
    name: str
    short: str
    people: int
    leads: list[str]
    deputies: list[str]
    admins: list[UnitAdmin]


class Units(Wire):
    """All departments, each after the one that it belongs to."""

    items: list[Unit]


class DepartmentOpening(Wire):
    """The people of a department are seen by those of another one. department, to: their ids."""

    department: str
    to: str


class DepartmentOpenings(Wire):
    """All of the house."""

    items: list[DepartmentOpening]


class Belongs(Wire):
    """A department that somebody belongs to themselves."""

    short: str
    role: DepartmentRole


class Listed(Wire):
    """Somebody of our own. roles: of the whole installation. administers: short names of departments.

    sessions: how many are alive now; None for who need not know.
    """

    id: str
    name: str
    active: bool
    roles: list[str]
    departments: list[Belongs]
    administers: list[str]
    sessions: int | None


class Roll(Wire):
    """People by name. next: for `cursor`; None on the last page."""

    items: list[Listed]
    next: str | None


class RuleRow(Wire):
    """An action. any_of: the grounds of which any one suffices. stranger: the status that hides it, or refuses."""

    action: str
    any_of: list[str]
    stranger: str


class RoleRow(Wire):
    """A role in the whole installation. means: a sentence."""

    role: str
    means: str


class Rules(Wire):
    """The table by which the server decides, and the roles of the whole installation."""

    rules: list[RuleRow]
    roles: list[RoleRow]


class RoomSearch(Query):
    """q: a part of a name. department: its rooms and those of all below it. unled: that nobody looks after.

    unused: that nobody used for half a year. cursor: the page behind one whose `next` this is.
    """

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    department: Id | None = None
    kind: Kind | None = None
    label: Label | None = None
    unled: bool = False
    unused: bool = False
    cursor: Id | None = None


class RoomLine(Wire):
    """A room from outside. leaders: names of those who look after it and may sign in.

    used_on: the day of its last use; None where too few are in it to say so without telling of one of them.
    """

    id: str
    kind: Kind
    name: str
    label: Label
    department_id: str | None
    members: int
    leaders: list[str]
    used_on: str | None


class RoomPage(Wire):
    """Rooms, the newest first; no conversations of two. next: for `cursor`; None on the last page."""

    items: list[RoomLine]
    next: str | None


class HeirSearch(Query):
    """q: a part of a name."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Heir(Wire):
    """Somebody who may be made the owner of a room."""

    id: str
    name: str


class Heirs(Wire):
    """By name; the first of them."""

    items: list[Heir]


class NewAppointment(Body):
    """until: no longer from then on; None for no end."""

    until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class NewOwner(Body):
    """Who shall look after a room."""

    person_id: Id


class NarrowLabel(Body):
    """How far what is said may go from now on: no further than before."""

    label: Label
