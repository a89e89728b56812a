# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which value holds where: set at a place, or at the next one above that has set one."""

from collections.abc import Mapping

import pytest

from fachwerk.core.policies.rules import EVERYWHERE, Places, Ruling
from fachwerk.kernel.db import Work
from fachwerk.kernel.module import DepartmentPolicy


async def _nobody(_work: Work) -> Mapping[tuple[str | None, str], int]:
    return {}


DOOR = DepartmentPolicy("door", ("open", "ajar", "shut"), _nobody)
TREE = {"H": None, "A": "H", "A1": "A", "B": "H"}


@pytest.mark.parametrize(
    ("own", "place", "holds"),
    [
        ({}, "A1", Ruling("open", None)),
        ({"H": "ajar"}, "H", Ruling("ajar", "H")),
        ({"H": "ajar"}, "A1", Ruling("ajar", "H")),
        ({"H": "shut", "A": "open"}, "A1", Ruling("open", "A")),
        ({"H": "shut", "A": "open"}, "B", Ruling("shut", "H")),
        ({EVERYWHERE: "shut"}, "A1", Ruling("shut", EVERYWHERE)),
        ({EVERYWHERE: "shut", "H": "ajar"}, "B", Ruling("ajar", "H")),
        ({EVERYWHERE: "shut"}, EVERYWHERE, Ruling("shut", EVERYWHERE)),
        ({"H": "shut"}, EVERYWHERE, Ruling("open", None)),
        ({"ended": "ajar", EVERYWHERE: "shut"}, "ended", Ruling("ajar", "ended")),
        ({EVERYWHERE: "shut"}, "ended", Ruling("shut", EVERYWHERE)),
    ],
)
def test_what_is_set_holds_until_something_nearer_is_set(own: dict[str, str], place: str, holds: Ruling) -> None:
    places = Places(TREE, {(one, "door"): value for one, value in own.items()})
    assert places.ruling(place, DOOR) == holds


@pytest.mark.parametrize(
    ("house", "delegated", "place", "holds"),
    [
        ({}, {"A": "ajar"}, "A", Ruling("ajar", "A")),
        ({}, {"A": "ajar"}, "A1", Ruling("ajar", "A")),
        ({}, {"A": "ajar", "A1": "shut"}, "A1", Ruling("shut", "A1")),
        ({}, {"A": "ajar", "A1": "open"}, "A1", Ruling("ajar", "A")),
        ({"H": "shut"}, {"A": "ajar"}, "A", Ruling("shut", "H")),
        ({EVERYWHERE: "shut"}, {"A": "ajar"}, "A1", Ruling("shut", EVERYWHERE)),
        ({"H": "ajar"}, {"A": "ajar"}, "A", Ruling("ajar", "A")),
        ({"A1": "open"}, {"A": "shut"}, "A1", Ruling("open", "A1")),
    ],
)
def test_what_was_delegated_only_narrows_also_what_is_set_above_it_later(
    house: dict[str, str], delegated: dict[str, str], place: str, holds: Ruling
) -> None:
    own = {(one, "door"): value for one, value in (house | delegated).items()}
    places = Places(TREE, own, frozenset((one, "door") for one in delegated))
    assert places.ruling(place, DOOR) == holds


@pytest.mark.parametrize(
    ("house", "delegated", "place", "choices"),
    [
        ({}, {}, "A", ["open", "ajar", "shut"]),
        ({"H": "ajar"}, {}, "A", ["ajar", "shut"]),
        ({EVERYWHERE: "shut"}, {}, "A1", ["shut"]),
        ({"A": "ajar"}, {}, "A", []),
        ({"A": "ajar"}, {}, "A1", ["ajar", "shut"]),
        ({"H": "ajar"}, {"A": "shut"}, "A", ["ajar", "shut"]),
        ({}, {"A": "shut"}, "A1", ["shut"]),
    ],
)
def test_what_may_be_set_by_who_administers_a_department_is_no_wider_than_what_comes_from_above(
    house: dict[str, str], delegated: dict[str, str], place: str, choices: list[str]
) -> None:
    own = {(one, "door"): value for one, value in (house | delegated).items()}
    places = Places(TREE, own, frozenset((one, "door") for one in delegated))
    assert places.choices(place, DOOR, delegated=True) == choices
    assert places.choices(place, DOOR, delegated=False) == ["open", "ajar", "shut"]


def test_another_policy_is_another_matter() -> None:
    assert Places(TREE, {("A", "window"): "shut"}).ruling("A1", DOOR) == Ruling("open", None)


def test_departments_in_a_ring_end_at_the_whole_house() -> None:
    ring = {"A": "B", "B": "A"}
    assert Places(ring, {(EVERYWHERE, "door"): "shut"}).ruling("A", DOOR) == Ruling("shut", EVERYWHERE)
    assert Places(ring, {("B", "door"): "ajar"}).ruling("A", DOOR) == Ruling("ajar", "B")


def test_the_first_value_is_the_widest() -> None:
    assert [DOOR.is_wider(value, "ajar") for value in DOOR.values] == [True, False, False]
