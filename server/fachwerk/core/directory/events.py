# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of the directory."""

from fachwerk.kernel.events import Event

from .model import DepartmentRole
from .wire import Surroundings


class DepartmentJoined(Event, tag="department.joined", frozen=True):
    """Inside the house only: somebody has this role in a department (itself, not one below it) from now on."""

    department_id: str
    person_id: str
    role: DepartmentRole


class DepartmentLeft(Event, tag="department.left", frozen=True):
    """Inside the house only: somebody no longer belongs to a department."""

    department_id: str
    person_id: str


class AttributesChanged(Event, tag="person.attributes_changed", frozen=True):
    """Inside the house only: somebody has other attributes from now on."""

    person_id: str


class DepartmentRenamed(Event, tag="department.renamed", frozen=True):
    """Inside the house only: a department has another name from now on."""

    department_id: str
    before: str
    name: str


class DepartmentMoved(Event, tag="department.moved", frozen=True):
    """Inside the house only: a department belongs to another one from now on. None: to none."""

    department_id: str
    before: str | None
    parent_id: str | None


class AdministrationChanged(Event, tag="department.admin_changed", frozen=True):
    """Inside the house only: somebody administers other departments from now on, or until another day."""

    person_id: str


class SurroundingsChanged(Event, tag="directory.changed", frozen=True):
    """To a person's own stream: their name, their departments or what they administer changed.

    This replaces what the client knew.
    """

    surroundings: Surroundings
