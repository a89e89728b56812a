# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of what the pushing system calls its own."""

from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel


class ScimUser(SQLModel, table=True):
    """A person of whom the system tells. Their subject is `externalId`, and whether they are barred is `active`.

    user_name_key: as it is compared. said: the other attributes that are kept, as they were sent.
    """

    __tablename__ = "scim_user"
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    user_name: str
    user_name_key: str = Field(unique=True)
    said: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_ms: int = Field(sa_type=BigInteger)
    changed_ms: int = Field(sa_type=BigInteger)


class ScimGroup(SQLModel, table=True):
    """What the system calls a department."""

    __tablename__ = "scim_group"
    department_id: str = Field(primary_key=True, foreign_key="department.id", ondelete="CASCADE")
    external_id: str = Field(unique=True)
