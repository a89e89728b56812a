# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What federation keeps about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import PeerRow


def sharings(person_id: str) -> Select[Any]:
    """Rooms that they opened to other ministries."""
    return (
        select(*columns(PeerRow, "room_id", "server", "name", "state", "contact", "since_ms"))
        .where(col(PeerRow.opened_by) == person_id)
        .order_by(col(PeerRow.since_ms), col(PeerRow.room_id), col(PeerRow.server))
    )


PERSONAL = {"sharings": sharings}
