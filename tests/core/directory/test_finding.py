# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Finding people by a part of their name says the same to those who see few and to those who see many."""

import random

import pytest
from sqlmodel import col, update

from fachwerk.core import directory, identity
from fachwerk.core.directory import finding
from fachwerk.core.identity import Person, fold
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor
from tests.core.identity.door import Door

pytestmark = pytest.mark.anyio
WORDS = ("Ba", "Bar", "Bärba", "Arba", "Abra", "Éba", "A_b", "A%b")
ASKED = ("", "b", "ba", "bar", "arb", "a_", "a%", "é", "rba a", "x", "BÄR")
PEOPLE, LIMIT = 150, 7


async def settle(work: Work) -> tuple[Actor, dict[str, str]]:
    """People of a house with names that are much alike. Returns who asks, and the names of whom they see, by id."""
    chance = random.Random(3)
    top = await directory.add_department(work, "Haus", "F")
    beside = [(await directory.add_department(work, short, short, top.id)).id for short in ("F1", "F2")]
    seen = {}
    for number in range(PEOPLE):
        name = " ".join(chance.choices(WORDS, k=2))
        person = await identity.upsert_person(work, "demo", str(number), name, None, [])
        await directory.add_member(work, beside[number % 3 == 0], person.id)
        if number % 3 and number != 1:
            seen[person.id] = name
    gone = await identity.person_of(work, "demo", "1")
    assert gone
    await work.db.exec(update(Person).where(col(Person.id) == gone.id).values(active=False))
    return Actor(id=next(iter(seen))), seen


def expected(seen: dict[str, str], text: str) -> list[str]:
    key = fold(text)

    def order(person_id: str) -> tuple[int, str, str]:
        name = fold(seen[person_id])
        return (0 if name.startswith(key) else 1 if f" {key}" in name else 2), name, person_id

    return sorted((person_id for person_id, name in seen.items() if key in fold(name)), key=order)[:LIMIT]


@pytest.mark.parametrize("few", [0, finding.FEW])
async def test_the_best_are_found_in_order(door: Door, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    async with door.database.work() as work:
        actor, seen = await settle(work)
    async with door.database.read() as work:
        for text in ASKED:
            found = await directory.find_people(work, actor, text, LIMIT)
            assert [person.id for person in found.items] == expected(seen, text), text
    assert len(expected(seen, "ba")) == LIMIT, "there is more than fits"
    assert expected(seen, "x") == []


async def test_a_beginning_is_a_range_of_the_index(door: Door) -> None:
    async with door.database.work() as work:
        await settle(work)
        connection = await work.db.connection()
        asked = "SELECT id FROM person WHERE name_key >= 'ba' AND name_key < 'bb' ORDER BY name_key, id LIMIT 20"
        sqlite = door.database.is_sqlite
        if not sqlite:  # with so few people a database rightly reads them all
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        plan = "\n".join(str(row) for row in (await connection.exec_driver_sql(explain + asked)).all())
    assert "ix_person_by_name" in plan
    assert "sort" not in plan.lower()
    assert "temp b-tree" not in plan.lower()
