# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of plans that were carried out or are about to be (docs/decisions/0018), and of those only looked at."""

from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlmodel import Field, SQLModel

NOTHING_OR_JSON = JSON(none_as_null=True)


class PlanRow(SQLModel, table=True):
    """One apply. source: what it was read from. undoes: the plan that it takes back. ended_ms: all steps were done.

    planned_by, begun_by: administrators, by their ids; None for who runs commands. failure: why it stands still, as
    `words.Sentence`s.
    """

    __tablename__ = "provisioning_plan"
    number: int = Field(primary_key=True)
    source: str
    issuer: str
    undoes: int | None = None
    begun_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    planned_by: str | None = None
    begun_by: str | None = None
    failure: Any = Field(default=None, nullable=True, sa_type=NOTHING_OR_JSON)


class StepRow(SQLModel, table=True):
    """One step of a plan, in the order of their numbers. kind, target, before, after: as in `steps`. done_ms: when.

    verb: as in `steps`; None in plans of releases that did not keep it.
    """

    __tablename__ = "provisioning_step"
    plan: int = Field(primary_key=True, foreign_key="provisioning_plan.number")
    number: int = Field(primary_key=True)
    kind: str = Field(sa_type=String(16))
    target: str
    verb: str | None = Field(default=None, nullable=True, sa_type=String(16))
    before: Any = Field(default=None, nullable=True, sa_type=JSON)
    after: Any = Field(default=None, nullable=True, sa_type=JSON)
    done_ms: int | None = Field(default=None, sa_type=BigInteger)


class LeaseRow(SQLModel, table=True):
    """Who may carry out steps now. One row, id 1."""

    __tablename__ = "provisioning_lease"
    id: int = Field(primary_key=True)
    holder: str
    until_ms: int = Field(sa_type=BigInteger)


class DraftRow(SQLModel, table=True):
    """A plan that an administrator looks at and that nobody has begun.

    state: planning, planned or refused. org: what was asked for, until it is planned; the file itself is nowhere.
    undoes: instead of that, the plan to be taken back; force: also what has changed since. complete: who is not
    named leaves. said: notes of a plan, or why there is none; too_much: what must be confirmed; both as
    `words.Sentence`s. steps, removals: how many.
    """

    __tablename__ = "provisioning_draft"
    id: str = Field(primary_key=True)
    created_by: str = Field(index=True)
    created_ms: int = Field(sa_type=BigInteger)
    source: str
    issuer: str
    state: str = Field(default="planning", sa_type=String(16))
    org: Any = Field(default=None, nullable=True, sa_type=NOTHING_OR_JSON)
    undoes: int | None = None
    force: bool = False
    complete: bool = False
    said: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    too_much: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    steps: int = 0
    removals: int = 0


class DraftStepRow(SQLModel, table=True):
    """One step of a draft; as of a plan."""

    __tablename__ = "provisioning_draft_step"
    draft: str = Field(primary_key=True, foreign_key="provisioning_draft.id")
    number: int = Field(primary_key=True)
    kind: str = Field(sa_type=String(16))
    target: str
    verb: str = Field(sa_type=String(16))
    before: Any = Field(default=None, nullable=True, sa_type=JSON)
    after: Any = Field(default=None, nullable=True, sa_type=JSON)
