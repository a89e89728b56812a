# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of polls."""

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel


class PollRow(SQLModel, table=True):
    """A question. seq: where in its room it was asked."""

    __tablename__ = "poll"
    id: str = Field(primary_key=True)
    room_id: str = Field(index=True)
    seq: int = Field(default=0, sa_type=BigInteger)
    sender_id: str
    at_ms: int = Field(sa_type=BigInteger)
    question: str
    options: list[str] = Field(sa_type=JSON)
    closed: bool = False


class Vote(SQLModel, table=True):
    """What somebody chose. option: index into the poll's options."""

    __tablename__ = "poll_vote"
    poll_id: str = Field(primary_key=True, foreign_key="poll.id")
    person_id: str = Field(primary_key=True)
    option: int
