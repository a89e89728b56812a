# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn about people and sessions."""

from fachwerk.kernel.events import Event

GROUP_ROOT = "/departments/"
"""Groups of the provider below this path are departments; the rest of its groups are none of our business."""


class SessionEnded(Event, tag="session.ended", frozen=True):
    """To a person's own stream: this session is over, its sockets close. session_id "" means all of them."""

    session_id: str = ""


class GuestEnded(Event, tag="guest.ended", frozen=True):
    """To a guest's own stream, before their sessions end: they are let in no more. why: a word."""

    why: str


class PersonDisabled(Event, tag="person.disabled", frozen=True):
    """Inside the house only: somebody may not come in any more; their sessions are over."""

    person_id: str


class PersonReported(Event, tag="person.reported", frozen=True):
    """Inside the house only: the provider told of somebody, at their sign-in or when it was asked.

    groups: as the provider sent them; None if it sent none, which says nothing about memberships.
    changed: the person is new here or has another name. attributes: what is said of those that are taken over; of a
    name that is left out, nothing. left: they are gone for good, and with them all that was said of them.
    """

    person_id: str
    groups: tuple[str, ...] | None
    changed: bool
    attributes: dict[str, tuple[str, ...]] = {}
    left: bool = False
