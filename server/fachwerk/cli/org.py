# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk org`: departments, people and their rooms from a file, in Keycloak and here."""

import asyncio
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from fachwerk.adapters.idp_keycloak_realm import KeycloakRealm
from fachwerk.core import directory
from fachwerk.core.identity import GroupWanted, RealmRefused, Registered
from fachwerk.features import provisioning
from fachwerk.features.provisioning import Org, OrgFileRefused, Plan
from fachwerk.features.provisioning.plan import AddAccount, ChangeAccount, Join, Leave, SetGroup, profile_of
from fachwerk.kernel.db import Database
from fachwerk.settings import Settings, load

from . import keycloak
from .database import open_database

T = TypeVar("T")
PEOPLE_AT_ONCE = 200
"""People taken over in one transaction."""

app = typer.Typer(no_args_is_help=True, help="Departments, people and their rooms from a file.")

File = Annotated[Path, typer.Argument(help="the table of departments and people", exists=True, dir_okay=False)]


@app.command("plan")
def plan_(
    file: File,
    admin_password_file: keycloak.PasswordFile,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Say what `apply` would do; change nothing."""
    settings, org = _settings(), _read(file)
    realm = KeycloakRealm(keycloak.administrator(settings, admin_password_file, admin_user, admin_realm))
    planned, _ = _run(_plan(settings, org, realm))
    if as_json:
        typer.echo(msgspec.json.encode({"steps": planned.steps, "notes": planned.notes}))
    else:
        _tell(planned)


@app.command()
def apply(
    file: File,
    admin_password_file: keycloak.PasswordFile,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
) -> None:
    """Do what the plan says. After an interruption, the same command does the rest."""
    settings, org = _settings(), _read(file)
    realm = KeycloakRealm(keycloak.administrator(settings, admin_password_file, admin_user, admin_realm))
    _run(_apply(settings, org, realm))


async def _plan(settings: Settings, org: Org, realm: KeycloakRealm) -> tuple[Plan, Mapping[str, Registered]]:
    async with open_database(settings.database) as database:
        return await _compare(database, _issuer(settings), org, realm)


async def _compare(
    database: Database, issuer: str, org: Org, realm: KeycloakRealm
) -> tuple[Plan, Mapping[str, Registered]]:
    groups, accounts = await asyncio.to_thread(realm.groups), await asyncio.to_thread(realm.accounts)
    async with database.read() as work:
        house = await provisioning.house_of(work, issuer)
    return provisioning.plan(org, house, groups, accounts), accounts


async def _apply(settings: Settings, org: Org, realm: KeycloakRealm) -> None:
    """Departments and rooms here, then groups and accounts there, then the people here."""
    issuer = _issuer(settings)
    async with open_database(settings.database) as database:
        planned, accounts = await _compare(database, issuer, org, realm)
        _tell(planned)
        if not planned.steps:
            return
        async with database.work() as work:
            await provisioning.build(work, org)
        async with database.read() as work:
            departments = await directory.all_departments(work)
        people = {person.login: person for person in org.people}
        ids = {department.short: department.id for department in departments}
        if any(isinstance(step, SetGroup) for step in planned.steps):
            wanted = [GroupWanted(d.id, d.parent_id, d.short) for d in departments]
            await asyncio.to_thread(realm.set_groups, wanted)
        if new := [step.login for step in planned.steps if isinstance(step, AddAccount)]:
            await asyncio.to_thread(realm.create, [profile_of(people[login], None) for login in new])
            accounts = await asyncio.to_thread(realm.accounts)
        touched: dict[str, None] = {}
        for step in planned.steps:
            if not isinstance(step, (AddAccount, ChangeAccount, Join, Leave)):
                continue
            touched[step.login] = None
            there = accounts[step.login]
            match step:
                case ChangeAccount():
                    await asyncio.to_thread(realm.change, there.subject, profile_of(people[step.login], there))
                case Join() if ids[step.key] not in there.departments:
                    await asyncio.to_thread(realm.join, there.subject, ids[step.key])
                case Leave() if ids[step.key] in there.departments:
                    await asyncio.to_thread(realm.leave, there.subject, ids[step.key])
        arrived = [(people[login], accounts[login]) for login in touched]
        for first in range(0, len(arrived), PEOPLE_AT_ONCE):
            async with database.work() as work:
                await provisioning.arrive(work, issuer, arrived[first : first + PEOPLE_AT_ONCE])
        typer.echo(f"done: {len(planned.steps)} steps")


def _settings() -> Settings:
    settings = load()
    if settings.identity.provider != "oidc":
        raise SystemExit("the demo provider's people are fixed: set FACHWERK_IDENTITY__PROVIDER=oidc first")
    return settings


def _issuer(settings: Settings) -> str:
    assert settings.identity.issuer, "the settings are checked"
    return settings.identity.issuer


def _read(file: Path) -> Org:
    try:
        return provisioning.read_org(file.read_bytes())
    except OrgFileRefused as refused:
        more = refused.total - len(refused.faults)
        rest = f"\nand {more} more" if more else ""
        raise SystemExit(f"{file} cannot be used, nothing was changed:\n{refused}{rest}") from refused


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except RealmRefused as refused:
        raise SystemExit(f"{refused}\nWhat was done stays; say the same again to do the rest.") from refused


def _tell(planned: Plan) -> None:
    for step in planned.steps:
        typer.echo(str(step))
    for note in planned.notes:
        typer.echo(f"  {note}")
    if not planned.steps:
        typer.echo("nothing to do")
