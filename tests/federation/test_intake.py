# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A homeserver that repeats a transaction changes nothing, whatever was in it."""

from pathlib import Path

import msgspec
import pytest
from sqlmodel import col, select

from fachwerk_matrix.intake import Intake
from fachwerk_matrix.store import Incoming, Store

MESSAGE = {
    "type": "m.room.message",
    "event_id": "$one",
    "room_id": "!r",
    "sender": "@sara:sued.example",
    "content": {"msgtype": "m.text", "body": "Guten Tag"},
}
EVENTS = [msgspec.Raw(msgspec.json.encode(event)) for event in (MESSAGE, {"type": 7}, ["no", "event"])]


@pytest.mark.anyio
async def test_what_comes_again_is_kept_once(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/bridge.db")
    await store.open()
    woken: list[str] = []
    intake = Intake(store, "nord.example", woken.append)
    for _ in range(3):
        await intake.store(EVENTS)
        await intake.set_aside("txn", b"not JSON")
    async with store.read() as db:
        kept = list(await db.exec(select(Incoming).order_by(col(Incoming.number))))
    await store.close()
    assert [(row.event_id.partition(":")[0], row.state) for row in kept] == [
        ("$one", "new"), ("misfit", "aside"), ("misfit", "aside"),
    ]  # fmt: skip
    assert woken == ["!r"]
