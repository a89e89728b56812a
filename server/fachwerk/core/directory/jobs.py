# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Repeated work for the directory."""

from fachwerk.kernel.context import Context
from fachwerk.kernel.jobs import Outside, Repeat
from fachwerk.kernel.log import logger

from .administrators import any_over, end_over
from .attributes import forget

END_EVERY_S = 2.0
"""The right ends by the clock; this tells the person's clients and the audit trail of it within 5 s."""

FORGET_EVERY_S = 3600.0
"""Attributes that are not taken over any more; a worker that starts with other settings looks at once."""

log = logger("directory")


async def end_administration(context: Context, _body: dict[str, str]) -> None:
    """Let those go whose time as an administrator is over. Without any it only reads."""
    async with context.database.read() as work:
        if not await any_over(work):
            return
    async with context.database.work() as work:
        count = await end_over(work)
    log.info("administrators of departments ended", count=count)


REPEATS = {
    "directory.end_administration": Repeat(Outside(end_administration), every_s=END_EVERY_S),
    "directory.forget": Repeat(Outside(forget), every_s=FORGET_EVERY_S, at_start=True),
}
