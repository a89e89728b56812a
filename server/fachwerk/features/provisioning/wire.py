# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans as administrators see them."""

from fachwerk.kernel.wire import Wire


class PlanSummary(Wire):
    """A plan. source: what it was read from. undoes: the plan that it takes back. left: steps still to do.

    ended_at: None until all is done, or until another plan took it back.
    """

    number: int
    source: str
    undoes: int | None
    begun_at: str
    ended_at: str | None
    steps: int
    left: int


class Plans(Wire):
    """The newest plans, the newest first."""

    items: list[PlanSummary]


class StepLine(Wire):
    """A step. text: as `fachwerk org plan` writes it."""

    text: str
    done: bool


class PlanSteps(Wire):
    """A plan and the first of its steps, in order."""

    plan: PlanSummary
    lines: list[StepLine]
