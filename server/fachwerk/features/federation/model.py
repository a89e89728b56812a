# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of federation."""

from typing import Literal

from sqlalchemy import BigInteger, Column, String
from sqlmodel import Field, SQLModel

PeerState = Literal["opening", "open", "refused", "closed"]
LIVE: tuple[PeerState, ...] = ("opening", "open")
"""States in which something crosses."""


class SharedRoom(SQLModel, table=True):
    """A room that is or was shared. key: its Matrix room. origin: the server it came from, None for one of ours."""

    __tablename__ = "federation_room"
    room_id: str = Field(primary_key=True, foreign_key="room.id")
    key: str | None = Field(default=None, unique=True)
    origin: str | None = None


class PeerRow(SQLModel, table=True):
    """A room's sharing with one ministry. name: as it was called here at the opening. contact: whom it is for there.

    opened_seq: only what comes after it crosses; closed_seq: and only up to this. delivered_seq: up to
    where it has arrived there; it only rises. reachable: as the bridge sees the way there.
    """

    __tablename__ = "federation_peer"
    room_id: str = Field(primary_key=True, foreign_key="federation_room.room_id")
    server: str = Field(primary_key=True)
    name: str
    state: PeerState = Field(sa_column=Column(String(16), nullable=False))
    reason: str = ""
    contact: str
    opened_by: str
    opened_seq: int = Field(default=0, sa_type=BigInteger)
    closed_seq: int | None = Field(default=None, sa_type=BigInteger)
    delivered_seq: int = Field(default=0, sa_type=BigInteger)
    reachable: bool = True
    since_ms: int = Field(sa_type=BigInteger)
