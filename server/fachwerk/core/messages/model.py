# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of messages: their present state. Their history is in the events of the room."""

from sqlalchemy import JSON, BigInteger, Index, LargeBinary, text
from sqlmodel import Field, SQLModel


class MessageRow(SQLModel, table=True):
    """A message as it stands. root_id: of a reply, the message that began the thread. files: FileRefs as JSON.

    client_id: chosen by the sender's client; body_hash tells a repeated send from another one under the
    same id. replies, last_reply_ms: of a root.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_room", "room_id", "seq", unique=True),
        Index("message_top", "room_id", "seq", sqlite_where=text("root_id IS NULL"),
              postgresql_where=text("root_id IS NULL")),
        Index("message_thread", "root_id", "seq"),
        Index("message_client", "sender_id", "client_id", unique=True),
        Index("message_written", "sender_id", "at_ms", "id", sqlite_where=text("deleted_ms IS NULL"),
              postgresql_where=text("deleted_ms IS NULL")),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    room_id: str
    seq: int = Field(sa_type=BigInteger)
    sender_id: str
    client_id: str
    body_hash: bytes = Field(sa_type=LargeBinary)
    at_ms: int = Field(sa_type=BigInteger)
    text: str
    root_id: str | None = None
    files: list[dict[str, str | int]] = Field(default_factory=list, sa_type=JSON)
    edited_ms: int | None = Field(default=None, sa_type=BigInteger)
    deleted_ms: int | None = Field(default=None, sa_type=BigInteger)
    replies: int = 0
    last_reply_ms: int | None = Field(default=None, sa_type=BigInteger)


class Revision(SQLModel, table=True):
    """What a message said before an edit. event_seq: the event that told of the edit."""

    __tablename__ = "message_revision"
    message_id: str = Field(primary_key=True)
    no: int = Field(primary_key=True)
    at_ms: int = Field(sa_type=BigInteger)
    text: str
    event_seq: int = Field(default=0, sa_type=BigInteger)


class ThreadRead(SQLModel, table=True):
    """How far a person has read a thread."""

    __tablename__ = "thread_read"
    person_id: str = Field(primary_key=True)
    root_id: str = Field(primary_key=True)
    read_seq: int = Field(sa_type=BigInteger)
