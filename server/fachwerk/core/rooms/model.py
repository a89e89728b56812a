# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of rooms."""

from typing import Literal

from sqlalchemy import BigInteger, Column, Index, String, text
from sqlmodel import Field, SQLModel

Kind = Literal["group", "department", "direct"]
Role = Literal["owner", "moderator", "member", "reader"]
ANNOUNCED_TO: Role = "reader"
"""What people join as where only those who lead a room write."""
Label = Literal["open", "internal", "confidential"]
Membership = Literal["joined", "invited", "left"]


def _word() -> Column[str]:
    return Column(String(16), nullable=False)


class Room(SQLModel, table=True):
    """A place to talk. open: members of its department may join by themselves. pair: of a direct room, both ids.

    label: how far what is said here may go (see `labels`). joins_as: the role of whoever comes in; see
    ANNOUNCED_TO.
    """

    __tablename__ = "room"
    id: str = Field(primary_key=True)
    kind: Kind = Field(sa_column=_word())
    name: str = ""
    topic: str = ""
    open: bool = False
    label: Label = Field(default="open", sa_column=_word())
    joins_as: Role = Field(default="member", sa_column=_word())
    department_id: str | None = Field(default=None, index=True)
    pair: str | None = Field(default=None, unique=True)
    created_by: str
    created_ms: int = Field(sa_type=BigInteger)


class Member(SQLModel, table=True):
    """A person's place in a room. It stays after leaving, so that the names of authors stay known.

    read_seq: the last event read; read_posts: how many counting events that were. until_ms: when it ends by itself;
    None for a place that lasts, and for one that was left. by_rule: they are in because a rule of the room means them.
    """

    __tablename__ = "member"
    __table_args__ = (
        Index(
            "ix_member_until", "until_ms",
            sqlite_where=text("until_ms IS NOT NULL"), postgresql_where=text("until_ms IS NOT NULL"),
        ),
    )  # fmt: skip
    room_id: str = Field(primary_key=True, foreign_key="room.id")
    person_id: str = Field(primary_key=True, index=True)
    role: Role = Field(sa_column=_word())
    membership: Membership = Field(sa_column=_word())
    read_seq: int = Field(default=0, sa_type=BigInteger)
    read_posts: int = Field(default=0, sa_type=BigInteger)
    invited_by: str | None = None
    until_ms: int | None = Field(default=None, sa_type=BigInteger)
    by_rule: bool = False
    since_ms: int = Field(sa_type=BigInteger)


WHOLE_HOUSE = ""
"""In place of a department: all of them."""


class RoomRule(SQLModel, table=True):
    """Whom a room takes in by itself: everybody of a department (WHOLE_HOUSE: of any).

    below: and of all departments below it. leading: only those who lead it or are deputy. attribute, value: only those
    who have it, in any spelling (value_key); "" for whatever they have. The department may have ended, and the
    attribute may be taken over no more; then the rule means nobody.
    """

    __tablename__ = "room_rule"
    id: str = Field(primary_key=True)
    room_id: str = Field(foreign_key="room.id", index=True)
    department_id: str = Field(index=True)
    below: bool
    leading: bool
    attribute: str = ""
    value: str = ""
    value_key: str = ""
