# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What groups that are there already ask for."""

import pytest

from fachwerk.core.identity import GroupThere
from fachwerk.features.provisioning import OrgRefused, State
from fachwerk.features.provisioning.grouptree import org_of_groups
from fachwerk.features.provisioning.org import OrgDepartment, OrgPerson
from fachwerk.features.provisioning.state import Part, Place, Who

ADA = Who("Ada", "Koerner", "ada@ministerium.example")
CEM = Who("Cem", "Aydin", None)
EMPTY = State({}, {}, frozenset(), {"ada": ADA, "cem": CEM}, {})
TREE = [
    GroupThere("/haus/A", "/haus", "A", "Abteilung A", ("cem",)),
    GroupThere("/haus/A/A 1", "/haus/A", "A 1", "", ("ada", "cem")),
]


def test_groups_become_departments_and_their_members_people() -> None:
    org = org_of_groups(TREE, EMPTY)
    assert org.departments == (OrgDepartment("A", "Abteilung A", None), OrgDepartment("A 1", "A 1", "A"))
    assert org.people == (
        OrgPerson("cem", "Cem", "Aydin", None, {"A": "member", "A 1": "member"}),
        OrgPerson("ada", "Ada", "Koerner", "ada@ministerium.example", {"A 1": "member"}),
    )


def test_what_groups_cannot_say_stays_as_it_is_here() -> None:
    here = EMPTY._replace(
        departments={"A 1": Part("d", "Referat A 1", None)},
        places={Place("ada", "A 1"): "lead", Place("cem", "A 1"): "deputy"},
    )
    org = org_of_groups(TREE, here)
    assert [department.name for department in org.departments] == ["Abteilung A", "Referat A 1"]
    assert {person.login: person.departments["A 1"] for person in org.people} == {"ada": "lead", "cem": "deputy"}


def test_a_disabled_account_is_nobody() -> None:
    away = EMPTY._replace(accounts={"ada": ADA, "cem": Who("Cem", "Aydin", None, enabled=False)})
    assert [person.login for person in org_of_groups(TREE, away).people] == ["ada"]


def test_all_faults_are_told_with_their_group_or_account() -> None:
    nameless = EMPTY._replace(accounts={"ada": Who("", "", None)})
    again = GroupThere("/haus/B/A", "/haus/B", "A", "", ())
    tree = [*TREE, GroupThere("/haus/B", "/haus", "B", "", ()), again]
    with pytest.raises(OrgRefused) as refused:
        org_of_groups(tree, nameless)
    assert [str(fault) for fault in refused.value.faults] == [
        "group /haus/B/A: the department A was in group /haus/A already",
        "account ada: name is empty",
    ]


def test_nothing_below_is_a_fault() -> None:
    with pytest.raises(OrgRefused):
        org_of_groups([], EMPTY)
