# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments as a tree, who belongs to them and administers them, and who may see whom."""

from .administrators import Appointment, TooManyAdministrators, administered_by, appoint, appointments, dismiss, within
from .attributes import FEW, all_attributes, common_values
from .events import (
    AttributesChanged,
    DepartmentJoined,
    DepartmentLeft,
    DepartmentMoved,
    DepartmentRenamed,
    SurroundingsChanged,
)
from .finding import find_people
from .holding import hold
from .model import Department, DepartmentMember, DepartmentRole
from .module import MODULE
from .openings import Opening, close_to, open_to, openings
from .roll import Place, Unit, belongs_to, department_count, find_anybody, places, roll, units
from .service import (
    add_department,
    add_member,
    all_departments,
    all_members,
    authenticator,
    change_department,
    department,
    department_names,
    departments_below,
    members_of,
    people_at_or_below,
    people_by_id,
    remove_department,
    remove_member,
    unlike,
)
from .tree import administered, at_or_above, at_or_below
from .visibility import led_departments, may_see, seen_departments, visible_people
from .wire import People

__all__ = [
    "FEW",
    "MODULE",
    "Appointment",
    "AttributesChanged",
    "Department",
    "DepartmentJoined",
    "DepartmentLeft",
    "DepartmentMember",
    "DepartmentMoved",
    "DepartmentRenamed",
    "DepartmentRole",
    "Opening",
    "People",
    "Place",
    "SurroundingsChanged",
    "TooManyAdministrators",
    "Unit",
    "add_department",
    "add_member",
    "administered",
    "administered_by",
    "all_attributes",
    "all_departments",
    "all_members",
    "appoint",
    "appointments",
    "at_or_above",
    "at_or_below",
    "authenticator",
    "belongs_to",
    "change_department",
    "close_to",
    "common_values",
    "department",
    "department_count",
    "department_names",
    "departments_below",
    "dismiss",
    "find_anybody",
    "find_people",
    "hold",
    "led_departments",
    "may_see",
    "members_of",
    "open_to",
    "openings",
    "people_at_or_below",
    "people_by_id",
    "places",
    "remove_department",
    "remove_member",
    "roll",
    "seen_departments",
    "units",
    "unlike",
    "visible_people",
    "within",
]
