# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms and who is in them."""

from .departments import close_department_room, department_rooms, found_department_room
from .events import LabelChanged, MemberRow, PersonGone, Read, RoomRow
from .labels import LabelForbids, held, require_label
from .model import Room
from .module import MODULE
from .policy import LEAST_LABEL
from .rules import LEADERS, MEMBERS, WRITERS, facts_of
from .service import (
    Place,
    Seat,
    admit_external,
    allowed_place,
    audience_of,
    by_ids,
    count_by_kind,
    create,
    dissolve_place,
    facts,
    found,
    members,
    place,
    put_in,
    seats,
)
from .settings import RoomSettings

__all__ = [
    "LEADERS",
    "LEAST_LABEL",
    "MEMBERS",
    "MODULE",
    "WRITERS",
    "LabelChanged",
    "LabelForbids",
    "MemberRow",
    "PersonGone",
    "Place",
    "Read",
    "Room",
    "RoomRow",
    "RoomSettings",
    "Seat",
    "admit_external",
    "allowed_place",
    "audience_of",
    "by_ids",
    "close_department_room",
    "count_by_kind",
    "create",
    "department_rooms",
    "dissolve_place",
    "facts",
    "facts_of",
    "found",
    "found_department_room",
    "held",
    "members",
    "place",
    "put_in",
    "require_label",
    "seats",
]
