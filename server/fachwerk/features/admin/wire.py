# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What administrators ask, and what they are told."""

from typing import Annotated

import msgspec

from fachwerk.core.directory import DepartmentRole
from fachwerk.kernel.wire import Id, Query, Wire

PAGE = 50
"""People on one page."""


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


class Unit(Wire):
    """A department. people: active ones who belong to it or to one below it, each once.

    leads, deputies: names of its own.
    """

    id: str
    parent_id: str | None
    name: str
    short: str
    people: int
    leads: list[str]
    deputies: list[str]


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
    """Somebody of our own. roles: of the whole installation. sessions: how many are alive now."""

    id: str
    name: str
    active: bool
    roles: list[str]
    departments: list[Belongs]
    sessions: int


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
