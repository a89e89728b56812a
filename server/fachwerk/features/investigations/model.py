# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The table of investigations."""

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel


class Investigation(SQLModel, table=True):
    """Somebody asks to read what a person wrote, and somebody else decides. It stays for good.

    person_id: whom it concerns. since_ms, until_ms: the range, its end not included. hours: for how long.
    reference: of the file that the suspicion is kept in. sentence: why it was decided so. ends_ms: from when nothing
    is read any more. ended_ms: when it was over, or the question was taken back; ended_by: None for by its time.
    pages: how many were read. tell_after_days: how long the person is not told after the end. tell_ms: when they are;
    None as long as it is not over, and for good if nothing was read. told_ms, confirmed_ms: once that is so.
    """

    __tablename__ = "investigation"
    __table_args__ = (Index("ix_investigation_person", "person_id", "told_ms"),)
    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    asked_by: str = Field(foreign_key="person.id")
    asked_ms: int = Field(sa_type=BigInteger)
    since_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    hours: int
    reason: str
    reference: str
    approved: bool | None = None
    decided_by: str | None = Field(default=None, foreign_key="person.id")
    decided_ms: int | None = Field(default=None, sa_type=BigInteger)
    sentence: str = ""
    ends_ms: int | None = Field(default=None, sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    ended_by: str | None = Field(default=None, foreign_key="person.id")
    pages: int = 0
    tell_after_days: int = 0
    tell_ms: int | None = Field(default=None, sa_type=BigInteger)
    told_ms: int | None = Field(default=None, sa_type=BigInteger)
    confirmed_ms: int | None = Field(default=None, sa_type=BigInteger)
