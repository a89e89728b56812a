# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who administers the installation, or a department of it. What is said in rooms is not opened to them by it.

Who administers a department sees and does less there than who administers the installation, and nothing elsewhere:
they end no sessions, open departments to nobody, and appoint nobody. What was given to them is not theirs to give.
"""

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Rule, department_admin, installation_role

RULES = [
    Rule("admin.list", (installation_role(ADMIN), department_admin)),
    Rule("admin.read", (installation_role(ADMIN),)),
    Rule("admin.appoint", (installation_role(ADMIN),)),
    Rule("admin.end_sessions", (installation_role(ADMIN),)),
    Rule("admin.open_department", (installation_role(ADMIN),)),
    Rule("admin.hand_over_room", (installation_role(ADMIN), department_admin)),
    Rule("admin.label_room", (installation_role(ADMIN), department_admin)),
]


class RoomIsLed(Conflict):
    """Somebody looks after the room, and decides who else does."""

    slug, title = "room-is-led", "Somebody looks after this room"


class NoHeir(Conflict):
    """Nobody gets into a room by being made its owner, and administrators do not make themselves one."""

    slug, title = "no-heir", "This person cannot be made the owner"


class LabelWidens(Conflict):
    """What is said in a room may go further only if those say so who lead it."""

    slug, title = "label-widens", "Only those who lead a room can let it go further"
