# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The table of guests."""

from typing import Literal

from sqlalchemy import BigInteger, Column, String
from sqlmodel import Field, SQLModel

Why = Literal["expired", "ended", "left", "removed", "sponsor"]
"""Why somebody is no guest any more: their time was over, somebody ended it, they left the room, they were taken out
of it, or their sponsor may not come in any more."""


class Guest(SQLModel, table=True):
    """Somebody from outside, in one room for a time. What they are called stands with the person.

    link_hash: SHA-256 of the secret in their link, as hex; the secret itself is nowhere. None for a link that was
    taken back. link_until_ms: until when it may be followed, once; link_used: whether it was. accepted_ms: when
    they first came in. ends_ms: from when they are let in no more. ended_ms, why: once that is so.
    """

    __tablename__ = "guest"
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    room_id: str = Field(foreign_key="room.id", index=True)
    sponsor_id: str = Field(foreign_key="person.id", index=True)
    link_hash: str | None = Field(default=None, unique=True)
    link_until_ms: int = Field(sa_type=BigInteger)
    link_used: bool = False
    invited_ms: int = Field(sa_type=BigInteger)
    accepted_ms: int | None = Field(default=None, sa_type=BigInteger)
    ends_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    why: Why | None = Field(default=None, sa_column=Column(String(16), nullable=True))
