# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with calls. Who started one is its host."""

from fachwerk.core.rooms import LEADERS, MEMBERS, WRITERS
from fachwerk.kernel.errors import Conflict, Forbidden
from fachwerk.kernel.policy import Rule, author, room_role

RULES = [
    Rule("call.start", (room_role(*WRITERS),), hide=True),
    Rule("call.join", (room_role(*MEMBERS),), hide=True),
    Rule("call.kick", (author, room_role(*LEADERS)), hide=True),
    Rule("call.mute", (author, room_role(*LEADERS)), hide=True),
    Rule("call.end", (author, room_role(*LEADERS)), hide=True),
]


class CallOver(Conflict):
    """Too late to join."""

    slug, title = "call-over", "The call is over"


class RemovedFromCall(Forbidden):
    """Removed by the host, for the rest of the call."""

    slug, title = "removed-from-call", "You were removed from this call"
