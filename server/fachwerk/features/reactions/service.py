# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reacting, and taking it back."""

from sqlmodel import col, func, select

from fachwerk.core import messages, rooms
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import Conflict, Invalid
from fachwerk.kernel.policy import Actor, Policy, Rule, room_role

from .events import Reaction, ReactionAdded, ReactionRemoved
from .model import ReactionRow

EMOJIS_PER_MESSAGE = 30
"""Different ones."""
EMOJI_CODE_POINTS = 12
"""Of one emoji; families with skin tones need ten."""

RULES = [Rule("message.react", (room_role(*rooms.WRITERS),), hide=True)]


class TooManyReactions(Conflict):
    """A message carries only so many different emojis."""

    slug, title = "too-many-reactions", "The message has too many different reactions"


class NotAnEmoji(Invalid):
    """Reactions are emojis, not words."""

    slug, title = "not-an-emoji", "A reaction is a single emoji"


def require_emoji(text: str) -> str:
    """Refuse what is plainly no emoji: letters, digits alone, spaces, control characters, too long."""
    plain = all(ord(c) < 0x2000 for c in text)  # noqa: PLR2004 -- general punctuation begins there
    if not text or len(text) > EMOJI_CODE_POINTS or plain or any(c.isalpha() or c.isspace() for c in text):
        raise NotAnEmoji
    return text


async def add(work: Work, policy: Policy, actor: Actor, message_id: str, emoji: str) -> None:
    """React. Reacting twice changes nothing."""
    message = await messages.allowed_message(work, policy, actor, "message.react", message_id)
    if message.deleted_ms is not None:
        raise messages.AlreadyDeleted
    key = (message.id, require_emoji(emoji), actor.id)
    if await work.db.get(ReactionRow, key):
        return
    different = select(func.count(func.distinct(ReactionRow.emoji))).where(
        ReactionRow.message_id == message.id, col(ReactionRow.emoji) != emoji
    )
    if (await work.db.exec(different)).one() >= EMOJIS_PER_MESSAGE:
        raise TooManyReactions(limit=EMOJIS_PER_MESSAGE)
    row = ReactionRow(
        message_id=message.id, emoji=emoji, person_id=actor.id, room_id=message.room_id, at_ms=work.now_ms
    )
    work.db.add(row)
    added = ReactionAdded(message_id=message.id, emoji=emoji, person_id=actor.id)
    work.emit(rooms.audience_of(message.room_id), added)


async def remove(work: Work, policy: Policy, actor: Actor, message_id: str, emoji: str) -> None:
    """Take a reaction back. One that is not there changes nothing."""
    message = await messages.allowed_message(work, policy, actor, "message.react", message_id)
    row = await work.db.get(ReactionRow, (message.id, emoji, actor.id))
    if row is None:
        return
    await work.db.delete(row)
    removed = ReactionRemoved(message_id=message.id, emoji=emoji, person_id=actor.id)
    work.emit(rooms.audience_of(message.room_id), removed)


async def of_messages(work: Work, actor: Actor, message_ids: list[str]) -> dict[str, list[Reaction]]:  # noqa: ARG001
    """Reactions by message; only of messages that the caller has checked. One query."""
    found = await work.db.exec(
        select(ReactionRow)
        .where(col(ReactionRow.message_id).in_(message_ids))
        .order_by(col(ReactionRow.at_ms), col(ReactionRow.person_id))
    )
    people: dict[str, dict[str, list[str]]] = {}
    for row in found:
        people.setdefault(row.message_id, {}).setdefault(row.emoji, []).append(row.person_id)
    return {
        message_id: [Reaction(emoji=emoji, person_ids=ids) for emoji, ids in by_emoji.items()]
        for message_id, by_emoji in people.items()
    }
