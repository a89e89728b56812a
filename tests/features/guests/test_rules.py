# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How long a guest may stay."""

from hypothesis import given
from hypothesis import strategies as st

from fachwerk.core.rooms import LEADERS
from fachwerk.features.guests.rules import GUEST_ACTIONS, RULES, end_within
from fachwerk.kernel.policy import Actor, Facts, Policy

MOMENTS = st.integers(min_value=0, max_value=1 << 53)
SPANS = st.integers(min_value=1, max_value=1 << 40)


@given(MOMENTS, st.none() | MOMENTS, SPANS, SPANS)
def test_an_end_lies_ahead_and_no_further_than_allowed(
    now: int, wanted: int | None, default: int, longest: int
) -> None:
    end = end_within(now, wanted, default_ms=default, max_ms=longest)
    if wanted is None:
        assert end == now + min(default, longest)
    else:
        assert (end == wanted) if now < wanted <= now + longest else (end is None)


def test_a_guest_brings_nobody_along_whatever_their_role() -> None:
    policy = Policy(RULES)
    for role in (*LEADERS, "member"):
        for action, _, _ in policy.table():
            assert not policy.allows(Actor(id="g", only=GUEST_ACTIONS), action, Facts(role=role, kind="group"))


def test_a_sponsor_answers_for_a_guest_even_after_leaving_the_room() -> None:
    policy, gone = Policy(RULES), Facts(role=None, author_id="s", kind="group")
    for action in ("guest.renew", "guest.extend", "guest.end"):
        assert policy.allows(Actor(id="s"), action, gone)
        assert not policy.allows(Actor(id="x"), action, gone)
