# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of polls. Who chose what stays with the server."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire


class Poll(Wire):
    """A poll as one person sees it. mine: the option this person chose. voters: how many chose anything."""

    id: str
    room_id: str
    seq: int
    sender_id: str
    at: str
    question: str
    options: list[str]
    counts: list[int]
    voters: int
    mine: int | None
    closed: bool


class PollOpened(Event, tag="poll.opened", frozen=True):
    """A question is asked."""

    poll: Poll


class PollVoted(Event, tag="poll.voted", frozen=True):
    """The counts have changed."""

    poll_id: str
    counts: list[int]
    voters: int


class PollClosed(Event, tag="poll.closed", frozen=True):
    """No more votes."""

    poll_id: str


class VoteCast(Event, tag="poll.mine", frozen=True, omit_defaults=False):
    """To one's own stream: what one chose, for the other devices."""

    poll_id: str
    room_id: str
    option: int
