# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The rooms module."""

from fachwerk.core import directory
from fachwerk.kernel.module import Module

from . import events, rule_routes
from .by_rule import on_attributes_changed, on_department_moved
from .departments import on_department_joined, on_department_left, on_department_renamed
from .jobs import REPEATS
from .personal import PERSONAL
from .policy import LEAST_LABEL
from .routes import COMMANDS, ROUTES
from .rules import RULES
from .sync import SNAPSHOTS, joined_audiences

MODULE = Module(
    name="rooms",
    routes=[*ROUTES, *rule_routes.ROUTES],
    commands=COMMANDS,
    rules=RULES,
    events=[
        events.MemberJoined,
        events.MemberInvited,
        events.MemberLeft,
        events.MemberRemoved,
        events.RoleChanged,
        events.EndChanged,
        events.RoomChanged,
        events.RoomLabelled,
        events.RoomShown,
        events.RoomOpened,
        events.RoomGone,
        events.Read,
    ],
    snapshots=SNAPSHOTS,
    watch=joined_audiences,
    on={
        directory.AttributesChanged: on_attributes_changed,
        directory.DepartmentJoined: on_department_joined,
        directory.DepartmentLeft: on_department_left,
        directory.DepartmentMoved: on_department_moved,
        directory.DepartmentRenamed: on_department_renamed,
    },
    policies=[LEAST_LABEL],
    personal=PERSONAL,
    repeats=REPEATS,
)
