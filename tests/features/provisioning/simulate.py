# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What steps make of a state, without house and provider; and states and sources to try it on."""

from collections.abc import Iterable

import msgspec
from hypothesis import strategies as st

from fachwerk.features.provisioning import Org, State
from fachwerk.features.provisioning.org import OrgDepartment, OrgPerson
from fachwerk.features.provisioning.state import Part, Place, Role, Who
from fachwerk.features.provisioning.steps import (
    AccountStep,
    AnnouncementsStep,
    DepartmentStep,
    GroupRepair,
    PlaceStep,
    RoomStep,
    Step,
)


def after(steps: Iterable[Step], state: State) -> State:
    """Do all steps; refuses what a database would (a place without its department, a child without its parent)."""
    departments, rooms, groups = dict(state.departments), dict(state.rooms), set(state.groups)
    accounts, places, half = dict(state.accounts), dict(state.places), set(state.half)
    announcements = dict(state.announcements)
    for step in steps:
        if isinstance(step, DepartmentStep):
            if step.after:
                assert step.after.parent is None or step.after.parent in departments, step
                departments[step.target] = step.after
                groups.add(step.target)
            else:
                assert step.target not in rooms.keys() | announcements.keys(), step
                assert all(part.parent != step.target for part in departments.values()), step
                assert all(place.key != step.target for place in places), step
                del departments[step.target]
                groups.discard(step.target)
            assert all(_ends(key, departments) for key in departments), step
        elif isinstance(step, RoomStep):
            assert step.target in departments, step
            kept = announcements if isinstance(step, AnnouncementsStep) else rooms
            kept.pop(step.target, None)
            if step.after:
                kept[step.target] = step.after
        elif isinstance(step, AccountStep):
            there = accounts.pop(step.target, None)
            if step.after:  # of which attributes nothing is said, they stay
                attributes = (there.attributes if there else {}) | step.after.attributes
                accounts[step.target] = msgspec.structs.replace(step.after, attributes=attributes)
        elif isinstance(step, GroupRepair):
            groups.add(step.target)
        else:
            assert isinstance(step, PlaceStep) or step.place in half
            half.discard(step.place)
            places.pop(step.place, None)
            if step.after:
                assert step.place.key in departments, step
                assert step.place.login in accounts, step
                places[step.place] = step.after
    return State(departments, rooms, frozenset(groups), accounts, places, frozenset(half), announcements)


def _ends(key: str | None, departments: dict[str, Part]) -> bool:
    for _ in range(len(departments) + 1):
        if key is None:
            return True
        key = departments[key].parent
    return False


ROLES: st.SearchStrategy[Role] = st.sampled_from(["member", "deputy", "lead"])
KEYS, LOGINS = "ABCDE", ("ada", "bea", "cem", "dora")
NAMES = st.sampled_from(["Alpha", "Beta"])
WHO = st.builds(Who, NAMES, NAMES, st.none(), st.just(True))


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    """Parents by short name, those above first."""
    found: dict[str, str | None] = {}
    for key in draw(st.permutations(KEYS))[: draw(st.integers(0, len(KEYS)))]:
        found[key] = draw(st.sampled_from([None, *found]))
    return found


@st.composite
def states(draw: st.DrawFn) -> State:
    tree = draw(trees())
    departments = {key: Part(f"d{key}", draw(NAMES), parent) for key, parent in tree.items()}
    rooms = {key: f"r{key}" for key in tree if draw(st.booleans())}
    announcements = {key: f"a{key}" for key in tree if draw(st.booleans())}
    accounts = draw(st.dictionaries(st.sampled_from(LOGINS), WHO))
    possible = [Place(login, key) for login in accounts for key in tree]
    places = draw(st.dictionaries(st.sampled_from(possible), ROLES)) if possible else {}
    return State(departments, rooms, frozenset(tree), accounts, places, announcements=announcements)


@st.composite
def orgs(draw: st.DrawFn) -> Org:
    tree = draw(trees())
    departments = tuple(OrgDepartment(key, draw(NAMES), parent) for key, parent in tree.items())
    people = tuple(
        OrgPerson(
            login,
            draw(NAMES),
            draw(NAMES),
            None,
            draw(st.dictionaries(st.sampled_from(list(tree)), ROLES)) if tree else {},
        )
        for login in draw(st.sets(st.sampled_from(LOGINS)))
    )
    return Org(departments, people)
