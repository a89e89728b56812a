# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What others learn of reactions."""

from fachwerk.kernel.events import Event
from fachwerk.kernel.wire import Wire


class Reaction(Wire):
    """An emoji and who gave it, first one first."""

    emoji: str
    person_ids: list[str]


class ReactionAdded(Event, tag="reaction.added", frozen=True):
    """Somebody reacted."""

    message_id: str
    emoji: str
    person_id: str


class ReactionRemoved(Event, tag="reaction.removed", frozen=True):
    """Somebody took a reaction back."""

    message_id: str
    emoji: str
    person_id: str
