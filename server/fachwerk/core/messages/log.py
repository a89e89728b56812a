# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The write of the hot path, as each database implements it."""

from typing import NamedTuple, Protocol

import msgspec

from fachwerk.kernel.events import EventLog


class Append(msgspec.Struct, frozen=True):
    """One message to store. event: the encoded `message.posted`. files: FileRefs as JSON text."""

    id: str
    room_id: str
    sender_id: str
    client_id: str
    body_hash: bytes
    at_ms: int
    text: str
    root_id: str | None
    files: str
    file_ids: tuple[str, ...]
    event: bytes


class Stored(NamedTuple):
    """What became of an append. fresh: False when it was stored before. posts: the room's count after it."""

    id: str
    room_id: str
    seq: int
    posts: int
    at_ms: int
    body_hash: bytes
    fresh: bool


class MessageLog(EventLog, Protocol):
    """The three raw statements: append a batch, read a range, what changed since."""

    async def append(self, batch: list[Append]) -> list[Stored | None]:
        """Store a batch in one durable transaction, in order.

        None for a message whose sender may not write there (any more), or whose root is not there.
        No two of a batch share sender and client id. An append that was stored before changes nothing.
        """
        ...
