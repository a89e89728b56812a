# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plans as administrators see them."""

from typing import Annotated, Literal

import msgspec

from fachwerk.kernel.wire import Body, Query, Wire

from .state import Role
from .steps import Kind, Verb
from .words import Sentence

STEPS_PAGE = 200
"""Steps on one page."""
NAME_MAX_CHARS = 200


class StepCount(Wire):
    """How many steps do the same to the same kind of thing. verb: None if an earlier release did not note it.

    left: those that are still to do.
    """

    kind: Kind
    verb: Verb | None
    steps: int
    left: int


class PlanSummary(Wire):
    """A plan. source: what it was read from. undoes: the plan that it takes back. left: steps still to do.

    planned_by, begun_by: names; None for commands on the server. ended_at: None until all is done, or until another
    plan took it back. running: somebody is at it now. failure: why it stands still, or was given up.
    """

    number: int
    source: str
    undoes: int | None
    planned_by: str | None
    begun_by: str | None
    begun_at: str
    ended_at: str | None
    running: bool
    steps: int
    left: int
    failure: list[Sentence]


class Plans(Wire):
    """Plans, the newest first. next: for `before`; None on the last page."""

    items: list[PlanSummary]
    next: int | None


class PlanDetail(Wire):
    """A plan, and what it does by sort."""

    plan: PlanSummary
    counts: list[StepCount]


class PlanSearch(Query):
    """before: the page behind the one whose `next` this is."""

    before: Annotated[int, msgspec.Meta(ge=1)] | None = None


class StepSide(Wire):
    """A thing before or after a step: a department has a name and a parent, an account the rest, a place a role."""

    name: str | None = None
    parent: str | None = None
    email: str | None = None
    enabled: bool | None = None
    role: Role | None = None


class StepLine(Wire):
    """A step. target: a short name, a login, or for places both with a blank between. before, after: None for no thing.

    verb: `remove` also for an account that is closed. done: always false in a draft. attributes: of an account, the
    names of those that become others; their values are the person's own business.
    """

    number: int
    kind: Kind
    verb: Verb
    target: str
    before: StepSide | None
    after: StepSide | None
    done: bool
    attributes: list[str]


class StepPage(Wire):
    """Steps in their order. next: for `cursor`; None on the last page."""

    items: list[StepLine]
    next: int | None


class StepSearch(Query):
    """Which steps. q: a part of a target. left: only those to do. cursor: the page behind the one with this `next`."""

    q: Annotated[str, msgspec.Meta(max_length=100)] = ""
    kind: Kind | None = None
    verb: Verb | None = None
    left: bool = False
    cursor: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Draft(Wire):
    """A plan that nobody has begun. created_by: a name. complete: who is not named leaves.

    undoes: the plan that it would take back.
    said: notes of a plan, or why there is none. too_much: what must be confirmed by the number of removals.
    """

    id: str
    state: Literal["planning", "planned", "refused"]
    source: str
    complete: bool
    undoes: int | None
    created_by: str
    created_at: str
    steps: int
    removals: int
    said: list[Sentence]
    too_much: list[Sentence]


class DraftDetail(Wire):
    """A draft, and what it would do by sort."""

    draft: Draft
    counts: list[StepCount]


class Standing(Wire):
    """What can be done here. ready: false where plans are made by commands only. drafts: the newest first."""

    ready: bool
    upload_max_bytes: int
    drafts: list[Draft]


class Upload(Query):
    """name: of the file. complete: departments and people that it does not name end or leave."""

    name: Annotated[str, msgspec.Meta(max_length=NAME_MAX_CHARS)] = ""
    complete: bool = False


class FileFault(Wire):
    """What is wrong with a file. where: `line 7`."""

    where: str
    what: Sentence


class Uploaded(Wire):
    """What became of a file: a draft, or None and the first of its faults. faults_total: how many there are."""

    draft: Draft | None
    faults: list[FileFault]
    faults_total: int


class Confirmed(Body):
    """removals: how many there are, typed by somebody who means them; asked for only where it is too much."""

    removals: int | None = None


class Undo(Body):
    """force: also what has changed since."""

    force: bool = False


class Begun(Wire):
    """plan: its number."""

    plan: int
