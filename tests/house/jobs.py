# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What one lane of a worker does."""

from collections.abc import Mapping

from fachwerk.kernel.context import Context
from fachwerk.kernel.jobs import Job, Repeat, claim, perform


async def run_one(context: Context, handlers: Mapping[str, Job], repeats: Mapping[str, Repeat]) -> bool:
    """Run one due job. Returns False when none is due."""
    job = await claim(context.database, handlers, repeats)
    if job is None:
        return False
    await perform(context, job, handlers, repeats)
    return True
