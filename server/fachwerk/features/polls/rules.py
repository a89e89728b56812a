# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with polls."""

from fachwerk.core.rooms import LEADERS, MEMBERS, WRITERS
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Rule, author, room_role

RULES = [
    Rule("poll.open", (room_role(*WRITERS),), hide=True),
    Rule("poll.vote", (room_role(*MEMBERS),), hide=True),
    Rule("poll.close", (author, room_role(*LEADERS)), hide=True),
]


class PollClosedForVotes(Conflict):
    """Too late to vote."""

    slug, title = "poll-closed", "The poll is closed"
