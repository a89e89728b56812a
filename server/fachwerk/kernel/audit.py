# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The audit trail: who did what to whom, written in the transaction of the act itself.

It records acts of power (roles, memberships, removals, sign-ins), never what people wrote.
"""

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel


class AuditRow(SQLModel, table=True):
    """One act. action: as in the policy table. subject: the id it was done to. detail: ids and words, no content."""

    __tablename__ = "audit"
    id: str = Field(primary_key=True)
    at_ms: int = Field(sa_type=BigInteger, index=True)
    actor_id: str = Field(index=True)
    action: str
    subject: str
    detail: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
