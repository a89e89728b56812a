# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The reactions module."""

from sqlalchemy import delete
from sqlmodel import col

from fachwerk.core import messages
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Module

from .events import ReactionAdded, ReactionRemoved
from .model import ReactionRow
from .personal import PERSONAL
from .routes import ROUTES
from .service import RULES, of_messages
from .sync import SNAPSHOTS


async def on_message_deleted(work: Work, event: messages.MessageDeleted) -> None:
    """Forget what people thought of a message that is gone."""
    await work.db.exec(delete(ReactionRow).where(col(ReactionRow.message_id) == event.message_id))


MODULE = Module(
    name="reactions",
    routes=ROUTES,
    rules=RULES,
    events=[ReactionAdded, ReactionRemoved],
    snapshots=SNAPSHOTS,
    annotate=of_messages,
    on={messages.MessageDeleted: on_message_deleted},
    personal=PERSONAL,
)
