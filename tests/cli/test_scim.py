# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk scim release`: the end of pushing people."""

import asyncio
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from fachwerk.cli import app
from fachwerk.cli.database import open_database
from fachwerk.core import identity
from fachwerk.core.identity import Account, Person
from fachwerk.kernel.audit import OPERATOR, AuditRow


async def fill(url: str) -> None:
    """lea and mia were told of, mia is barred, noa is gone there; the provider has disabled mia too."""
    async with open_database(url) as database, database.work() as work:
        for name in ("lea", "mia", "noa"):
            await identity.push(work, "i", name, f"Dr. {name.title()}", None, active=name != "mia")
        account = Account("mia", "Mia", None, enabled=False, groups=())
        await identity.take_over(work, "i", "mia", account, arrives=False)
        noa = await identity.person_of(work, "i", "noa")
        assert noa
        await identity.withdraw(work, noa)
        assert not noa.active
        await identity.upsert_person(work, "i", "ada", "Ada", None, [])


async def people(url: str) -> dict[str, tuple[bool, bool, bool]]:
    async with open_database(url) as database, database.read() as work:
        found = await work.db.exec(select(Person).where(Person.issuer == "i"))
        return {one.subject: (one.active, one.barred, one.pushed) for one in found}


async def last_act(url: str) -> tuple[str, str, dict[str, str]]:
    async with open_database(url) as database, database.read() as work:
        row = (await work.db.exec(select(AuditRow).where(AuditRow.action == "scim.release"))).one()
        return row.actor_id, row.subject, row.detail


def test_afterwards_the_provider_alone_counts(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACHWERK_DATABASE_URL", database_url)
    asyncio.run(fill(database_url))
    done = CliRunner().invoke(app, ["scim", "release"])
    assert (done.exit_code, done.output) == (0, "3 people are the sign-in service's alone again\n")
    free = (True, False, False)
    assert asyncio.run(people(database_url)) == {"lea": free, "mia": (False, False, False), "noa": free, "ada": free}
    assert asyncio.run(last_act(database_url)) == (OPERATOR, "scim", {"people": "3"})


def test_while_scim_is_on_nothing_is_forgotten(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACHWERK_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("FACHWERK_SCIM__TOKEN_FILE", str(tmp_path / "token"))
    asyncio.run(fill(sqlite_url))
    before = asyncio.run(people(sqlite_url))
    done = CliRunner().invoke(app, ["scim", "release"])
    assert done.exit_code == 1
    assert asyncio.run(people(sqlite_url)) == before
