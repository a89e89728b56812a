# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What people ask of a directory of 70,000: a name while they type it, who can read a full room; and one decision.

Asked over HTTP, one after the other, on either store. `leaf`: somebody of one department, who sees their
own and those above; `top`: somebody who sees the whole house.
"""

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import insert

from bench.report import Figure
from fachwerk.core import directory, rooms
from fachwerk.core.directory import DepartmentMember
from fachwerk.core.identity import Person, fold
from fachwerk.core.rooms.model import Member
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor, Facts
from fachwerk.migrations import upgrade
from tests.conftest import async_url
from tests.house import Client, House, open_house
from tests.house.house import NAMESPACE
from tests.stack.component import Postgres

BATCH = 1_000
ASKED, DECIDED = 300, 200_000
SYLLABLES = ("ba", "den", "fal", "ger", "hof", "kro", "lin", "mei", "neu", "pol", "rich", "sau", "ter", "wal", "zim")


class Size(NamedTuple):
    """How much there is."""

    people: int
    departments: int
    room: int


WHOLE, QUICK = Size(70_000, 400, 5_000), Size(500, 20, 100)


async def measure(size: Size) -> list[Figure]:
    """Figures of both stores, and of the decision, which asks none."""
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as name, Postgres() as postgres:
        for store in ("sqlite", "postgres"):
            folder = Path(name) / store
            folder.mkdir()
            url = f"sqlite+aiosqlite:///{folder}/fachwerk.db"
            if store == "postgres":
                url = async_url(postgres.url(postgres.create_database("template1")))
            await asyncio.to_thread(upgrade, url)
            async with open_house(folder, url) as house:
                await house.settle()
                found += await _of_house(house, store, size)
    return found


async def _of_house(house: House, store: str, size: Size) -> list[Figure]:
    chance = random.Random(7)
    async with house.context.database.work() as work:
        names = await _fill(work, house, size, chance)
    case = f"{store}-{size.people}"
    found = []
    for who in ("top", "leaf"):
        client = await house.client(who)
        times = await _times(client, [f"/people?q={fold(chance.choice(names))[: 1 + n % 5]}" for n in range(ASKED)])
        found.append(Figure(metric=f"directory.typeahead_{who}_p95_ms", case=case, value=_p95(times), unit="ms"))
    asker = await house.client("top")
    times = await _times(asker, [f"/rooms/{house.room}/readers"] * (ASKED // 10))
    found.append(Figure(metric="directory.readers_p50_ms", case=f"{store}-{size.room}", value=_p50(times), unit="ms"))
    if store == "sqlite":
        found.append(Figure(metric="directory.decision_us", case="message.post", value=_decision_us(house), unit="us"))
    return found


async def _fill(work: Work, house: House, size: Size, chance: random.Random) -> list[str]:
    """A tree three levels deep, people in its lowest level, two askers, and a full room. Returns the people's names."""
    lowest = []
    for top in range(4):
        above = await directory.add_department(work, f"Abteilung {top}", f"T{top}", house.departments["H"])
        lowest += [
            (await directory.add_department(work, f"Referat {top}.{n}", f"T{top}.{n}", above.id)).id
            for n in range(size.departments // 4)
        ]
    names = [_name(chance) for _ in range(size.people)]
    people = [
        {"id": work.ids(), "issuer": NAMESPACE, "subject": f"p{n}", "name": name, "name_key": fold(name), "roles": [],
         "active": True}
        for n, name in enumerate(names)
    ]  # fmt: skip
    places = [
        {"person_id": person["id"], "department_id": lowest[n % len(lowest)], "role": "member"}
        for n, person in enumerate(people)
    ]
    members = [
        {"room_id": house.room, "person_id": person["id"], "role": "member", "membership": "joined", "since_ms": 0,
         "read_seq": 0, "read_posts": 0}
        for person in people[: size.room - 10]
    ]  # fmt: skip
    for table, rows in ((Person, people), (DepartmentMember, places), (Member, members)):
        for start in range(0, len(rows), BATCH):
            await (await work.db.connection()).execute(insert(table), rows[start : start + BATCH])
    room = (await rooms.place(work, house.people["olga"], house.room)).room
    for who, department in (("top", house.departments["H"]), ("leaf", lowest[0])):
        house.people[who] = str(people[-1 if who == "top" else -2]["id"])
        await directory.add_member(work, department, house.people[who])
        await rooms.put_in(work, room, house.people[who], "member")
    return names


def _name(chance: random.Random) -> str:
    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).title()

    return f"{word()} {word()}"


async def _times(client: Client, paths: list[str]) -> list[float]:
    """Milliseconds of each question; the first tells nothing and is left out."""
    times = []
    for path in paths:
        began = time.perf_counter()
        await client.call("GET", path)
        times.append((time.perf_counter() - began) * 1000)
    return times[1:]


def _decision_us(house: House) -> float:
    """Microseconds of one decision of the policy."""
    policy, actor, facts = house.context.policy, Actor(id="a"), Facts(role="member", kind="group")
    began = time.perf_counter()
    for _ in range(DECIDED):
        policy.allows(actor, "message.post", facts)
    return (time.perf_counter() - began) / DECIDED * 1e6


def _p50(times: list[float]) -> float:
    return statistics.median(times)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
