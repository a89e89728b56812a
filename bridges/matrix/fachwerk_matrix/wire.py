# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is read from either side. Unknown fields are left alone; what does not fit raises msgspec.ValidationError."""

from typing import Annotated, Any

import msgspec

ORIGIN = "org.fachwerk.origin"
"""Key in the content of every event that a bridge sends for its people: an `Origin`."""
DELIVERED = "org.fachwerk.delivered"
"""Event: a bridge has everything of `srv` up to `seq`, on its disk and in its Fachwerk."""
START = "org.fachwerk.start"
"""Event: for the bridges of `servers`, this bridge's numbers go on after `seq`."""
CONTACT = "org.fachwerk.contact"
"""State, by server name: whom the room is for at that ministry, and who opened it."""
REFUSED = "org.fachwerk.refused"
"""Event: a bridge will not take part, because of `reason`."""
EVENT_MAX_BYTES = 65_536
"""Of one event (Matrix specification, Client-Server API, "Size limits")."""

Seq = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Word = Annotated[str, msgspec.Meta(max_length=255)]


class Origin(msgspec.Struct, omit_defaults=True):
    """Where an event comes from. srv: whose it is. room: there. seq: from 1, without a gap, per room and srv.

    mid: the message. at: the number of its event in Fachwerk. part, parts: a message with files is several events.
    gone: the seqs of what a redaction removes, for those who will never see it.
    """

    srv: Word
    room: Word
    seq: Annotated[int, msgspec.Meta(ge=1, le=1 << 53)]
    mid: Word
    at: Seq = 0
    part: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    parts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    gone: Annotated[list[Seq], msgspec.Meta(max_length=300)] = []

    def content(self) -> dict[str, Any]:
        """As it stands in an event."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class Delivered(msgspec.Struct):
    """Content of DELIVERED."""

    srv: Word
    seq: Seq


class Start(msgspec.Struct):
    """Content of START."""

    servers: list[Word]
    seq: Seq


class Contact(msgspec.Struct):
    """Content of CONTACT. by, name: who opened the room."""

    contact: Word
    by: Word
    name: Word


class Event(msgspec.Struct):
    """A Matrix event as an application service or /messages gives it."""

    event_id: Annotated[str, msgspec.Meta(min_length=2, max_length=255)]
    room_id: Annotated[str, msgspec.Meta(min_length=2, max_length=255)]
    sender: Annotated[str, msgspec.Meta(min_length=2, max_length=255)]
    type: Word
    content: dict[str, Any]
    state_key: Word | None = None
    redacts: Word = ""

    @property
    def origin(self) -> Origin | None:
        """The origin block, if there is one. Raises msgspec.ValidationError for one that makes no sense."""
        block = self.content.get(ORIGIN)
        return None if block is None else msgspec.convert(block, Origin)


class Target(msgspec.Struct):
    """What something is a reply to."""

    event_id: Word


class Relation(msgspec.Struct):
    """`m.relates_to`."""

    rel_type: Word = ""
    event_id: Word = ""
    key: str = ""
    in_reply_to: Target | None = msgspec.field(name="m.in_reply_to", default=None)


class MediaInfo(msgspec.Struct):
    """`info` of a file."""

    size: Seq = 0


class Content(msgspec.Struct):
    """Content of `m.room.message` and `m.reaction`."""

    msgtype: Word = ""
    body: str = ""
    filename: Word = ""
    url: Word = ""
    info: MediaInfo = msgspec.field(default_factory=MediaInfo)
    new_content: "Content | None" = msgspec.field(name="m.new_content", default=None)
    relates_to: Relation = msgspec.field(name="m.relates_to", default_factory=Relation)


class Membership(msgspec.Struct):
    """Content of `m.room.member`."""

    membership: Word
    displayname: str | None = None


class FileRef(msgspec.Struct):
    """A file of a message in Fachwerk."""

    id: str
    name: str
    size_bytes: int
    media_type: str


class Message(msgspec.Struct):
    """A message in Fachwerk."""

    id: str
    sender_id: str
    text: str = ""
    root_id: str | None = None
    files: list[FileRef] = []
    deleted: bool = False
    client_id: str = ""


class LocalEvent(msgspec.Struct):
    """An event of a room in Fachwerk; which fields it has depends on its kind."""

    kind: str
    message: Message | None = None
    message_id: str = ""
    text: str = ""
    emoji: str = ""
    person_id: str = ""
    by: str = ""
    name: str = ""
    topic: str = ""


class Numbered(msgspec.Struct):
    """seq: its number in the room."""

    seq: int
    event: LocalEvent


class Events(msgspec.Struct):
    """Part of a room's stream."""

    items: list[Numbered]
    more: bool


class RoomPeer(msgspec.Struct):
    """How a room stands with another ministry."""

    server: str
    state: str
    contact: str = ""
    opened_by: str = ""


class FederatedRoom(msgspec.Struct):
    """A room that is open to others, or came from one. origin: None for ours. key: its Matrix room."""

    room_id: str
    name: str
    topic: str
    opened_seq: int
    origin: str | None = None
    key: str | None = None
    peers: list[RoomPeer] = []

    @property
    def open_servers(self) -> set[str]:
        """Those it is open to, or is being opened to."""
        return {peer.server for peer in self.peers if peer.state in {"opening", "open"}}


class Rooms(msgspec.Struct):
    """All of them."""

    items: list[FederatedRoom]


class Member(msgspec.Struct):
    """Somebody in a room of Fachwerk. mxid: None for employees."""

    person_id: str
    name: str
    mxid: str | None = None
    membership: str = "joined"


class Members(msgspec.Struct):
    """All of a room."""

    items: list[Member]


class Ministry(msgspec.Struct):
    """A ministry that is known to Fachwerk."""

    server: str


class Peers(msgspec.Struct):
    """All of them."""

    items: list[Ministry]
