# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the trail holds about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, or_, select

from fachwerk.kernel.audit import ROWS


def acts(person_id: str) -> Select[Any]:
    """What they did, and what was done to them and by whom."""
    of = ROWS.c
    return (
        select(*of["number", "at_ms", "actor_id", "action", "subject", "detail"])
        .where(or_(of.actor_id == person_id, of.subject == person_id))
        .order_by(of.at_ms, of.number)
    )


PERSONAL = {"acts": acts}
