# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms and who is in them."""

from .departments import close_department_room, department_rooms, found_department_room
from .events import LabelChanged, MemberLeft, MemberRemoved, MemberRow, PersonGone, Read, RoomRow
from .labels import LabelForbids, held, relabel, require_label
from .model import Kind, Label, Room
from .module import MODULE
from .policy import LEAST_LABEL
from .roll import Wanted, headcounts, heir, heirs, last_uses, leaders, listed, roll
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
    make_owner,
    members,
    offer_place,
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
    "Kind",
    "Label",
    "LabelChanged",
    "LabelForbids",
    "MemberLeft",
    "MemberRemoved",
    "MemberRow",
    "PersonGone",
    "Place",
    "Read",
    "Room",
    "RoomRow",
    "RoomSettings",
    "Seat",
    "Wanted",
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
    "headcounts",
    "heir",
    "heirs",
    "held",
    "last_uses",
    "leaders",
    "listed",
    "make_owner",
    "members",
    "offer_place",
    "place",
    "put_in",
    "relabel",
    "require_label",
    "roll",
    "seats",
]
