# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is to be done in a Matrix room for what happened in Fachwerk; kept as JSON until it is done."""

import msgspec

from .wire import FileRef

TEXT_PART_BYTES = 48_000
"""Of a message's text in one event, as JSON; a longer one travels in parts. A whole event has at most 65,536."""


class Step(msgspec.Struct, tag_field="do", omit_defaults=True):
    """Base of all steps."""


class Say(Step, tag="say"):
    """Post a part of a message: text, or one of its files."""

    person_id: str
    message_id: str
    text: str = ""
    file: FileRef | None = None
    root_id: str | None = None
    part: int = 1
    parts: int = 1


class Edit(Step, tag="edit"):
    """Give a message another text."""

    message_id: str
    text: str


class Withdraw(Step, tag="withdraw"):
    """Delete a message. by: the employee who did."""

    message_id: str
    by: str


class React(Step, tag="react"):
    """Give a reaction."""

    person_id: str
    message_id: str
    emoji: str


class Unreact(Step, tag="unreact"):
    """Take a reaction back."""

    person_id: str
    message_id: str
    emoji: str


class Come(Step, tag="come"):
    """An employee is in the room now."""

    person_id: str


class Go(Step, tag="go"):
    """An employee has left it."""

    person_id: str


class Rename(Step, tag="rename"):
    """The room has another name or topic."""

    name: str
    topic: str


class Begin(Step, tag="begin"):
    """Tell other bridges after which number ours go on."""

    servers: list[str]
    after: int


class Passed(Step, tag="passed"):
    """Nothing to do: it came from Matrix. Its number counts as delivered once all before it has arrived."""


AnyStep = Say | Edit | Withdraw | React | Unreact | Come | Go | Rename | Begin | Passed
UNNUMBERED = (Come, Go, Rename, Begin, Passed)
"""What carries no number on the wire: state that is reconciled, and what is not sent."""


def encode(step: AnyStep) -> str:
    """As it is kept."""
    return msgspec.json.encode(step).decode()


def decode(text: str) -> AnyStep:
    """What was kept."""
    step: AnyStep = msgspec.json.decode(text, type=AnyStep)
    return step


def text_parts(text: str) -> list[str]:
    """A text in pieces that fit into an event each. Joined they are the text; none is empty."""
    pieces: list[str] = []
    rest = text
    while rest:
        count = min(len(rest), TEXT_PART_BYTES)
        while len(msgspec.json.encode(rest[:count])) > TEXT_PART_BYTES:
            count = count * 3 // 4
        pieces.append(rest[:count])
        rest = rest[count:]
    return pieces
