# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Attributes of people in files and plans: said, kept, taken away, and never by accident."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fachwerk.features.provisioning import Org, OrgRefused, State, compare, org_now, read_org, removals, undo, write_org
from fachwerk.features.provisioning.org import OrgPerson
from fachwerk.features.provisioning.state import Who
from fachwerk.features.provisioning.steps import AccountStep, takes_away, verb_of
from tests.features.provisioning.office import Desk, open_desk
from tests.features.provisioning.simulate import after, orgs, states

NAMES = ("beruf", "ort")
HEAD = "kind;key;name;given_name;parent;email;beruf\n"
HOUSE = "department;A;Abteilung A;;;;\n"
VALUES = st.lists(st.sampled_from(["Arzt", "Jurist"]), unique=True).map(lambda values: tuple(sorted(values)))


def org_of(*people: str) -> Org:
    return read_org((HEAD + HOUSE + "\n".join(people)).encode(), NAMES)


def planned(org: Org, state: State) -> tuple[AccountStep, ...]:
    numbers = count()
    steps = compare(org, state, lambda: f"new{next(numbers)}").steps
    return tuple(step for step in steps if isinstance(step, AccountStep))


def ada(**attributes: tuple[str, ...]) -> State:
    return State({}, {}, frozenset(), {"ada": Who("Ada", "Koerner", None, attributes=attributes)}, {})


def test_a_column_has_all_values_and_an_empty_cell_none() -> None:
    org = org_of("person;ada;K;Ada;A;;Jurist| Arzt |Arzt", "person;bea;R;Bea;A;;", r"person;cem;A;Cem;A;;A\|B\\|C")
    said = {who.login: dict(who.attributes) for who in org.people}
    assert said == {
        "ada": {"beruf": ("Arzt", "Jurist")},
        "bea": {"beruf": ()},
        "cem": {"beruf": ("A|B\\", "C")},
    }
    without = read_org((HEAD.replace(";beruf", "") + "person;ada;K;Ada;;").encode(), NAMES)
    assert without.people[0].attributes == {}, "a file without the column says nothing"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("person;ada;K;Ada;A;;" + "x" * 101, "line 3: beruf has more than 10 values, or one of more than 100 signs"),
        (
            "person;ada;K;Ada;A;;" + "|".join("abcdefghijk"),
            "line 3: beruf has more than 10 values, or one of more than 100 signs",
        ),
        ("person;ada;K;Ada;A;;a\u200bb", "line 3: beruf has signs that cannot be printed or more than 200"),
        ("person;ada;K;Ada;A;;a\nperson;ada;K;Ada;;;b", "line 4: ada has another beruf than in line 3"),
        ("person;ada;K;Ada;A;;a\nperson;ada;L;Ada;;;b", "line 4: ada has another name or address than in line 3"),
    ],
)
def test_faults_are_told_by_their_line(rows: str, said: str) -> None:
    with pytest.raises(OrgRefused) as refused:
        org_of(rows)
    assert said in str(refused.value).split("\n")


def test_only_what_the_settings_name_is_a_column() -> None:
    with pytest.raises(OrgRefused, match="unknown column 'beruf'"):
        read_org((HEAD + HOUSE).encode())


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20)


@given(st.lists(TEXT, max_size=5, unique=True))
def test_whatever_values_there_are_is_written_so_that_it_is_read_again(values: list[str]) -> None:
    org = Org((), (OrgPerson("a", "A", "B", None, {}, {"beruf": tuple(sorted(values))}),))
    assert read_org(write_org(org).encode(), NAMES) == org


def test_a_plan_names_attributes_and_not_what_they_are() -> None:
    [step] = planned(org_of("person;ada;Koerner;Ada;;;Arzt"), ada(beruf=("Jurist",), ort=("Kassel",)))
    assert str(step) == "~ account ada: beruf is another"
    assert (step.before and step.before.attributes) == {"beruf": ("Jurist",)}, "only what is asked for"
    assert planned(org_of("person;ada;Koerner;Ada;;;Arzt"), ada(beruf=("Arzt",), ort=("Kassel",))) == ()


def test_a_column_that_was_left_empty_does_not_empty_the_house() -> None:
    state = ada(beruf=("Jurist",), ort=())
    steps = planned(org_of("person;ada;Koerner;Ada;;;"), state)
    assert [str(one) for one in removals(steps, state, max_percent=5)] == [
        "this would remove 1 of 1 attributes of people, which is more than 5 %"
    ]
    assert [(verb_of(step), takes_away(step)) for step in steps] == [("change", True)]


@given(orgs(), states(), st.data())
def test_what_is_said_is_so_afterwards_and_the_rest_as_before(org: Org, state: State, data: st.DataObject) -> None:
    said = st.dictionaries(st.just("beruf"), VALUES)
    org = Org(org.departments, tuple(replace(who, attributes=data.draw(said)) for who in org.people))
    has = st.fixed_dictionaries({"beruf": VALUES, "ort": VALUES})
    accounts = {login: msgspec.structs.replace(who, attributes=data.draw(has)) for login, who in state.accounts.items()}
    state = state._replace(accounts=accounts)
    numbers = count()
    plan = compare(org, state, lambda: f"new{next(numbers)}")
    done = after(plan.steps, state)
    for who in org.people:
        before = state.accounts[who.login].attributes if who.login in state.accounts else {}
        assert done.accounts[who.login].attributes == before | dict(who.attributes)
    assert compare(org, done, lambda: f"new{next(numbers)}").steps == ()
    assert after(undo(plan.steps, done).steps, done) == state


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with open_desk(database_url) as desk:
        yield desk


@pytest.mark.anyio
async def test_a_plan_makes_them_at_the_provider_and_here_and_takes_them_back(desk: Desk) -> None:
    async def apply(*people: str) -> int:
        office = desk.office
        made, _ = await office.plan(org_of(*people), complete=False)
        return await office.apply(made, "file", desk.done.append)

    kept = "SELECT p.subject, a.name, a.value FROM person_attribute a JOIN person p ON p.id = a.person_id"

    async def here() -> list[str]:
        return [str(value) for _, _, value in await desk.ask(kept)]

    await apply("person;ada;K;Ada;A;;Arzt|Jurist")
    assert desk.realm.found["ada"].profile.attributes == {"beruf": ("Arzt", "Jurist")}
    assert await here() == ["Arzt", "Jurist"]
    changed = await apply("person;ada;K;Ada;A;;Arzt")
    assert await here() == ["Arzt"]
    assert org_now(await desk.state())[0].people[0].attributes == {"beruf": ("Arzt",)}
    await desk.undo(changed)
    assert await here() == ["Arzt", "Jurist"]
    await apply("person;ada;K;Ada;A;;")
    assert await here() == []
    assert desk.realm.found["ada"].profile.attributes == {"beruf": ()}
