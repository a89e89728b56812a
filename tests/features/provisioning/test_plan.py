# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a file makes of a house, decided without any."""

from fachwerk.core.identity import Profile, Registered
from fachwerk.features.provisioning import House, plan, read_org
from fachwerk.features.provisioning.service import Part

FILE = (
    b"kind;key;name;given_name;parent;email;lead\n"
    b"department;A;Abteilung A;;;;\n"
    b"department;A 1;Referat A 1;;A;;\n"
    b"person;ada;Koerner;Ada;A 1;ada@ministerium.example;x\n"
)
ORG = read_org(FILE)
ADA = Registered("s1", Profile("ada", "Ada", "Koerner", "ada@ministerium.example"), True, frozenset({"d2"}))
BUILT = House(
    {"A": Part("d1", "Abteilung A", None, True), "A 1": Part("d2", "Referat A 1", "A", True)}, {"s1": {"A 1": True}}
)
GROUPS = {"d1": "A", "d2": "A 1"}


def steps(house: House, groups: dict[str, str], *accounts: Registered) -> list[str]:
    return [str(step) for step in plan(ORG, house, groups, {a.profile.login: a for a in accounts}).steps]


def test_an_empty_house_gets_everything() -> None:
    assert steps(House({}, {}), {}) == [
        "+ department A (Abteilung A)",
        "+ room Abteilung A",
        "+ department A 1 (Referat A 1) in A",
        "+ room Referat A 1",
        "~ group of A in the sign-in service",
        "~ group of A 1 in the sign-in service",
        "+ account ada (Ada Koerner)",
        "+ ada in A 1 as its lead",
    ]


def test_what_is_so_already_is_no_step() -> None:
    assert steps(BUILT, GROUPS, ADA) == []


def test_only_differences_are_steps() -> None:
    moved = House({"A": BUILT.departments["A"], "A 1": Part("d2", "Referat Eins", None, True)}, BUILT.places)
    assert steps(moved, GROUPS, ADA) == ["~ department A 1: Referat Eins is Referat A 1 moves from the top to A"]
    assert steps(BUILT, GROUPS | {"d2": "Eins"}, ADA) == ["~ group of A 1 in the sign-in service"]
    other = Registered("s1", Profile("ada", "Ada", "Lenz", None), True, frozenset({"d1", "d2"}))
    assert steps(BUILT, GROUPS, other) == [
        "~ account ada: Ada Lenz <> is Ada Koerner <ada@ministerium.example>",
        "- ada no longer in A",
    ]
    follower = House(BUILT.departments, {"s1": {"A 1": False}})
    assert steps(follower, GROUPS, ADA) == ["+ ada in A 1 as its lead"]
    absent = House(BUILT.departments, {})
    assert steps(absent, GROUPS, ADA) == ["+ ada in A 1 as its lead"], "registered there, but never here"


def test_who_is_disabled_stays_so_and_others_are_left_alone() -> None:
    disabled = Registered("s1", ADA.profile, False, frozenset())
    stranger = Registered("s2", Profile("bea", "Bea", "Roth", None), True, frozenset({"d1"}))
    house = House(dict(BUILT.departments) | {"Z": Part("d9", "Abteilung Z", None, True)}, {})
    made = plan(ORG, house, GROUPS, {"ada": disabled, "bea": stranger})
    assert made.steps == ()
    assert made.notes == (
        "ada is disabled in the sign-in service and stays so",
        "1 departments are not in the file and stay as they are",
    )
