# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the frame itself says on a socket. None of it is an event."""

from typing import Any

import msgspec

from fachwerk.kernel.errors import ProblemDocument


class Answer(msgspec.Struct, kw_only=True, tag_field="t", omit_defaults=True, frozen=True):
    """What the server says that is no event."""


class Hello(Answer, tag="hello", frozen=True):
    """The state of everything a person sees on arriving, by module. It replaces what the client had."""

    me: str
    user_seq: int
    state: dict[str, Any]
    max_frame_bytes: int


class Subscribed(Answer, tag="subbed", omit_defaults=False, frozen=True):
    """From now on every event of `a` comes. gap: some lie too far back; fetch the state and go on from there."""

    a: str
    seq: int
    gap: bool


class Bump(Answer, tag="bump", frozen=True, omit_defaults=False):
    """Something happened in an audience that one belongs to and does not follow; at most once a second.

    s, n: where it stands. e: the last event that counts as unread, if one came since the last bump. The
    hub writes the bytes itself; this is their shape.
    """

    a: str
    s: int
    n: int
    e: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Refused(Answer, tag="problem", frozen=True):
    """A command failed. retry: the same command may succeed later."""

    problem: ProblemDocument
    retry: bool
    id: str = ""


class Closed(Answer, tag="closed", frozen=True):
    """This audience is no longer the client's. shut: it is still the person's, but needs a stronger sign-in."""

    a: str
    shut: bool = False


class Pong(Answer, tag="pong", frozen=True):
    """Still here."""
