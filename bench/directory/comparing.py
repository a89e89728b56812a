# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every quarter of an hour the worker compares 70,000 people with a real Keycloak's list. None has changed."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, insert
from sqlmodel import select

from bench.directory.ministry import cpu_s
from bench.report import Figure
from fachwerk.adapters.idp_keycloak_realm import KeycloakRealm
from fachwerk.core import directory
from fachwerk.core.directory import DepartmentMember
from fachwerk.core.identity import GroupWanted, Newcomer, Person, Profile, fold, watch
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.db import Work
from fachwerk.migrations import upgrade
from tests.adapters.installation import Installation
from tests.house import House, open_house
from tests.stack.component import Keycloak

BATCH = 500


class Size(NamedTuple):
    """How much there is."""

    people: int
    departments: int


WHOLE, QUICK = Size(70_000, 400), Size(500, 20)


def measure(size: Size) -> list[Figure]:
    """Processor seconds of ours and of Keycloak's, and how long it takes."""
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as name, Keycloak() as keycloak:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder}/fachwerk.db"
        upgrade(url)
        office = Installation(folder, keycloak, url)
        office.set_up()
        (folder / "house").mkdir()
        return asyncio.run(_measured(office, folder, url, keycloak, size))


async def _measured(office: Installation, folder: Path, url: str, keycloak: Keycloak, size: Size) -> list[Figure]:
    realm = office.realm
    settings = {
        "provider": "oidc",
        "issuer": f"{keycloak.address}/realms/{realm.connection.realm_name}",
        "client_secret_file": folder / "client.secret",
        "admin_client_secret_file": folder / "directory.secret",
    }
    async with open_house(folder / "house", url, identity=settings) as house:
        async with house.context.database.work() as work:
            departments = [
                (await directory.add_department(work, f"Referat {n}", f"R{n}")).id for n in range(size.departments)
            ]
        began = time.perf_counter()
        subjects = await asyncio.to_thread(_hire, KeycloakRealm(realm), departments, size.people)
        print(f"{size.people} accounts made in Keycloak in {time.perf_counter() - began:.0f} s", flush=True)
        async with house.context.database.work() as work:
            await _know(work, house.context.port(watch.Watch).namespace, subjects, departments)
        before = await _audited(house)
        wall, ours, theirs = time.perf_counter(), time.process_time(), cpu_s(keycloak.pid)
        await watch.reconcile(house.context, {})
        values = {
            "reconcile_cpu_s": time.process_time() - ours,
            "reconcile_keycloak_cpu_s": cpu_s(keycloak.pid) - theirs,
            "reconcile_s": time.perf_counter() - wall,
        }
        assert await _audited(house) == before, "something was changed"
        assert watch.READS.labels("everybody", "done")._value.get() == 1, "Keycloak did not answer"  # noqa: SLF001 -- its client has no other way
    return [
        Figure(metric=f"directory.{name}", case=f"sqlite-{size.people}", value=value, unit="s")
        for name, value in values.items()
    ]


def _hire(realm: KeycloakRealm, departments: Sequence[str], people: int) -> list[str]:
    """Groups and accounts in Keycloak; the accounts' ids there."""
    realm.set_groups([GroupWanted(one, None, f"R{n}") for n, one in enumerate(departments)])
    subjects = []
    for first in range(0, people, BATCH):
        newcomers = [
            Newcomer(
                Profile(f"person{n:05}", "Paula", f"Probe{n:05}", f"person{n:05}@ministerium.example"),
                enabled=True,
                departments=[departments[n % len(departments)]],
            )
            for n in range(first, min(people, first + BATCH))
        ]
        made = realm.create(newcomers)
        subjects += [made[one.profile.login] for one in newcomers]
    return subjects


async def _know(work: Work, issuer: str, subjects: Sequence[str], departments: Sequence[str]) -> None:
    """The same people here."""
    names = [f"Paula Probe{n:05}" for n in range(len(subjects))]
    people = [
        {"id": work.ids(), "issuer": issuer, "subject": subject, "name": name, "name_key": fold(name), "roles": [],
         "email": f"person{n:05}@ministerium.example", "active": True}
        for n, (subject, name) in enumerate(zip(subjects, names, strict=True))
    ]  # fmt: skip
    places = [
        {"person_id": person["id"], "department_id": departments[n % len(departments)], "role": "member"}
        for n, person in enumerate(people)
    ]
    for table, rows in ((Person, people), (DepartmentMember, places)):
        for start in range(0, len(rows), BATCH):
            await (await work.db.connection()).execute(insert(table), rows[start : start + BATCH])


async def _audited(house: House) -> int:
    async with house.context.database.read() as work:
        return (await work.db.exec(select(func.count()).select_from(AuditRow))).one()
