# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who asks, who decides, who reads; and how far that goes."""

from typing import Literal

from fachwerk.core.identity import GUARDIAN, INVESTIGATOR
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Actor, Facts, Rule, installation_role

from .model import Investigation

State = Literal["asked", "open", "refused", "withdrawn", "ended"]
UNDECIDED_MAX = 20
"""Questions of one investigator that wait for an answer at the same time."""
DAY_MS = 86_400_000
SLACK_MS = 2 * 3_600_000
"""Days are not always 24 hours long."""


def investigator(actor: Actor, facts: Facts, /) -> bool:
    """The actor investigates, and it does not concern themselves."""
    return INVESTIGATOR in actor.roles and facts.about_id != actor.id


def asker(actor: Actor, facts: Facts, /) -> bool:
    """The actor investigates, and asked for this."""
    return investigator(actor, facts) and facts.author_id == actor.id


def second_person(actor: Actor, facts: Facts, /) -> bool:
    """The actor protects the people's rights, did not ask for this, and it does not concern themselves."""
    return GUARDIAN in actor.roles and facts.author_id not in {None, actor.id} and facts.about_id != actor.id


def concerned(actor: Actor, facts: Facts, /) -> bool:
    """It concerns the actor."""
    return facts.about_id == actor.id


RULES = [
    Rule("investigation.list", (installation_role(INVESTIGATOR), installation_role(GUARDIAN))),
    Rule("investigation.ask", (investigator,)),
    Rule("investigation.decide", (second_person,), hide=True),
    Rule("investigation.read", (asker,), hide=True),
    Rule("investigation.end", (asker, second_person), hide=True),
    Rule("investigation.confirm", (concerned,), hide=True),
]


class InvestigationDecided(Conflict):
    """Somebody decided already, or the question was taken back."""

    slug, title = "investigation-decided", "This has been decided already"


class InvestigationNotOpen(Conflict):
    """Nobody has approved it, or its time is over."""

    slug, title = "investigation-not-open", "This access is not open, or not any more"


class TooManyInvestigations(Conflict):
    """More questions wait for an answer than may."""

    slug, title = "too-many-investigations", "Too many questions wait for a decision"


def state_of(row: Investigation, now_ms: int) -> State:
    """Where an investigation stands, whatever has been written down of that."""
    if row.approved is None:
        return "asked" if row.ended_ms is None else "withdrawn"
    if not row.approved:
        return "refused"
    assert row.ends_ms is not None
    return "open" if row.ended_ms is None and now_ms < row.ends_ms else "ended"


def span_end(now_ms: int, since_ms: int, until_ms: int, *, max_days: int) -> int | None:
    """Where a range ends: never after now, for nobody is watched. None for an empty one, or one that is too long."""
    end_ms = min(until_ms, now_ms)
    return end_ms if since_ms < end_ms and until_ms - since_ms <= max_days * DAY_MS + SLACK_MS else None
