# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans carried out in a real database, with a provider in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import text

from fachwerk.app import MODULES, listeners
from fachwerk.features.provisioning import Office, State, read_org
from fachwerk.kernel.clock import Clock
from fachwerk.kernel.db import Database
from fachwerk.kernel.ids import new_id
from tests.cli.realm import MemoryRealm
from tests.house.clock import HandClock

ISSUER = "https://login.example/realms/ministry"
HEAD = "kind;key;name;given_name;parent;email;lead\n"


@dataclass
class Desk:
    """An operator's place. done: how many steps were told of."""

    database: Database
    realm: MemoryRealm
    clock: HandClock
    done: list[int] = field(default_factory=list)

    @property
    def office(self) -> Office:
        """As another process would have it."""
        return Office(self.database, self.realm, ISSUER, new_id())

    async def apply(self, rows: str, *, complete: bool = False) -> int | None:
        """Returns the plan's number; None if there was nothing to do."""
        office = self.office
        made, _ = await office.plan(read_org((HEAD + rows).encode()), complete=complete)
        return await office.apply(made, "file", self.done.append) if made.steps else None

    async def undo(self, number: int, *, force: bool = False) -> int:
        office = self.office
        made, _ = await office.plan_undo(number, force=force)
        return await office.apply(made, "undo", self.done.append, undoes=number)

    async def state(self) -> State:
        return await self.office.state()

    async def ask(self, sql: str) -> list[tuple[str | int | None, ...]]:
        async with self.database.read() as work:
            connection = await work.db.connection()
            return sorted(tuple(row) for row in (await connection.execute(text(sql))).all())


@asynccontextmanager
async def open_desk(url: str, clock: Clock | None = None) -> AsyncIterator[Desk]:
    hand = HandClock()
    database = Database(
        url,
        clock=clock or hand,
        ids=new_id,
        deliver=lambda *_: None,
        signal=lambda *_, **__: None,
        listeners=listeners(MODULES),
    )
    try:
        yield Desk(database, MemoryRealm(), hand)
    finally:
        await database.close()
