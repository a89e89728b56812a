# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What identity keeps about a person, as they may read it. Secrets stay out: nobody could tell them from a theft."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import Person, Session


def account(person_id: str) -> Select[Any]:
    """Who they are here, and where that comes from."""
    return select(
        *columns(Person, "id", "issuer", "subject", "name", "email", "roles"),
        *columns(Person, "active", "enabled", "barred", "pushed", "organisation"),
    ).where(col(Person.id) == person_id)


def sessions(person_id: str) -> Select[Any]:
    """Where they are signed in."""
    return (
        select(*columns(Session, "id", "browser", "system", "created_ms", "used_ms", "expires_ms"))
        .where(col(Session.person_id) == person_id)
        .order_by(col(Session.created_ms))
    )


PERSONAL = {"account": account, "sessions": sessions}
