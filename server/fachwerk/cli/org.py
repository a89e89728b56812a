# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk org`: departments, people and their rooms from a file, a directory or groups, in Keycloak and here."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import msgspec
import typer

from fachwerk.adapters.idp_keycloak_realm import KeycloakRealm
from fachwerk.core.identity import RealmRefused
from fachwerk.features import provisioning
from fachwerk.features.provisioning import Busy, LdapRefused, Office, Org, OrgRefused, Plan, PlanRefused, State
from fachwerk.kernel.ids import new_id
from fachwerk.settings import Settings, load

from . import keycloak
from .database import open_database

T = TypeVar("T")
TOO_MUCH = 3
"""Exit code: nothing was done because too much would have been removed."""

app = typer.Typer(no_args_is_help=True, help="Departments, people and their rooms, planned, made and taken back.")

File = Annotated[Path | None, typer.Argument(help="the table of departments and people", exists=True, dir_okay=False)]
FromLdap = Annotated[bool, typer.Option("--ldap", help="from the directory that the settings name, not from a file")]
FromGroups = Annotated[
    str, typer.Option("--keycloak", help="from the groups below this one, such as /organisation, not from a file")
]
Complete = Annotated[bool, typer.Option("--complete", help="whom the source does not name leaves and is disabled")]
Removals = Annotated[
    float, typer.Option(min=0, max=100, help="percent of departments, people or memberships that may be removed")
]
AsJson = Annotated[bool, typer.Option("--json", help="for programs")]
Force = Annotated[bool, typer.Option("--force", help="also what has changed since")]
Number = Annotated[int, typer.Argument(help="as `fachwerk org history` tells it")]


@app.command("plan")
def plan_(  # noqa: PLR0913 -- the options of a command
    admin_password_file: keycloak.PasswordFile,
    file: File = None,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
    *,
    ldap: FromLdap = False,
    groups: FromGroups = "",
    complete: Complete = False,
    max_removals: Removals = provisioning.REMOVALS_PERCENT,
    as_json: AsJson = False,
) -> None:
    """Say what `apply` would do; change nothing. Exit code 3 if it would remove too much."""
    source = _read(file, groups, ldap=ldap)

    async def work(office: Office) -> None:
        made, state = await _planned(office, source, complete=complete)
        _show(made, as_json=as_json)
        _require_few_removals(made, state, max_removals)

    _run(work, admin_password_file, admin_user, admin_realm)


@app.command()
def apply(
    admin_password_file: keycloak.PasswordFile,
    file: File = None,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
    *,
    ldap: FromLdap = False,
    groups: FromGroups = "",
    complete: Complete = False,
    max_removals: Removals = provisioning.REMOVALS_PERCENT,
) -> None:
    """Do what the plan says. After an interruption, `resume` does the rest."""
    source = _read(file, groups, ldap=ldap)

    async def work(office: Office) -> None:
        made, state = await _planned(office, source, complete=complete)
        _show(made)
        _require_few_removals(made, state, max_removals)
        if made.steps:
            number = await office.apply(made, source.name, _progress(len(made.steps)))
            typer.echo(f"done: plan {number}, {len(made.steps)} steps")

    _run(work, admin_password_file, admin_user, admin_realm)


@app.command()
def resume(
    admin_password_file: keycloak.PasswordFile,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
) -> None:
    """Finish an apply that was interrupted."""

    async def work(office: Office) -> None:
        count = 0

        def told(more: int) -> None:
            nonlocal count
            count += more

        number = await office.resume(told)
        typer.echo("nothing to do" if number is None else f"done: plan {number}, the last {count} steps")

    _run(work, admin_password_file, admin_user, admin_realm)


@app.command()
def undo(
    number: Number,
    admin_password_file: keycloak.PasswordFile,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
    *,
    force: Force = False,
) -> None:
    """Make what a plan changed as it was before. What has changed since is told, and nothing is done."""

    async def work(office: Office) -> None:
        made, _ = await office.plan_undo(number, force=force)
        _show(made)
        if made.steps:
            done = await office.apply(made, f"undo of {number}", _progress(len(made.steps)), undoes=number)
            typer.echo(f"done: plan {done}, {len(made.steps)} steps")

    _run(work, admin_password_file, admin_user, admin_realm)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="is written anew", dir_okay=False)],
    admin_password_file: keycloak.PasswordFile,
    admin_user: keycloak.User = "admin",
    admin_realm: keycloak.Realm = "master",
) -> None:
    """Write what there is as a file, which `plan` finds nothing to do for."""

    async def work(office: Office) -> None:
        org, notes = provisioning.org_now(await office.state())
        file.write_text(provisioning.write_org(org), encoding="utf-8-sig")
        for note in notes:
            typer.echo(f"  {note}")
        typer.echo(f"{len(org.departments)} departments and {len(org.people)} people are in {file}")

    _run(work, admin_password_file, admin_user, admin_realm)


@app.command()
def history(*, as_json: AsJson = False) -> None:
    """List the plans that were carried out, the newest first."""

    async def work() -> list[provisioning.Stored]:
        async with open_database(load().database) as database:
            return await provisioning.history(database)

    found = asyncio.run(work())
    if as_json:
        typer.echo(msgspec.json.encode([one._asdict() for one in found]))
        return
    for one in found:
        begun = datetime.fromtimestamp(one.begun_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
        left = f", {one.left} left" if one.ended_ms is None else ""
        typer.echo(f"{one.number:>5}  {begun}  {one.steps} steps{left}  {one.source}")


def _run(work: Callable[[Office], Awaitable[T]], password_file: Path, user: str, realm_name: str) -> T:
    settings = _settings()
    realm = KeycloakRealm(
        keycloak.administrator(settings, password_file, user, realm_name), settings.identity.attribute_names
    )

    async def run() -> T:
        async with open_database(settings.database) as database:
            assert settings.identity.issuer, "the settings are checked"
            return await work(Office(database, realm, settings.identity.issuer, new_id()))

    try:
        return asyncio.run(run())
    except PlanRefused as refused:
        raise SystemExit(f"{refused}\nNothing was changed.") from refused
    except Busy as busy:
        raise SystemExit("another apply is at work; nothing was done by this one") from busy
    except RealmRefused as refused:
        rest = "What an apply has done stays; `fachwerk org resume` does the rest."
        raise SystemExit(f"{refused}\n{rest}") from refused


def _settings() -> Settings:
    settings = load()
    if settings.identity.provider != "oidc":
        raise SystemExit("the demo provider's people are fixed: set FACHWERK_IDENTITY__PROVIDER=oidc first")
    return settings


class _Source(NamedTuple):
    """Where the departments and people are from. org: None for those of groups, which the provider is asked for."""

    name: str
    org: Org | None = None


def _read(file: Path | None, groups: str, *, ldap: bool) -> _Source:
    """Read the one source that was named."""
    if (file is not None) + bool(groups) + ldap != 1:
        raise SystemExit("say one of a file, --ldap and --keycloak GROUP")
    if groups:
        return _Source(_path(groups))
    try:
        if file is not None:
            return _Source(file.name, provisioning.read_org(file.read_bytes(), load().identity.attribute_names))
        settings = load().ldap
        if settings.url is None:
            raise SystemExit("set FACHWERK_LDAP__URL and what belongs to it first (docs/operations/provisioning.md)")
        return _Source(settings.url, provisioning.read_ldap(settings))
    except OrgRefused as refused:
        raise SystemExit(_faults(file or "the directory", refused)) from refused
    except LdapRefused as refused:
        raise SystemExit(f"{refused}\nNothing was changed.") from refused


def _path(group: str) -> str:
    """As Keycloak spells it."""
    if not (path := "/" + group.strip("/")).strip("/"):
        raise SystemExit("--keycloak needs a group: those at the top are not departments alone")
    return path


async def _planned(office: Office, source: _Source, *, complete: bool) -> tuple[Plan, State]:
    """What would be done, and what there is."""
    if source.org is not None:
        return await office.plan(source.org, complete=complete)
    try:
        return await office.plan_of_groups(source.name, complete=complete)
    except OrgRefused as refused:
        raise SystemExit(_faults(f"the tree of {source.name}", refused)) from refused


def _faults(source: Path | str, refused: OrgRefused) -> str:
    more = refused.total - len(refused.faults)
    rest = f"\nand {more} more" if more else ""
    return f"{source} cannot be used, nothing was changed:\n{refused}{rest}"


def _show(made: Plan, *, as_json: bool = False) -> None:
    if as_json:
        typer.echo(msgspec.json.encode({"steps": made.steps, "notes": list(map(str, made.notes))}))
        return
    for step in made.steps:
        typer.echo(str(step))
    for note in made.notes:
        typer.echo(f"  {note}")
    if not made.steps:
        typer.echo("nothing to do")


def _require_few_removals(made: Plan, state: State, max_percent: float) -> None:
    if too_much := provisioning.removals(made.steps, state, max_percent=max_percent):
        for sentence in too_much:
            typer.echo(sentence, err=True)
        typer.echo("Nothing was changed. If this is meant, say so with --max-removals PERCENT.", err=True)
        raise typer.Exit(TOO_MUCH)


def _progress(total: int) -> Callable[[int], None]:
    """Tells how far it is, on a line of its own, where somebody looks on."""
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        typer.echo(f"{done} of {total} steps", err=True)

    return told
