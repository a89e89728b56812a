# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms and who is in them."""

from .departments import close_department_room, department_rooms, found_department_room
from .events import MemberRow, PersonGone, Read, RoomRow
from .model import Room
from .module import MODULE
from .rules import LEADERS, MEMBERS, WRITERS
from .service import (
    Place,
    admit_external,
    allowed_place,
    audience_of,
    by_ids,
    create,
    dissolve_place,
    facts,
    found,
    members,
    place,
    put_in,
)

__all__ = [
    "LEADERS",
    "MEMBERS",
    "MODULE",
    "WRITERS",
    "MemberRow",
    "PersonGone",
    "Place",
    "Read",
    "Room",
    "RoomRow",
    "admit_external",
    "allowed_place",
    "audience_of",
    "by_ids",
    "close_department_room",
    "create",
    "department_rooms",
    "dissolve_place",
    "facts",
    "found",
    "found_department_room",
    "members",
    "place",
    "put_in",
]
