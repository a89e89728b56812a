# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Polls over HTTP."""

from typing import Annotated

import msgspec

from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route
from fachwerk.kernel.wire import Body

from . import service
from .events import Poll

Question = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
Option = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]


class NewPoll(Body):
    """What to ask."""

    question: Question
    options: Annotated[list[Option], msgspec.Meta(min_length=2, max_length=10)]


class NewVote(Body):
    """What is chosen: an index into the options."""

    option: Annotated[int, msgspec.Meta(ge=0, lt=10)]


async def open_poll(call: Call, body: NewPoll) -> Poll:
    """Ask a room."""
    options = [option.strip() for option in body.options]
    row = await service.open_poll(call.work, call.policy, call.actor, call.id("room"), body.question.strip(), options)
    await call.work.settle()
    return service.wire(row, [0] * len(options), None)


async def vote(call: Call, body: NewVote) -> None:
    """Choose an option."""
    await service.vote(call.work, call.policy, call.actor, call.id("poll"), body.option)


async def close(call: Call) -> None:
    """End a poll."""
    await service.close(call.work, call.policy, call.actor, call.id("poll"))


ROUTES = [
    route("POST", "/api/v1/rooms/{room}/polls", open_poll, action="poll.open", status=201),
    route("PUT", "/api/v1/polls/{poll}/vote", vote, action="poll.vote"),
    route("POST", "/api/v1/polls/{poll}/close", close, action="poll.close"),
]
