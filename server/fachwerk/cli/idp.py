# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk idp`: the sign-in service's side of an installation."""

import asyncio
import secrets
from pathlib import Path

import typer
from keycloak.exceptions import KeycloakError

from fachwerk.adapters.idp_keycloak_setup import SetupRefused, Wanted, set_up
from fachwerk.core import directory
from fachwerk.core.identity import ROLES, GroupWanted
from fachwerk.kernel.settings import secret
from fachwerk.settings import Settings, load

from .database import open_database
from .keycloak import PasswordFile, Realm, User, administrator
from .keys import SECRET_BYTES, make_secret

app = typer.Typer(no_args_is_help=True, help="The sign-in service's side of this installation.")


@app.callback()
def group() -> None:
    """Let `setup` be a command of its own name although it is the only one."""


@app.command()
def setup(
    admin_password_file: PasswordFile,
    admin_user: User = "admin",
    admin_realm: Realm = "master",
) -> None:
    """Make or correct realm, clients, roles and department groups in Keycloak, as the settings say.

    Secrets that do not exist yet are made and written to the files that the settings name; none is printed.
    """
    settings = load()
    wanted = _wanted(settings)
    issuer = settings.identity.issuer or ""
    try:
        did = set_up(administrator(settings, admin_password_file, admin_user, admin_realm), wanted)
    except SetupRefused as refused:
        raise SystemExit(str(refused)) from refused
    except KeycloakError as error:
        raise SystemExit(f"Keycloak of {issuer} refused or does not answer: {_said(error)}") from error
    for line in did:
        typer.echo(line)
    typer.echo(f"{issuer} is ready" if did else f"{issuer} was ready, nothing was changed")


def _wanted(settings: Settings) -> Wanted:
    """What the settings ask for; makes the secrets that are missing. Raises SystemExit with a sentence."""
    chosen = settings.identity
    if chosen.provider != "oidc" or chosen.client_secret_file is None or chosen.admin_client_secret_file is None:
        raise SystemExit(
            "set FACHWERK_IDENTITY__PROVIDER=oidc, __ISSUER, __CLIENT_SECRET_FILE and __ADMIN_CLIENT_SECRET_FILE first"
        )
    groups = asyncio.run(_groups(settings.database))
    return Wanted(
        origin=settings.http.origin,
        client_id=chosen.client_id,
        client_secret=_secret(chosen.client_secret_file),
        admin_client_id=chosen.admin_client_id,
        admin_client_secret=_secret(chosen.admin_client_secret_file),
        roles=ROLES,
        groups=groups,
        attributes=chosen.attribute_names,
        org_client_id=chosen.org_client_id,
        org_client_secret=_secret(chosen.org_client_secret_file) if chosen.org_client_secret_file else None,
    )


def _secret(path: Path) -> str:
    make_secret(path, secrets.token_urlsafe(SECRET_BYTES))
    return secret(path)


async def _groups(url: str) -> list[GroupWanted]:
    async with open_database(url) as database, database.read() as work:
        return [GroupWanted(d.id, d.parent_id, d.short) for d in await directory.all_departments(work)]


def _said(error: KeycloakError) -> str:
    """Keycloak's own words, which contain no secret of ours."""
    said = error.error_message
    return said.decode(errors="replace") if isinstance(said, bytes) else said
