# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with messages."""

import hashlib

from fachwerk.core.rooms import LEADERS, MEMBERS, WRITERS
from fachwerk.kernel.errors import Conflict, Invalid
from fachwerk.kernel.policy import Rule, author, room_role

RULES = [
    Rule("message.read", (room_role(*MEMBERS),), hide=True),
    Rule("message.post", (room_role(*WRITERS),), hide=True),
    Rule("message.edit", (author,), hide=True),
    Rule("message.delete", (author, room_role(*LEADERS)), hide=True),
]

TEXT_CHARS = 16_000
"""Characters of one message."""
FILES_PER_MESSAGE = 20
REVISIONS = 100
"""Edits of one message whose former texts are kept; then it cannot be edited again."""


class SameIdOtherBody(Conflict):
    """A client used its id for two different messages."""

    slug, title = "client-id-used", "This client id already belongs to another message"


class AlreadyDeleted(Conflict):
    """Too late to change it."""

    slug, title = "message-deleted", "The message has been deleted"


class TooManyEdits(Conflict):
    """A message is no wiki."""

    slug, title = "too-many-edits", "The message has been edited too often"


class EmptyMessage(Invalid):
    """Neither text nor file."""

    slug, title = "empty-message", "The message is empty"


def body_hash(room_id: str, text: str, root_id: str | None, file_ids: tuple[str, ...]) -> bytes:
    """16 bytes that tell two sends under one client id apart."""
    parts = "\x1f".join((room_id, root_id or "", *file_ids, text))
    return hashlib.blake2b(parts.encode(), digest_size=16).digest()
