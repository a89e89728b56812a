# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a source makes of a house and how that is taken back, decided without any."""

from itertools import count
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.features.provisioning import Org, Plan, PlanRefused, State, compare, org_now, read_org, removals, undo
from fachwerk.features.provisioning.org import OrgPerson
from fachwerk.features.provisioning.plan import overtaken
from fachwerk.features.provisioning.state import Part, Place, Who
from fachwerk.features.provisioning.steps import PlaceStep, Step
from fachwerk.features.provisioning.words import SENTENCES, SentenceName, say
from tests.features.provisioning.simulate import after, orgs, states

FILE = (
    b"kind;key;name;given_name;parent;email;lead\n"
    b"department;A;Abteilung A;;;;\n"
    b"department;A 1;Referat A 1;;A;;\n"
    b"person;ada;Koerner;Ada;A 1;ada@ministerium.example;x\n"
)
ORG = read_org(FILE)
EMPTY = State({}, {}, frozenset(), {}, {})
ADA = Who("Ada", "Koerner", "ada@ministerium.example")
BUILT = State(
    {"A": Part("d1", "Abteilung A", None), "A 1": Part("d2", "Referat A 1", "A")},
    {"A": "r1", "A 1": "r2"},
    frozenset({"A", "A 1"}),
    {"ada": ADA},
    {Place("ada", "A 1"): "lead"},
    announcements={"A": "r3", "A 1": "r4"},
)


def made(org: Org, state: State, *, complete: bool = False) -> Plan:
    numbers = count()
    return compare(org, state, lambda: f"new{next(numbers)}", complete=complete)


def steps(state: State, *, complete: bool = False) -> list[str]:
    return [str(step) for step in made(ORG, state, complete=complete).steps]


def test_an_empty_house_gets_everything() -> None:
    assert steps(EMPTY) == [
        "+ department A (Abteilung A)",
        "+ room of A",
        "+ room of announcements of A",
        "+ department A 1 (Referat A 1) in A",
        "+ room of A 1",
        "+ room of announcements of A 1",
        "+ account ada (Ada Koerner <ada@ministerium.example>)",
        "+ ada in A 1 as its lead",
    ]


def test_what_is_so_already_is_no_step() -> None:
    assert steps(BUILT) == []
    assert steps(BUILT, complete=True) == []


def test_only_differences_are_steps() -> None:
    moved = BUILT._replace(departments=dict(BUILT.departments) | {"A 1": Part("d2", "Referat Eins", None)})
    assert steps(moved) == ["~ department A 1: Referat Eins is Referat A 1 moves from the top to A"]
    assert steps(BUILT._replace(groups=frozenset({"A"}))) == ["~ group of A 1 in the sign-in service"]
    other = BUILT._replace(
        accounts={"ada": Who("Ada", "Lenz", None)}, places=dict(BUILT.places) | {Place("ada", "A"): "member"}
    )
    assert steps(other) == [
        "~ account ada: Ada Lenz is Ada Koerner <ada@ministerium.example>",
        "- ada no longer in A",
    ]
    assert steps(BUILT._replace(places={Place("ada", "A 1"): "member"})) == ["+ ada in A 1 as its lead"]
    assert steps(BUILT._replace(half=frozenset({Place("ada", "A 1")}))) == [
        "~ ada in A 1: lead in the house and in the sign-in service alike"
    ]


def test_who_is_disabled_stays_so_and_others_are_left_alone() -> None:
    state = BUILT._replace(
        departments=dict(BUILT.departments) | {"Z": Part("d9", "Abteilung Z", None)},
        accounts={"ada": msgspec.structs.replace(ADA, enabled=False), "bea": Who("Bea", "Roth", None)},
        places={Place("bea", "A"): "member"},
    )
    assert made(ORG, state) == Plan(
        (), (say("disabled", login="ada"), say("left_alone_departments", count=1), say("left_alone_people", count=1))
    )
    assert steps(state, complete=True) == [
        "~ account bea: Bea Roth is Bea Roth, disabled",
        "- bea no longer in A",
        "- department Z",
    ]


def test_accounts_that_belong_nowhere_are_nobodys_business() -> None:
    state = BUILT._replace(accounts={"ada": ADA, "backup": Who("Backup", "Service", None)})
    assert steps(state, complete=True) == []


def test_too_many_removals_are_told_by_kind() -> None:
    state = BUILT._replace(
        accounts={f"p{n}": ADA for n in range(20)}, places={Place(f"p{n}", "A"): "member" for n in range(20)}
    )
    few = Org(ORG.departments, tuple(OrgPerson(f"p{n}", "Ada", "Koerner", None, {"A": "member"}) for n in range(1, 20)))
    assert removals(made(few, state, complete=True).steps, state, max_percent=5) == []
    fewer = Org(few.departments[:1], few.people[1:])
    found = made(fewer, state, complete=True).steps
    assert list(map(str, removals(found, state, max_percent=5))) == [
        "this would remove 1 of 2 departments, which is more than 5 %",
        "this would remove 2 of 20 people, which is more than 5 %",
        "this would remove 2 of 20 memberships, which is more than 5 %",
    ]
    assert removals(found, state, max_percent=50) == []


def test_an_address_that_changes_hands_inside_the_source_is_free() -> None:
    state = BUILT._replace(accounts={"ada": ADA, "bea": Who("Bea", "Roth", "b@ministerium.example")})
    taken = Org(ORG.departments, (OrgPerson("ada", "Ada", "Koerner", "b@ministerium.example", {"A 1": "lead"}),))
    with pytest.raises(PlanRefused, match=r"b@ministerium\.example of ada is that of the account bea"):
        made(taken, state)
    swapped = Org(taken.departments, (*taken.people, OrgPerson("bea", "Bea", "Roth", "new@ministerium.example", {})))
    assert len(made(swapped, state).steps) == 2


def test_a_place_that_was_half_given_is_taken_back_at_both_sides() -> None:
    joining = PlaceStep(target="ada A", before=None, after="member")
    leaving = PlaceStep(target="ada A 1", before="lead", after=None)
    both = dict(BUILT.places) | {Place("ada", "A"): "member"}
    half = BUILT._replace(places=both, half=frozenset(both))
    assert [str(step) for step in undo([joining, leaving], half).steps] == [
        "+ ada in A 1 as its lead",
        "- ada no longer in A",
    ]


def test_an_address_is_free_before_another_gets_it() -> None:
    def who(email: str | None) -> Who:
        return Who("Ada", "Koerner", email)

    def asked(**emails: str) -> Org:
        return Org((), tuple(OrgPerson(login, "Ada", "Koerner", email, {}) for login, email in emails.items()))

    state = EMPTY._replace(accounts={"ada": who("1@m.example"), "bea": who("2@m.example"), "cem": who("3@m.example")})
    chain = made(asked(ada="2@m.example", bea="3@m.example", cem="4@m.example", eva="1@m.example"), state)
    assert [step.target for step in chain.steps] == ["cem", "bea", "ada", "eva"]
    with pytest.raises(PlanRefused, match=r"these exchange their addresses.*: ada, bea$"):
        made(asked(ada="2@m.example", bea="1@m.example", cem="3@m.example"), state)


# ---- laws


def names(org: Org) -> dict[str, object]:
    return {person.login: person for person in org.people}


@given(orgs(), states())
def test_a_complete_plan_makes_the_state_that_the_source_says(org: Org, state: State) -> None:
    done = after(made(org, state, complete=True).steps, state)
    assert set(org_now(done)[0].departments) == set(org.departments)
    assert names(org_now(done)[0]) == {p.login: p for p in org.people if p.departments}
    assert done.rooms.keys() == done.announcements.keys() == done.departments.keys() == done.groups
    assert made(org, done, complete=True).steps == (), "a second time there is nothing to do"


@given(orgs(), states())
def test_a_plan_that_is_not_complete_takes_nothing_from_whom_it_does_not_name(org: Org, state: State) -> None:
    done = after(made(org, state).steps, state)
    named = {person.login for person in org.people}
    assert {p: r for p, r in state.places.items() if p.login not in named} == {
        p: r for p, r in done.places.items() if p.login not in named
    }
    assert state.departments.keys() <= done.departments.keys()
    assert made(org, done).steps == ()


@given(orgs(), states(), st.booleans(), st.data())
def test_undo_after_apply_changes_nothing_however_far_it_came(
    org: Org, state: State, complete: bool, data: st.DataObject
) -> None:
    whole = made(org, state, complete=complete).steps
    part = whole[: data.draw(st.integers(0, len(whole)))]
    done = after(part, state)
    back = undo(whole, done)
    assert after(back.steps, done) == state
    assert after(undo(back.steps, state).steps, state) == done


@given(orgs(), states())
def test_steps_are_kept_as_json_and_found_again(org: Org, state: State) -> None:
    for step in made(org, state, complete=True).steps:
        assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(step)), Step) == step


@given(orgs(), states())
def test_what_has_changed_since_is_refused_or_forced(org: Org, state: State) -> None:
    whole = made(org, state).steps
    done = after(whole, state)
    changed = done._replace(accounts={login: Who("Xenia", "Roth", None) for login in done.accounts})
    touched = [step for step in whole if step.__struct_config__.tag == "account"]
    if not touched:
        return
    with pytest.raises(PlanRefused, match="has changed since"):
        undo(whole, changed)
    forced = after(undo(whole, changed, force=True).steps, changed)
    for step in touched:
        assert forced.accounts.get(step.target) == state.accounts.get(step.target)


@given(orgs(), states(), st.booleans())
def test_no_plan_is_overtaken_where_it_was_made(org: Org, state: State, complete: bool) -> None:
    assert overtaken(made(org, state, complete=complete).steps, state) == []


def test_a_plan_is_overtaken_by_what_others_did_to_its_things() -> None:
    planned = made(ORG, EMPTY).steps
    other = EMPTY._replace(accounts={"ada": Who("Adele", "Koerner", None)})
    assert list(map(str, overtaken(planned, other))) == [
        "has changed since: + account ada (Ada Koerner <ada@ministerium.example>)"
    ]
    below = made(ORG, EMPTY._replace(departments={"A": BUILT.departments["A"]})).steps
    gone = overtaken(below, EMPTY)
    assert [(one.about["kind"], one.about["target"]) for one in gone] == [("department", "A 1")], "without its parent"


def test_every_sentence_has_words() -> None:
    assert set(SENTENCES) == set(get_args(SentenceName))
