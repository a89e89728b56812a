# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what, by table; how far an investigation goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.identity import ADMIN, AUDITOR, GUARDIAN, INVESTIGATOR
from fachwerk.features.investigations.model import Investigation
from fachwerk.features.investigations.rules import DAY_MS, RULES, SLACK_MS, State, span_end, state_of
from fachwerk.kernel.policy import Actor, Facts, Policy

MOMENTS = st.integers(min_value=0, max_value=1 << 53)
ASK, DECIDE, READ, END, CONFIRM, LIST = (
    f"investigation.{verb}" for verb in ("ask", "decide", "read", "end", "confirm", "list")
)


@pytest.mark.parametrize(
    ("actor", "roles", "may"),
    [
        ("asker", {INVESTIGATOR}, {ASK, READ, END, LIST}),
        ("asker", {INVESTIGATOR, GUARDIAN}, {ASK, READ, END, LIST}),
        ("asker", {GUARDIAN}, {LIST}),
        ("asker", set(), set()),
        ("other", {INVESTIGATOR}, {ASK, LIST}),
        ("other", {GUARDIAN}, {DECIDE, END, LIST}),
        ("other", {INVESTIGATOR, GUARDIAN}, {ASK, DECIDE, END, LIST}),
        ("other", {ADMIN, AUDITOR}, set()),
        ("concerned", {INVESTIGATOR, GUARDIAN}, {CONFIRM, LIST}),
        ("concerned", {GUARDIAN}, {CONFIRM, LIST}),
        ("concerned", set(), {CONFIRM}),
    ],
)
def test_it_takes_two_of_whom_none_is_concerned(actor: str, roles: set[str], may: set[str]) -> None:
    facts = Facts(author_id="asker", about_id="concerned")
    assert set(Policy(RULES).allowed(Actor(id=actor, roles=frozenset(roles)), facts)) == may


def test_neither_role_gives_anything_else() -> None:
    from fachwerk.app import MODULES  # noqa: PLC0415 -- every rule of the house

    policy = Policy(rule for module in MODULES for rule in module.rules)
    for facts in (Facts(), Facts(author_id="x"), Facts(author_id="x", role="reader", kind="group")):
        nobody = policy.allowed(Actor(id="a"), facts)
        both = policy.allowed(Actor(id="a", roles=frozenset({INVESTIGATOR, GUARDIAN})), facts)
        assert [one for one in both if one not in nobody and not one.startswith("investigation.")] == []


@pytest.mark.parametrize(
    ("approved", "ends_ms", "ended_ms", "now_ms", "state"),
    [
        (None, None, None, 50, "asked"),
        (None, None, 40, 50, "withdrawn"),
        (False, None, None, 50, "refused"),
        (True, 100, None, 99, "open"),
        (True, 100, None, 100, "ended"),
        (True, 100, None, 5_000, "ended"),
        (True, 100, 60, 61, "ended"),
        (True, 100, 100, 100, "ended"),
    ],
)
def test_where_it_stands_is_said_by_the_clock(
    approved: bool | None, ends_ms: int | None, ended_ms: int | None, now_ms: int, state: State
) -> None:
    row = Investigation(
        id="i", person_id="p", asked_by="a", asked_ms=0, since_ms=0, until_ms=1, hours=1, reason="r", reference="f",
        approved=approved, ends_ms=ends_ms, ended_ms=ended_ms,
    )  # fmt: skip
    assert state_of(row, now_ms) == state


@given(MOMENTS, MOMENTS, MOMENTS, st.integers(min_value=1, max_value=366))
def test_a_range_ends_by_now_and_is_no_longer_than_allowed(now: int, since: int, until: int, max_days: int) -> None:
    end = span_end(now, since, until, max_days=max_days)
    fits = since < until and since < now and until - since <= max_days * DAY_MS + SLACK_MS
    assert end == (min(until, now) if fits else None)
