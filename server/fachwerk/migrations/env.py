# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Runs migrations on either database, with bounded waits."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import fachwerk.app  # noqa: F401 -- so that every module's tables are known
from fachwerk.kernel.log import logger
from fachwerk.migrations import newest

LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS = 4_000, 60_000

log = logger("migrations")


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
            connection.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"))
            # Two processes that start at once: the second waits here and finds the work done.
            connection.execute(text("SELECT pg_advisory_xact_lock(7251)"))
        current = context.get_context().get_current_revision() or ""
        if current > newest():
            # the release was rolled back: its steps are known to the newer one alone, and each was made to bear this
            log.warning("the database is newer than this release and stays as it is", found=current, needed=newest())
            return
        context.run_migrations()


async def _run(url: str) -> None:
    engine: Any = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


_url = context.config.get_main_option("sqlalchemy.url")
assert _url
asyncio.run(_run(_url))
