# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of calls."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire


class Call(Wire):
    """A running call and who is inside."""

    id: str
    room_id: str
    started_at: str
    started_by: str
    person_ids: list[str]


class CallStarted(Event, tag="call.started", frozen=True):
    """A call runs in this room."""

    call: Call


class CallJoined(Event, tag="call.joined", frozen=True):
    """Somebody is inside."""

    call_id: str
    person_id: str


class CallLeft(Event, tag="call.left", frozen=True):
    """Somebody is no longer inside."""

    call_id: str
    person_id: str


class CallEnded(Event, tag="call.ended", frozen=True):
    """It is over."""

    call_id: str


class CallRunning(Event, tag="call.running", frozen=True, omit_defaults=False):
    """Signal to all members, whether they look at the room or not."""

    room_id: str
    running: bool
