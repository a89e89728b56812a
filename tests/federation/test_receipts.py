# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the bridge tells of how far a room has come elsewhere, with its other sides replaced."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from nio import RoomSendResponse
from sqlalchemy.dialects import sqlite
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from fachwerk_matrix import receipts
from fachwerk_matrix.connector import Fachwerk
from fachwerk_matrix.ghosts import Homeserver
from fachwerk_matrix.receipts import Receipts
from fachwerk_matrix.store import Outgoing, Peer, Room, Store
from fachwerk_matrix.wire import FederatedRoom, RoomPeer

PEER = "sued.example"
ROOM = FederatedRoom(room_id="r", name="Lage", topic="", opened_seq=1, peers=[RoomPeer(server=PEER, state="open")])


class Told:
    """In place of Fachwerk and of the homeserver's room."""

    server_name = "nord.example"

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.acknowledged: list[int] = []

    @property
    def bot(self) -> "Told":
        return self

    async def room_send(self, _room: str, _kind: str, content: dict[str, Any], **_more: str) -> RoomSendResponse:
        self.acknowledged.append(content["seq"])
        return RoomSendResponse("$event", "!r")

    async def put_status(self, _room_id: str, _server: str, **words: Any) -> None:
        self.reports.append(words)


class Busy(Store):
    """A store in which somebody writes a message between any two questions about what is on its way."""

    last = 0

    async def write(self, *, confirmed: bool = False) -> None:
        """Queue the next message; confirmed: it was sent long ago and has arrived."""
        self.last += 1
        row = Outgoing(room_id="r", txn_id=str(self.last), local_seq=10 + self.last, seq=self.last, step="")
        row.done_ms = 1 if confirmed else None
        async with self.work() as db:
            db.add(row)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        async with super().read() as session:
            ask = session.exec

            async def and_write(question: Any, **more: Any) -> Any:
                answer = await ask(question, **more)
                if "outgoing" in str(question):
                    await self.write()
                return answer

            session.exec = and_write  # type: ignore[method-assign,assignment]
            yield session


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Busy]:
    busy = Busy(f"sqlite+aiosqlite:///{tmp_path}/bridge.db")
    await busy.open()
    async with busy.work() as db:
        db.add(Peer(room_id="r", server=PEER, present=True, confirmed=3))
    for _ in range(3):
        await busy.write(confirmed=True)
    yield busy
    await busy.close()


@pytest.mark.anyio
async def test_what_is_written_meanwhile_has_not_arrived(store: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts, "REST_S", 0.0)
    fachwerk = Told()
    telling = Receipts(store, cast("Fachwerk", fachwerk), cast("Homeserver", None))
    await telling.report(ROOM)
    assert fachwerk.reports == [{"reachable": True, "delivered_seq": 13}]
    assert store.last > 3
    await telling.report(ROOM)
    assert len(fachwerk.reports) == 1, "nothing else has arrived"


async def _received(store: Store, seq: int) -> None:
    async with store.work() as db:
        (await db.get_one(Peer, ("r", PEER))).received = seq


@pytest.mark.anyio
async def test_few_events_are_acknowledged_together_and_many_or_the_first_at_once(
    store: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    monkeypatch.setattr(receipts, "sleep", rest)
    told = Told()
    telling = Receipts(store, cast("Fachwerk", told), cast("Homeserver", told))
    async with store.work() as db:
        db.add(Room(room_id="r", mx_room="!r", read_seq=0))
    await _received(store, 1)
    assert await telling.acknowledge("r") == 0.0
    assert (told.acknowledged, rested) == ([1], [receipts.REST_S]), "the first at once"
    await _received(store, receipts.MANY)
    assert await telling.acknowledge("r") == 0.0
    assert told.acknowledged == [1, receipts.MANY]
    assert receipts.REST_S < rested[1] <= 2 * receipts.REST_S, "few wait for more"
    await _received(store, 2 * receipts.MANY)
    assert await telling.acknowledge("r") == 0.0
    assert told.acknowledged == [1, receipts.MANY, 2 * receipts.MANY]
    assert len(rested) == 4, "many do not wait"
    assert await telling.acknowledge("r") is None


@pytest.mark.anyio
@pytest.mark.parametrize("query", [receipts._newest("r"), receipts._unsent("r"), receipts._unheard("r", 3)])
async def test_what_is_on_its_way_is_found_at_the_end_of_an_index(store: Busy, query: SelectOfScalar[Any]) -> None:
    asked = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    async with store.read() as db:
        connection = await db.connection()
        plan = "\n".join(str(row) for row in (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")).all())
    assert "USING INDEX outgoing_" in plan
    assert "TEMP B-TREE" not in plan
