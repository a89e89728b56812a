# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the commands that change Keycloak share: its administrator."""

from pathlib import Path
from typing import Annotated

import typer
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from fachwerk.kernel.settings import secret
from fachwerk.settings import Settings

TIMEOUT_S = 60

PasswordFile = Annotated[Path, typer.Option(help="holds the Keycloak administrator's password")]
User = Annotated[str, typer.Option(help="an administrator of Keycloak")]
Realm = Annotated[str, typer.Option(help="the realm that the administrator is of")]


def administrator(settings: Settings, password_file: Path, user: str, realm: str) -> KeycloakAdmin:
    """The administrator's view of the realm that the settings name; nothing is asked yet."""
    base, _, name = (settings.identity.issuer or "").rstrip("/").rpartition("/realms/")
    connection = KeycloakOpenIDConnection(
        server_url=settings.identity.admin_url or base,
        realm_name=name,
        user_realm_name=realm,
        username=user,
        password=secret(password_file),
        timeout=TIMEOUT_S,
    )
    return KeycloakAdmin(connection=connection)
