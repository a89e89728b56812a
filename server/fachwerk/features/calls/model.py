# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of calls."""

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel


class CallRow(SQLModel, table=True):
    """A call. Its id is the name of the room on the media server. One room has at most one that runs."""

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "call_running", "room_id", unique=True,
            sqlite_where=text("ended_ms IS NULL"), postgresql_where=text("ended_ms IS NULL"),
        ),
    )  # fmt: skip
    id: str = Field(primary_key=True)
    room_id: str
    started_by: str
    started_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)


class Participant(SQLModel, table=True):
    """Somebody in a running call. inside: connected now. barred: was removed and may not come back."""

    __tablename__ = "call_participant"
    call_id: str = Field(primary_key=True, foreign_key="call.id")
    person_id: str = Field(primary_key=True)
    inside: bool
    barred: bool = False
