# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is kept about a person: each module says it by queries, and the person may read it all (GDPR, Article 15)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import SQLModel

Records = Callable[[str], Select[Any]]
"""By a person's id: a query that answers in a fixed order, its columns named for a reader.

No secrets, and nothing that others wrote. Moments are in columns that end in `_ms`.
"""


def columns(model: type[SQLModel], *names: str) -> list[ColumnElement[Any]]:
    """These columns of a table."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    return [table.c[name] for name in names]
