# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sees whom: own departments, those below and above, those beside only where they were opened."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, col, select

from fachwerk.core import directory, identity
from fachwerk.core.directory import Department, DepartmentMember, visible_people
from fachwerk.core.directory.model import DepartmentOpening
from fachwerk.core.directory.service import departments
from fachwerk.core.directory.visibility import VISIBLE_DEPARTMENTS, standing
from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import NotFound
from fachwerk.kernel.policy import Actor
from tests.core.identity.door import Door

TREE = {"M": None, "I": "M", "I1": "I", "I2": "I", "II": "M", "II1": "II", "II1a": "II1"}
PLACES = {
    "minister": ["M"],
    "head_i": ["I"],
    "ref_i1": ["I1"],
    "ref_i2": ["I2"],
    "head_ii": ["II"],
    "ref_ii1": ["II1"],
    "team": ["II1a"],
    "both": ["I1", "II1a"],
    "nowhere": [],
}
EVERYBODY = set(PLACES)
SEEN = {
    "minister": EVERYBODY - {"nowhere"},
    "head_i": {"minister", "head_i", "ref_i1", "ref_i2", "both"},
    "ref_i1": {"minister", "head_i", "ref_i1", "both"},
    "ref_i2": {"minister", "head_i", "ref_i2"},
    "head_ii": {"minister", "head_ii", "ref_ii1", "team", "both"},
    "ref_ii1": {"minister", "head_ii", "ref_ii1", "team", "both"},
    "team": {"minister", "head_ii", "ref_ii1", "team", "both"},
    "both": {"minister", "head_i", "ref_i1", "head_ii", "ref_ii1", "team", "both"},
    "nowhere": {"nowhere"},
}


async def settle(work: Work) -> Mapping[str, str]:
    """Put everybody in their place. Returns person ids by name."""
    ids = {short: work.ids() for short in TREE}
    for short, parent in TREE.items():
        parent_id = ids[parent] if parent else None
        await directory.add_department(work, f"Referat {short}", short, parent_id, department_id=ids[short])
    people = {}
    for name, places in PLACES.items():
        people[name] = (await identity.upsert_person(work, "demo", name, name, None, [])).id
        for place in places:
            await directory.add_member(work, ids[place], people[name])
    return people


async def test_departments_beside_are_hidden(door: Door) -> None:
    async with door.database.work() as work:
        people = await settle(work)
    async with door.database.read() as work:
        for viewer, expected in SEEN.items():
            actor = Actor(id=people[viewer])
            seen = await directory.seen_departments(work, actor)
            found = (await work.db.exec(select(Person.name).where(visible_people(actor, seen)))).all()
            assert set(found) == expected, viewer
            for name, person_id in people.items():
                assert await directory.may_see(work, actor, person_id) == (name in expected), (viewer, name)


async def test_the_tree_is_told_parent_first_and_without_departments_beside(door: Door) -> None:
    async with door.database.work() as work:
        people = await settle(work)
    async with door.database.read() as work:
        told = {name: [d.short for d in await departments(work, Actor(id=people[name]))] for name in people}
    assert told["minister"] == ["M", "I", "I1", "I2", "II", "II1", "II1a"]
    assert told["ref_i1"] == ["M", "I", "I1"]
    assert told["head_ii"] == ["M", "II", "II1", "II1a"]
    assert told["nowhere"] == []


async def test_what_is_open_to_a_department_is_open_to_its_parts(door: Door) -> None:
    async with door.database.work() as work:
        people = await settle(work)
        short = {d.id: d.short for d in await work.db.exec(select(Department))}
        mine = {name: {short[d] for d in (await standing(work, people[name])).departments} for name in people}
    assert mine["team"] == {"M", "II", "II1", "II1a"}
    assert mine["head_i"] == {"M", "I"}
    assert mine["nowhere"] == set()


async def test_an_opened_department_is_seen_with_its_parts_and_sees_nobody_for_it(door: Door) -> None:
    async with door.database.work() as work:
        people = await settle(work)
        ids = {d.short: d.id for d in await work.db.exec(select(Department))}
        opening = directory.Opening(ids["II1"], ids["I"])
        assert await directory.open_to(work, opening) == "I"
        assert await directory.open_to(work, opening) is None, "it is open already"
    more = {"ref_ii1", "team", "both"}
    async with door.database.read() as work:
        for viewer, before in SEEN.items():
            actor = Actor(id=people[viewer])
            expected = before | (more if viewer in {"head_i", "ref_i1", "ref_i2", "both"} else set())
            seen = await directory.seen_departments(work, actor)
            found = (await work.db.exec(select(Person.name).where(visible_people(actor, seen)))).all()
            assert set(found) == expected, viewer
        found_by_name = await directory.find_people(work, Actor(id=people["ref_i2"]), "team", 5)
        assert [card.name for card in found_by_name.items] == ["team"]
    async with door.database.work() as work:
        assert await directory.close_to(work, opening) == "I"
        assert await directory.close_to(work, opening) is None
        assert not await directory.may_see(work, Actor(id=people["ref_i2"]), people["team"])


async def test_an_opening_ends_with_its_departments(door: Door) -> None:
    async with door.database.work() as work:
        await settle(work)
        ids = {d.short: d.id for d in await work.db.exec(select(Department))}
        for one, to in (("II1a", "I1"), ("I2", "II1a"), ("I2", "I1")):
            await directory.open_to(work, directory.Opening(ids[one], ids[to]))
        with pytest.raises(NotFound):
            await directory.open_to(work, directory.Opening(ids["I1"], work.ids()))
        await directory.remove_department(work, ids["II1a"])
        assert await directory.openings(work) == [directory.Opening(ids["I2"], ids["I1"])]


# ---- against a plain model, on random trees


class World(NamedTuple):
    """parents: by number of the department, None at a top. places: the departments of each person.

    opened: (department, the one that sees it).
    """

    parents: list[int | None]
    places: list[set[int]]
    opened: set[tuple[int, int]]


@st.composite
def worlds(draw: st.DrawFn, *, rings: bool = False) -> World:
    size = draw(st.integers(1, 8))
    if rings:
        parents: list[int | None] = draw(st.lists(st.none() | st.integers(0, size - 1), min_size=size, max_size=size))
    else:
        parents = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(size)]
    places = draw(st.lists(st.sets(st.integers(0, size - 1), max_size=3), min_size=1, max_size=6))
    number = st.integers(0, size - 1)
    return World(parents, places, draw(st.sets(st.tuples(number, number), max_size=3)))


def above(parents: Sequence[int | None], start: set[int]) -> set[int]:
    found = set(start)
    while more := {p for d in found if (p := parents[d]) is not None} - found:
        found |= more
    return found


def below(parents: Sequence[int | None], start: set[int]) -> set[int]:
    found = set(start)
    while more := {d for d, p in enumerate(parents) if p in found} - found:
        found |= more
    return found


TABLES = ("person", "department", "department_member", "department_opening")
ENGINE = create_engine("sqlite://")
SQLModel.metadata.create_all(ENGINE, tables=[SQLModel.metadata.tables[name] for name in TABLES])


@contextmanager
def told(world: World) -> Iterator[Session]:
    with Session(ENGINE) as session:
        for n, parent in enumerate(world.parents):
            session.add(
                Department(id=f"d{n}", parent_id=None if parent is None else f"d{parent}", name="", short=str(n))
            )
        for n, places in enumerate(world.places):
            session.add(Person(id=f"p{n}", issuer="", subject=str(n), name="", name_key=""))
            session.add_all(DepartmentMember(person_id=f"p{n}", department_id=f"d{place}") for place in places)
        session.flush()
        session.add_all(DepartmentOpening(department_id=f"d{one}", to_id=f"d{to}") for one, to in world.opened)
        session.flush()
        yield session
        session.rollback()


@pytest.mark.parametrize("rings", [False, True])
@given(data=st.data())
def test_the_query_agrees_with_the_rule(rings: bool, data: st.DataObject) -> None:
    world = data.draw(worlds(rings=rings))
    with told(world) as session:
        for n, mine in enumerate(world.places):
            line = above(world.parents, mine)
            opened = {one for one, to in world.opened if to in line}
            seen = line | below(world.parents, mine | opened)
            people = {f"p{m}" for m, places in enumerate(world.places) if places & seen or m == n}
            actor = Actor(id=f"p{n}")
            shown = set(session.exec(VISIBLE_DEPARTMENTS, params={"person_id": actor.id}))
            assert shown == {f"d{d}" for d in seen}
            assert set(session.exec(select(Person.id).where(visible_people(actor, shown)))) == people
            assert not set(session.exec(select(Person.id).where(visible_people(actor, shown), col(Person.id) == "p99")))
