# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Table of reactions."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class ReactionRow(SQLModel, table=True):
    """One emoji of one person on one message."""

    __tablename__ = "reaction"
    message_id: str = Field(primary_key=True)
    emoji: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, index=True)
    room_id: str
    at_ms: int = Field(sa_type=BigInteger)
