# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Connections to PostgreSQL that have died are noticed before they are used."""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine

RESTED_S = 5.0
"""A connection that nobody used for so long is tried first."""
SINCE = "rests since"


def try_rested(engine: AsyncEngine) -> None:
    """Have the pool try what rested, and drop all connections when one of them is dead.

    SQLAlchemy's own `pool_pre_ping` asks the database before each transaction, which costs as much as a small question.
    A connection that was closed at the other end knows it by itself; only where nothing was said, as when a machine is
    gone, is asking the only way.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def rests(_connection: Any, record: Any) -> None:
        record.info[SINCE] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def tried(connection: Any, record: Any, _taken: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError("a connection was closed")
        if time.monotonic() - record.info.get(SINCE, time.monotonic()) < RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError("a connection did not answer") from error
