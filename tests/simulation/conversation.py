# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People who talk while something breaks, and what must be true of it afterwards."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from itertools import groupby
from operator import itemgetter
from typing import Any

from tests.simulation.client import Client
from tests.simulation.conftest import PEOPLE, Stage

SENDERS, EACH = 8, 125
BOUND_S = 120.0
"""No scenario may take longer."""


async def converse(
    stage: Stage, fault: Callable[[list[Client]], Coroutine[Any, Any, None]], *, window: int
) -> list[Client]:
    """All people follow, 8 of them send, the fault happens; then everybody must agree."""
    async with asyncio.timeout(BOUND_S), AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(stage.client(place).present()) for place in range(PEOPLE)]
        async with asyncio.TaskGroup() as group:
            group.create_task(fault(clients))
            for place, client in enumerate(clients[:SENDERS]):
                group.create_task(client.send_all(messages(place, EACH), window=window))
        standing = await stage.standing()
        for client in clients:
            await client.until_heard(standing)
    await agree(stage, clients, set())
    sent_s = {client_id: at for client in clients for client_id, at in client.sent_s.items()}
    worst_s = max(at - sent_s[client_id] for client in clients for client_id, at in client.heard_s.items())
    print(f"worst delivery: {worst_s:.2f} s")  # noqa: T201 -- for people: a busy machine makes it anything
    return clients


async def agree(stage: Stage, clients: list[Client], others: set[str]) -> None:
    """What was acknowledged, what is stored and what each one heard are the same. others: sent by nobody here."""
    stored = await stage.stored()
    acked = {client_id: seq for client in clients for client_id, seq in client.acked.items()}
    assert {client_id: seq for seq, _, client_id in stored if client_id not in others} == acked
    assert len(stored) == len(acked) + len(others), "a message twice"
    assert [seq for seq, *_ in stored] == list(range(stage.room.seq + 1, stage.room.seq + 1 + len(stored)))
    for _, theirs in groupby(sorted(stored, key=itemgetter(1)), key=itemgetter(1)):
        client_ids = [client_id for _, _, client_id in theirs]
        assert client_ids == sorted(client_ids), "a sender's messages have changed places"
    for client in clients:
        assert client.heard == [(seq, client_id) for seq, _, client_id in stored]


def messages(place: int, count: int) -> list[tuple[str, str]]:
    return [(f"send-{place}-{number:04}", f"Nachricht {number}") for number in range(count)]


async def until_acknowledged(clients: list[Client], count: int) -> None:
    await until(clients, lambda: sum(len(client.acked) for client in clients) >= count)


async def until(clients: list[Client], condition: Callable[[], bool]) -> None:
    """Look again whenever any client has heard something."""
    while not condition():
        waiting = [asyncio.ensure_future(client.changed.wait()) for client in clients]
        for client in clients:
            client.changed.clear()
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
