# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The table of what was set where."""

from sqlmodel import Field, SQLModel


class PolicyRow(SQLModel, table=True):
    """A value that was set. place: a department's id, also of one that has ended, or EVERYWHERE.

    delegated: by somebody who administers the department and not the installation: then it can only narrow.
    """

    __tablename__ = "department_policy"
    place: str = Field(primary_key=True)
    policy: str = Field(primary_key=True)
    value: str
    delegated: bool = False
