# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages, threads, and the group commit that stores them."""

from .events import Ack, Message, MessageDeleted
from .log import Append, MessageLog, Stored
from .module import MODULE
from .rules import TEXT_CHARS, AlreadyDeleted
from .sequencer import Sequencer
from .service import allowed_message, facts_of, seq_of, tail_ids
from .sync import TAIL
from .written import Span, Written, written

__all__ = [
    "MODULE",
    "TAIL",
    "TEXT_CHARS",
    "Ack",
    "AlreadyDeleted",
    "Append",
    "Message",
    "MessageDeleted",
    "MessageLog",
    "Sequencer",
    "Span",
    "Stored",
    "Written",
    "allowed_message",
    "facts_of",
    "seq_of",
    "tail_ids",
    "written",
]
