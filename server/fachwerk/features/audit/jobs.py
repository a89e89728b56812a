# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Repeated work on the audit trail."""

from fachwerk.kernel import audit
from fachwerk.kernel.db import Work
from fachwerk.kernel.jobs import Repeat
from fachwerk.kernel.log import logger

CHAIN_REST_S = 60.0
"""How often what a release without the chain has written is chained."""

log = logger("audit")


async def chain_rest(work: Work, _body: dict[str, str]) -> None:
    """During an update the previous release writes too, and after a rollback it does alone."""
    if count := await audit.chain_rest(await work.db.connection()):
        log.info("acts of an older release have their place in the trail now", acts=count)


REPEATS = {"audit.chain_rest": Repeat(chain_rest, every_s=CHAIN_REST_S)}
