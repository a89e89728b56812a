# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the table of investigations keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Investigation

DECIDED = ("id", "asked_by", "asked_ms", "decided_by", "decided_ms")


def investigations(person_id: str) -> Select[Any]:
    """Those of which they were told. Before that, and where nothing was read, they learn of none."""
    read = ("since_ms", "until_ms", "hours", "reason", "reference", "ended_ms", "pages", "told_ms", "confirmed_ms")
    return (
        select(*columns(Investigation, *DECIDED, *read))
        .where(col(Investigation.person_id) == person_id, col(Investigation.told_ms).is_not(None))
        .order_by(col(Investigation.told_ms), col(Investigation.id))
    )


def investigations_led(person_id: str) -> Select[Any]:
    """Those that they asked for, decided on or ended."""
    took_part = (Investigation.asked_by, Investigation.decided_by, Investigation.ended_by)
    return (
        select(*columns(Investigation, *DECIDED, "person_id", "approved", "ended_by", "ended_ms", "pages"))
        .where(or_(*(col(side) == person_id for side in took_part)))
        .order_by(col(Investigation.asked_ms), col(Investigation.id))
    )


PERSONAL = {"investigations": investigations, "investigations_led": investigations_led}
