# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the table of guests keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Guest

SHOWN = ("invited_ms", "accepted_ms", "link_until_ms", "ends_ms", "ended_ms", "why")


def invitation(person_id: str) -> Select[Any]:
    """Of a guest: who invited them, and until when."""
    return select(*columns(Guest, "room_id", "sponsor_id", *SHOWN)).where(col(Guest.person_id) == person_id)


def guests(person_id: str) -> Select[Any]:
    """Guests whom they invited."""
    return (
        select(*columns(Guest, "person_id", "room_id", *SHOWN))
        .where(col(Guest.sponsor_id) == person_id)
        .order_by(col(Guest.invited_ms), col(Guest.person_id))
    )


PERSONAL = {"guest_invitation": invitation, "guests": guests}
