# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What plans keep about a person, as they may read it."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlmodel import col

from fachwerk.core import identity
from fachwerk.kernel.personal import columns

from .model import DraftRow, PlanRow, StepRow


def provisioning(person_id: str) -> Select[Any]:
    """Steps of plans that made or changed their account. Plans know accounts and no ids, so the address tells."""
    email = select(col(identity.Person.email)).where(col(identity.Person.id) == person_id).scalar_subquery()
    theirs = or_(*(col(state)["email"].as_string() == email for state in (StepRow.before, StepRow.after)))
    return (
        select(
            *columns(StepRow, "plan"),
            *columns(PlanRow, "source"),
            *columns(StepRow, "target", "before", "after", "done_ms"),
        )
        .join(PlanRow, col(PlanRow.number) == StepRow.plan)
        .where(col(StepRow.kind) == "account", theirs)
        .order_by(col(StepRow.plan), col(StepRow.number))
    )


def org_plans(person_id: str) -> Select[Any]:
    """Plans that they asked for or had carried out."""
    return (
        select(*columns(PlanRow, "number", "source", "undoes", "begun_ms", "ended_ms"))
        .where((col(PlanRow.planned_by) == person_id) | (col(PlanRow.begun_by) == person_id))
        .order_by(col(PlanRow.number))
    )


def org_drafts(person_id: str) -> Select[Any]:
    """Plans that they look at and that nobody has begun. What these say of people is forgotten within a day."""
    return (
        select(*columns(DraftRow, "id", "source", "undoes", "state", "steps", "created_ms"))
        .where(col(DraftRow.created_by) == person_id)
        .order_by(col(DraftRow.created_ms), col(DraftRow.id))
    )


PERSONAL = {"provisioning": provisioning, "org_plans": org_plans, "org_drafts": org_drafts}
