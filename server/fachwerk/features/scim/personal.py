# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the pushing system told us about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from fachwerk.kernel.personal import columns

from .model import ScimUser


def told(person_id: str) -> Select[Any]:
    """What was said of them."""
    kept = columns(ScimUser, "user_name", "said", "created_ms", "changed_ms")
    return select(*kept).where(col(ScimUser.person_id) == person_id)


PERSONAL = {"scim": told}
