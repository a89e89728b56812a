# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of plans that were carried out or are about to be (docs/decisions/0018)."""

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlmodel import Field, SQLModel


class PlanRow(SQLModel, table=True):
    """One apply. source: what it was read from. undoes: the plan that it takes back. ended_ms: all steps were done."""

    __tablename__ = "provisioning_plan"
    number: int = Field(primary_key=True)
    source: str
    issuer: str
    undoes: int | None = None
    begun_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)


class StepRow(SQLModel, table=True):
    """One step of a plan, in the order of their numbers. kind, target, before, after: as in `steps`. done_ms: when."""

    __tablename__ = "provisioning_step"
    plan: int = Field(primary_key=True, foreign_key="provisioning_plan.number")
    number: int = Field(primary_key=True)
    kind: str = Field(sa_type=String(16))
    target: str
    before: Any = Field(default=None, nullable=True, sa_type=JSON)
    after: Any = Field(default=None, nullable=True, sa_type=JSON)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class LeaseRow(SQLModel, table=True):
    """Who may carry out steps now. One row, id 1."""

    __tablename__ = "provisioning_lease"
    id: int = Field(primary_key=True)
    holder: str
    until_ms: int = Field(sa_type=BigInteger)
