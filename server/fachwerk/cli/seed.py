# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A plausible ministry to try everything in: departments, people, rooms, a few messages.

Plain demo data; any likeness is chance.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

from sqlmodel import select

from fachwerk.app import House
from fachwerk.core import directory, identity, messages, rooms
from fachwerk.core.messages.service import Draft, post
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor

SYSTEM = "seed"


@dataclass(frozen=True, slots=True)
class SeedDepartment:
    """short is the key; parent names another one."""

    short: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class SeedPerson:
    """key is what they sign in with; departments by short name, led ones marked by a star; roles of all of it."""

    key: str
    name: str
    departments: tuple[str, ...]
    roles: tuple[str, ...] = ()


DEPARTMENTS = (
    SeedDepartment("Haus", "Ministerium für Digitales"),
    SeedDepartment("II", "Abteilung II – Digitalisierung", "Haus"),
    SeedDepartment("II 3", "Referat II 3 – E-Akte", "II"),
    SeedDepartment("II 4", "Referat II 4 – Schulung", "II"),
    SeedDepartment("Z", "Abteilung Z – Zentrale Dienste", "Haus"),
    SeedDepartment("Z 2", "Referat Z 2 – Haushalt", "Z"),
)
PEOPLE = (
    SeedPerson("claudia.weber", "Claudia Weber", ("II 3*",)),
    SeedPerson("jonas.hartmann", "Jonas Hartmann", ("II 3",)),
    SeedPerson("mehmet.yildiz", "Mehmet Yıldız", ("II 4*",), (identity.INVESTIGATOR,)),
    SeedPerson("linh.nguyen", "Linh Nguyen", ("II 3",), (identity.GUARDIAN,)),
    SeedPerson("anna.brandt", "Anna Brandt", ("II*",), (identity.ADMIN,)),
    SeedPerson("tobias.lenz", "Tobias Lenz", ("Z 2*",), (identity.AUDITOR,)),
)
ROOMS = (
    ("Projekt E-Akte Rollout", "Einführung in drei Stufen bis zum Sommer", "II",
     ("anna.brandt", "claudia.weber", "jonas.hartmann", "mehmet.yildiz", "linh.nguyen")),
    ("Onboarding", "Alles für den ersten Tag", "II", ("anna.brandt", "claudia.weber", "linh.nguyen")),
    ("Haushalt 2027", "Anmeldungen bis Ende März", "Z", ("tobias.lenz",)),
)  # fmt: skip
TALK = (
    (
        "mehmet.yildiz",
        (
            "Guten Morgen! Kurzes Update aus der Schulung: 41 von 48 Kolleginnen und Kollegen sind durch. Die meisten "
            "Fragen gab es zur Mitzeichnung, ich habe sie gesammelt."
        ),
    ),
    ("linh.nguyen", "Frage 4 betrifft uns auch. Gibt es schon eine Linie zur Vertretung im Urlaub?"),
    (
        "claudia.weber",
        (
            "Ja: Die Vertretung zeichnet mit eigenem Kürzel. Zwei Punkte ergänze ich heute noch:\n"
            "- Stellvertretung bei der Schlusszeichnung\n- Akten mit Sperrvermerk"
        ),
    ),
    ("jonas.hartmann", "Die Punkte aus II 4 bringe ich zum **Jour fixe** mit."),
)


async def seed(house: House) -> bool:
    """Fill an empty installation. Returns False when it already has departments."""
    async with house.context.database.work() as work:
        if (await work.db.exec(select(directory.Department.id).limit(1))).first():
            return False
        provider = house.context.port(identity.Providers).house
        departments: dict[str, str] = {}
        for one in DEPARTMENTS:
            parent = departments[one.parent] if one.parent else None
            departments[one.short] = (await directory.add_department(work, one.name, one.short, parent)).id
        for one in DEPARTMENTS:
            for announces in (False, True):
                await rooms.found_department_room(
                    work, departments[one.short], one.name, by=SYSTEM, announces=announces
                )
        people = {
            p.key: (await identity.upsert_person(work, provider.namespace, p.key, p.name, None, [])).id for p in PEOPLE
        }
        for person in PEOPLE:
            for short in person.departments:
                department_id = departments[short.removesuffix("*")]
                role: Literal["lead", "member"] = "lead" if short.endswith("*") else "member"
                await directory.add_member(work, department_id, people[person.key], role)
        first = await _rooms(work, departments, people)
    await _talk(house, first, people)
    return True


async def _rooms(work: Work, departments: dict[str, str], people: dict[str, str]) -> str:
    ids = []
    for name, topic, short, members in ROOMS:
        owner, *others = (people[key] for key in members)
        room = await rooms.found(
            work, kind="group", name=name, topic=topic, open_=True, department_id=departments[short], by=owner
        )
        await rooms.put_in(work, room, owner, "owner")
        for person_id in others:
            await rooms.put_in(work, room, person_id, "member")
        ids.append(room.id)
    return ids[0]


async def _talk(house: House, room_id: str, people: dict[str, str]) -> None:
    context = house.context
    sequencer = context.port(messages.Sequencer)
    running = asyncio.create_task(sequencer.run())
    for number, (key, text) in enumerate(TALK):
        draft = Draft(room_id, f"seed-{number:04d}", text, None, ())
        await post(sequencer, context.clock, context.ids, Actor(id=people[key]), draft, [])
    running.cancel()
