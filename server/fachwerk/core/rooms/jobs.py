# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Repeated work for rooms."""

from fachwerk.kernel.context import Context
from fachwerk.kernel.jobs import Outside, Repeat
from fachwerk.kernel.log import logger

from .ends import any_over, end_over

END_EVERY_S = 2.0
"""With what a worker needs to begin, whoever's time is over is out within 5 s."""
BATCH = 200
"""Places ended in one transaction."""

log = logger("rooms")


async def end_places(context: Context, _body: dict[str, str]) -> None:
    """End the places whose time is over. Without any it only reads."""
    async with context.database.read() as work:
        if not await any_over(work):
            return
    count = BATCH
    while count == BATCH:
        async with context.database.work() as work:
            count = await end_over(work, BATCH)
        log.info("places ended", count=count)


REPEATS = {"rooms.end_places": Repeat(Outside(end_places), every_s=END_EVERY_S)}
