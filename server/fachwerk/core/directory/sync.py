# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client knows of the directory, and how that changes."""

from fachwerk.kernel.db import Work
from fachwerk.kernel.module import Received, Snapshot
from fachwerk.kernel.policy import Actor

from . import service
from .events import SurroundingsChanged
from .wire import Surroundings


async def load(work: Work, actor: Actor, _person_id: str) -> Surroundings:
    """Snapshot of a person's place in the directory."""
    return await service.surroundings(work, actor)


def apply(state: Surroundings, received: Received) -> Surroundings:
    """Only whole replacements."""
    return received.event.surroundings if isinstance(received.event, SurroundingsChanged) else state


SNAPSHOTS = {"user": Snapshot(load=load, apply=apply)}
