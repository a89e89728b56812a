# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The table decides, and says what it decides by."""

import pytest

from fachwerk.kernel.errors import Forbidden, NotFound
from fachwerk.kernel.policy import (
    Actor,
    Facts,
    Policy,
    Rule,
    author,
    department_admin,
    room_role,
    same_department,
    signed_in,
)

ADA = Actor(id="ada", roles=frozenset({"painter"}), departments=frozenset({"a"}))


def painter(actor: Actor, _facts: Facts, /) -> bool:
    return "painter" in actor.roles


POLICY = Policy(
    [
        Rule("thing.read", (room_role("member"), same_department), hide=True),
        Rule("thing.change", (author,), hide=True),
        Rule("house.paint", (painter,)),
        Rule("door.open", (signed_in,)),
    ]
)
ROOF = Policy([Rule("roof.mend", (painter, department_admin)), Rule("roof.see", (department_admin,), hide=True)])
KARL = Actor(id="karl", departments=frozenset({"b"}), administers=frozenset({"a"}))
"""Belongs to one department, and administers another."""
OF_A, OF_A1, OF_B = (Facts(within=frozenset(line)) for line in (("a", "house"), ("a1", "a", "house"), ("b", "house")))


@pytest.mark.parametrize(
    ("action", "facts", "allowed"),
    [
        ("thing.read", Facts(role="member"), True),
        ("thing.read", Facts(role="reader"), False),
        ("thing.read", Facts(departments=frozenset({"a"})), True),
        ("thing.read", Facts(departments=frozenset({"b"})), False),
        ("thing.change", Facts(role="member", author_id="ada"), True),
        ("thing.change", Facts(author_id="ada"), False),
        ("thing.change", Facts(role="owner", author_id="cem"), False),
        ("house.paint", Facts(), True),
        ("door.open", Facts(), True),
    ],
)
def test_a_rule_needs_one_of_its_grounds(action: str, facts: Facts, allowed: bool) -> None:
    assert POLICY.allows(ADA, action, facts) is allowed


@pytest.mark.parametrize(
    ("given", "facts", "allowed"),
    [
        ({"a"}, OF_A, True),
        ({"a"}, OF_A1, True),
        ({"a"}, OF_B, False),
        ({"a1"}, OF_A, False),
        ({"house"}, OF_B, True),
        ({"b", "a1"}, OF_A1, True),
        ({"a"}, Facts(within=frozenset({"house"})), False),
        ({"a"}, Facts(departments=frozenset({"a"})), False),
        ({"a"}, Facts(), False),
        (set(), OF_A, False),
        (set(), Facts(), False),
    ],
)
def test_a_department_is_administered_with_all_below_it(given: set[str], facts: Facts, allowed: bool) -> None:
    actor = Actor(id="karl", administers=frozenset(given))
    assert ROOF.allows(actor, "roof.mend", facts) is allowed
    assert ROOF.is_delegated(actor, "roof.mend", facts) is bool(given), "for no other reason, if at all"


def test_who_may_everywhere_may_so_by_no_department() -> None:
    both = Actor(id="ada", roles=frozenset({"painter"}), administers=frozenset({"a"}))
    assert not ROOF.is_delegated(both, "roof.mend", OF_A)
    assert ROOF.is_delegated(both, "roof.see", OF_A)


def test_a_list_reaches_as_far_as_the_reason_for_it() -> None:
    assert ROOF.reach(ADA, "roof.mend") is None
    assert ROOF.reach(KARL, "roof.mend") == frozenset({"a"})
    assert POLICY.reach(KARL, "door.open") is None
    with pytest.raises(Forbidden):
        ROOF.reach(Actor(id="cem"), "roof.mend")
    with pytest.raises(NotFound):
        ROOF.reach(ADA, "roof.see")


def test_a_stranger_learns_nothing_and_a_member_learns_why() -> None:
    with pytest.raises(NotFound):
        POLICY.require(ADA, "thing.change", Facts())
    with pytest.raises(Forbidden):
        POLICY.require(ADA, "thing.change", Facts(role="member"))
    with pytest.raises(Forbidden):
        POLICY.require(Actor(id="cem"), "house.paint", Facts())


def test_an_action_without_a_rule_is_a_fault_and_never_a_yes() -> None:
    with pytest.raises(KeyError):
        POLICY.allows(ADA, "thing.steal", Facts(role="owner"))


def test_two_rules_for_one_action_are_refused() -> None:
    with pytest.raises(ValueError, match=r"two rules for door\.open"):
        Policy([Rule("door.open", (signed_in,)), Rule("door.open", ())])


def test_the_list_for_clients_is_what_the_table_allows() -> None:
    assert POLICY.allowed(ADA, Facts(role="member", author_id="ada")) == [
        "door.open",
        "house.paint",
        "thing.change",
        "thing.read",
    ]
    assert POLICY.allowed(Actor(id="cem"), Facts()) == ["door.open"]
