# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk idp setup` against a real Keycloak, as an operator says it."""

import stat
import uuid
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fachwerk.adapters.idp_keycloak import _AdminEvent, notice_of
from fachwerk.cli import app
from fachwerk.core.identity.watch import believable
from tests.stack.component import Keycloak


def run(environment: dict[str, str], password_file: Path) -> Result:
    return CliRunner().invoke(app, ["idp", "setup", "--admin-password-file", str(password_file)], env=environment)


def test_setup_makes_corrects_and_then_changes_nothing(
    keycloak: Keycloak, sqlite_template: Path, tmp_path: Path
) -> None:
    name = f"s{uuid.uuid4().hex[:12]}"
    issuer = f"{keycloak.address}/realms/{name}"
    keys = tmp_path / "keys"
    environment = {
        "FACHWERK_DATABASE_URL": f"sqlite+aiosqlite:///{sqlite_template}",
        "FACHWERK_IDENTITY__PROVIDER": "oidc",
        "FACHWERK_IDENTITY__ISSUER": issuer,
        "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(keys / "client.secret"),
        "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(keys / "directory.secret"),
    }
    first = run(environment, keycloak.password_file)
    assert first.exit_code == 0, first.output
    assert f"made the realm {name}" in first.stdout
    for secret in (keys / "client.secret", keys / "directory.secret", keycloak.password_file):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert secret.read_text().strip() not in first.output

    assert run(environment, keycloak.password_file).stdout == f"{issuer} was ready, nothing was changed\n"

    realm = keycloak.realm(name)
    client_id = realm.get_client_id("fachwerk")
    assert client_id
    realm.update_client(client_id, {"redirectUris": ["*"], "attributes": {"pkce.code.challenge.method": ""}})
    realm.update_realm(name, {"adminEventsEnabled": False})
    third = run(environment, keycloak.password_file).stdout.splitlines()
    assert third == [
        f"corrected the realm {name}: adminEventsEnabled",
        "corrected the client fachwerk: attributes.pkce.code.challenge.method, redirectUris",
        f"{issuer} is ready",
    ]
    realm.delete_realm(name)

    wrong = tmp_path / "wrong.password"
    wrong.write_text("wrong")
    refused = run(environment, wrong)
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Keycloak of {issuer} refused or does not answer: ")


def test_setup_says_what_is_missing(tmp_path: Path) -> None:
    done = run({}, tmp_path / "none")
    assert done.exit_code == 1
    assert "FACHWERK_IDENTITY__PROVIDER=oidc" in done.output


@pytest.mark.parametrize(
    ("operation", "kind", "path", "means"),
    [
        ("UPDATE", "USER", "users/u1", "u1"),
        ("DELETE", "USER", "users/u1", "u1"),
        ("CREATE", "GROUP_MEMBERSHIP", "users/u1/groups/g1", "u1"),
        ("DELETE", "REALM_ROLE_MAPPING", "users/u1/role-mappings/realm", "u1"),
        ("ACTION", "USER", "users/u1/logout", "out"),
        ("ACTION", "REALM", "logout-all", "out"),
        ("DELETE", "USER_SESSION", "sessions/s1", "out"),
        ("UPDATE", "GROUP", "groups/g1", "many"),
        ("DELETE", "GROUP", "groups/g1", "many"),
        ("CREATE", "GROUP", "groups/g1/children", None),
        ("DELETE", "REALM_ROLE", "roles/fachwerk-admin", "many"),
        ("UPDATE", "CLIENT", "clients/c1", None),
        ("UPDATE", "USER_PROFILE", "users/profile", None),
        ("UPDATE", "REALM", "", None),
    ],
)
def test_what_administrators_did_is_understood(operation: str, kind: str, path: str, means: str | None) -> None:
    notice = notice_of(_AdminEvent("e1", 7, operation, kind, path))
    if notice is None:
        assert means is None
    else:
        assert means == (notice.subject or ("out" if notice.signed_out else "many"))


@pytest.mark.parametrize(
    ("known", "gone", "so"),
    [(0, 0, True), (10, 10, True), (20, 20, True), (100, 50, True), (100, 51, False), (9, 21, False)],
)
def test_an_emptied_realm_does_not_empty_us(known: int, gone: int, so: bool) -> None:
    assert believable(known=known, gone=gone) is so
