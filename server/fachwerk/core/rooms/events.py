# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of rooms."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire

from .model import Kind, Label, Membership, Role


class RoomRow(Wire):
    """A room as one person's list shows it. Unread is posts - read_posts.

    announces: only those who lead it write there. other_id: in a direct room, the other person. invited_by: while
    membership is "invited". until: when one's own place or invitation ends by itself (RFC 3339).
    """

    id: str
    kind: Kind
    name: str
    topic: str
    open: bool
    label: Label
    announces: bool
    role: Role
    membership: Membership
    department_id: str | None
    other_id: str | None
    invited_by: str | None
    seq: int
    posts: int
    read_seq: int
    read_posts: int
    until: str | None = None


class MemberRow(Wire):
    """A person in a room, or invited to it.

    until: when that ends by itself (RFC 3339). by_rule: they are in as long as a rule of the room means them.
    """

    person_id: str
    role: Role
    membership: Membership
    until: str | None = None
    by_rule: bool = False


class MemberJoined(Event, tag="member.joined", frozen=True):
    """Somebody is in the room now. until, by_rule: as in `MemberRow`."""

    person_id: str
    role: Role
    until: str | None = None
    by_rule: bool = False


class MemberInvited(Event, tag="member.invited", frozen=True):
    """Somebody may join now. until: as in `MemberRow`."""

    person_id: str
    role: Role
    by: str
    until: str | None = None


class MemberLeft(Event, tag="member.left", frozen=True):
    """Somebody left, declined an invitation, or the time for it is over."""

    person_id: str


class MemberRemoved(Event, tag="member.removed", frozen=True):
    """Somebody was taken out, or an invitation was taken back."""

    person_id: str
    by: str


class RoleChanged(Event, tag="member.role_changed", frozen=True):
    """Somebody has another role; whoever was in by a rule is so no longer, but by hand."""

    person_id: str
    role: Role


class EndChanged(Event, tag="member.end_changed", frozen=True, omit_defaults=False):
    """A place or an invitation ends then by itself; None for not at all."""

    person_id: str
    until: str | None


class RoomChanged(Event, tag="room.changed", frozen=True, omit_defaults=False):
    """Name or topic are new."""

    name: str
    topic: str


class RoomLabelled(Event, tag="room.labelled", frozen=True, omit_defaults=False):
    """What is said here may go this far from now on. open: whether its department may still walk in."""

    label: Label
    open: bool


class RoomShown(Event, tag="room.shown", frozen=True):
    """Signal to everybody in a room, whether they follow it or not: what their lists show of it is this now."""

    room_id: str
    name: str
    topic: str
    label: Label
    open: bool


class RoomOpened(Event, tag="room.opened", frozen=True):
    """To one's own stream: a room is in the list now, or has new rights. opens: its audience, once joined."""

    room: RoomRow
    opens: str = ""


class RoomGone(Event, tag="room.gone", frozen=True):
    """To one's own stream: a room is no longer in the list."""

    room_id: str
    closes: str


class Read(Event, tag="read", frozen=True):
    """Signal to one's own sockets: the marker moved."""

    room_id: str
    read_seq: int
    read_posts: int


class PersonGone(Event, tag="member.gone", frozen=True):
    """Inside the house only: this person is no longer in this room."""

    room_id: str
    person_id: str


class LabelChanged(Event, tag="room.label_changed", frozen=True):
    """Inside the house only: a room has this label now."""

    room_id: str
    label: Label
