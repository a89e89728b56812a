# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The database for commands that change it without serving: needs no keys, no store, no sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError

from fachwerk.app import MODULES, listeners
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.db import Database
from fachwerk.kernel.ids import new_id


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Database]:
    """Open it; modules react to changes as ever, and running servers read the events from the database.

    Raises SystemExit with a sentence while it does not answer or is not migrated.
    """
    database = Database(
        url,
        clock=SystemClock(),
        ids=new_id,
        deliver=lambda *_: None,
        signal=lambda *_, **__: None,
        listeners=listeners(MODULES),
    )
    try:
        yield database
    except (DBAPIError, OSError) as error:
        raise SystemExit("the database does not answer or is not migrated; run `fachwerk migrate` first") from error
    finally:
        await database.close()
