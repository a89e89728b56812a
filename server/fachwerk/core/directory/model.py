# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of departments and who belongs to them."""

from typing import Literal

from sqlalchemy import BigInteger, Index, String, text
from sqlmodel import Field, SQLModel

DepartmentRole = Literal["member", "deputy", "lead"]
"""What somebody is in a department; a deputy may do there whatever who leads it may."""


class Department(SQLModel, table=True):
    """A part of the ministry. parent_id: the part that it belongs to, None at the top. short: as on a door sign."""

    __tablename__ = "department"
    id: str = Field(primary_key=True)
    parent_id: str | None = Field(default=None, foreign_key="department.id", index=True)
    name: str
    short: str = Field(unique=True)


class DepartmentMember(SQLModel, table=True):
    """Somebody's place in a department; one may have several."""

    __tablename__ = "department_member"
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    department_id: str = Field(primary_key=True, foreign_key="department.id", index=True)
    role: DepartmentRole = Field(default="member", sa_type=String)


class PersonAttribute(SQLModel, table=True):
    """A value of an attribute that somebody has. value_key: as it is compared, whatever its spelling."""

    __tablename__ = "person_attribute"
    __table_args__ = (Index("ix_person_attribute_value", "name", "value_key", "person_id"),)
    person_id: str = Field(primary_key=True, foreign_key="person.id")
    name: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    value_key: str


class DepartmentOpening(SQLModel, table=True):
    """People of the department `to_id`, and of all below it, see those of this one, and of all below it."""

    __tablename__ = "department_opening"
    department_id: str = Field(primary_key=True, foreign_key="department.id")
    to_id: str = Field(primary_key=True, foreign_key="department.id", index=True)


class DepartmentAdmin(SQLModel, table=True):
    """Somebody who administers a department and all below it. until_ms: no longer from then on; None for no end."""

    __tablename__ = "department_admin"
    __table_args__ = (
        Index(
            "ix_department_admin_until", "until_ms",
            sqlite_where=text("until_ms IS NOT NULL"), postgresql_where=text("until_ms IS NOT NULL"),
        ),
    )  # fmt: skip
    department_id: str = Field(primary_key=True, foreign_key="department.id")
    person_id: str = Field(primary_key=True, foreign_key="person.id", index=True)
    until_ms: int | None = Field(default=None, sa_type=BigInteger)
    appointed_by: str = Field(foreign_key="person.id", index=True)
    appointed_ms: int = Field(sa_type=BigInteger)
