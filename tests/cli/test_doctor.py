# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk doctor`: what is wrong is said in a sentence that helps, part by part."""

import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fachwerk.cli import app
from tests.media.process import KEY, SECRET, MediaProcess
from tests.stack.component import Keycloak, Nats, free_ports
from tests.stack.object_store import ObjectStore


@pytest.fixture
def healthy(tmp_path: Path, sqlite_template: Path) -> dict[str, str]:
    """A small installation whose media process is not started yet."""
    shutil.copy(sqlite_template, tmp_path / "fachwerk.db")
    secret = tmp_path / "media.secret"
    secret.touch(0o600)
    secret.write_text(SECRET)
    settings = {
        "FACHWERK_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'fachwerk.db'}",
        "FACHWERK_FILES__MASTER_KEY_FILE": str(tmp_path / "keys/master.key"),
        "FACHWERK_FILES__BLOBS_DIR": str(tmp_path / "blobs"),
        "FACHWERK_IDENTITY__DEMO_PASSWORD_FILE": str(secret),
        "FACHWERK_CALLS__API_SECRET_FILE": str(secret),
        "FACHWERK_CALLS__API_KEY": KEY,
        "FACHWERK_CALLS__API_URL": f"http://127.0.0.1:{free_ports(1)}",
    }
    assert CliRunner().invoke(app, ["keys"], env=settings).exit_code == 0
    return settings


def ask(settings: Mapping[str, str]) -> tuple[int, dict[str, tuple[bool, str]]]:
    """(exit code, by part: whether it is well and what is said)."""
    others = {name: None for name in os.environ if name.startswith("FACHWERK_")}
    done = CliRunner().invoke(app, ["doctor"], env={**others, **settings})
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    return done.exit_code, {part: (word == "ok", text) for word, part, text in lines}


def test_a_sound_installation_is_told_so(healthy: dict[str, str]) -> None:
    with MediaProcess() as media:
        code, found = ask(healthy | {"FACHWERK_CALLS__API_URL": media.url, "FACHWERK_CALLS__URL": media.ws})
    assert (code, [part for part, (well, _) in found.items() if not well]) == (0, []), found
    assert set(found) == {"keys", "database", "bus", "store", "issuer", "rights", "people", "plans", "media", "clock"}
    assert found["database"][1].startswith("sqlite 3.")


def test_each_fault_is_told_by_itself(healthy: dict[str, str], tmp_path: Path) -> None:
    key = Path(healthy["FACHWERK_FILES__MASTER_KEY_FILE"])
    key.chmod(0o644)
    code, found = ask(
        healthy
        | {
            "FACHWERK_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}",
            "FACHWERK_BUS__URL": f"nats://127.0.0.1:{free_ports(1)}",
            "FACHWERK_IDENTITY__PROVIDER": "oidc",
            "FACHWERK_IDENTITY__ISSUER": f"http://127.0.0.1:{free_ports(1)}/realms/x",
            "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": healthy["FACHWERK_CALLS__API_SECRET_FILE"],
            "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": healthy["FACHWERK_CALLS__API_SECRET_FILE"],
        }
    )
    assert code == 1
    assert {part for part, (well, _) in found.items() if well} == {"store", "rights", "clock"}
    assert found["keys"][1] == f"everybody on this machine can read {key}: chmod o-rwx {key}"
    assert "run `fachwerk migrate`" in found["database"][1]
    assert "does not let us in" in found["bus"][1]
    assert "does not answer" in found["issuer"][1]
    assert "idp setup" in found["people"][1]
    assert "does not answer or does not know our key" in found["media"][1]


def test_a_missing_secret_is_named(healthy: dict[str, str]) -> None:
    Path(healthy["FACHWERK_FILES__MASTER_KEY_FILE"]).unlink()
    _, found = ask(healthy)
    assert found["keys"][0] is False
    assert "make it with `fachwerk keys`" in found["keys"][1]


@pytest.mark.parametrize(("until_ms", "well"), [(0, False), (1 << 60, True)])
def test_a_plan_that_nobody_finishes_is_named(
    healthy: dict[str, str], tmp_path: Path, until_ms: int, well: bool
) -> None:
    with sqlite3.connect(tmp_path / "fachwerk.db") as database:
        database.execute("INSERT INTO provisioning_plan (number, source, issuer, begun_ms) VALUES (7, 'a.csv', 'i', 1)")
        database.execute("INSERT INTO provisioning_lease (id, holder, until_ms) VALUES (1, 'h', ?)", (until_ms,))
    _, found = ask(healthy)
    assert found["plans"][0] is well
    assert ("fachwerk org resume" in found["plans"][1]) is not well


def test_another_media_secret_is_found_out(healthy: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.secret"
    other.touch(0o600)
    other.write_text("another-secret-of-more-than-32-bytes!")
    with MediaProcess() as media:
        addresses = {"FACHWERK_CALLS__API_URL": media.url, "FACHWERK_CALLS__URL": media.ws}
        _, found = ask(healthy | addresses | {"FACHWERK_CALLS__API_SECRET_FILE": str(other)})
    assert found["media"][0] is False


def test_the_parts_of_a_large_installation_are_asked(
    healthy: dict[str, str], nats: Nats, minio: ObjectStore, keycloak: Keycloak, tmp_path: Path
) -> None:
    store = {f"FACHWERK_FILES__S3__{name.upper()}": v for name, v in minio.access(minio.create_bucket()).items()}
    bus = {f"FACHWERK_BUS__{name.upper()}": value for name, value in nats.access().items()}
    settings = healthy | store | bus | {"FACHWERK_FILES__STORE": "s3"}
    _, found = ask(settings | {"FACHWERK_IDENTITY__PROVIDER": "oidc"} | realm(keycloak, "master", tmp_path))
    assert found["bus"] == (True, f"{nats.address} lets us in")
    assert found["store"] == (True, f"{minio.address} keeps, gives back and forgets")
    assert found["issuer"] == (True, f"{keycloak.address}/realms/master answers")
    assert found["people"][0] is False, "nobody has set this realm up for us"
    _, found = ask(settings | {"FACHWERK_BUS__USER": "nobody"})
    assert found["bus"][0] is False
    _, found = ask(settings | {"FACHWERK_FILES__S3__BUCKET": "there-is-none"})
    assert found["store"][0] is False
    assert "there-is-none" in found["store"][1]
    _, found = ask(settings | {"FACHWERK_IDENTITY__PROVIDER": "oidc"} | realm(keycloak, "nowhere", tmp_path))
    assert "answers 404" in found["issuer"][1]


def realm(keycloak: Keycloak, name: str, folder: Path) -> dict[str, str]:
    secret = folder / "client.secret"
    secret.touch(0o600)
    secret.write_text("nobody-knows-this-client")
    return {
        "FACHWERK_IDENTITY__ISSUER": f"{keycloak.address}/realms/{name}",
        "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(secret),
        "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(secret),
    }


def test_a_strength_for_what_does_not_exist_and_a_neighbour_who_does_not_answer(
    healthy: dict[str, str], tmp_path: Path
) -> None:
    neighbour = {"name": "amt", "title": "Amt", "issuer": "http://127.0.0.1:9/realms/amt"}
    code, found = ask(
        healthy
        | {
            "FACHWERK_IDENTITY__STEP_UP": '{"admin.reed": "mfa"}',
            "FACHWERK_IDENTITY__FURTHER": json.dumps([neighbour | {"client_secret_file": str(tmp_path / "none")}]),
        }
    )
    assert code == 1
    assert "'admin.reed'" in found["rights"][1]
    assert "realms/amt does not answer" in found["issuer"][1]
    assert "FACHWERK_IDENTITY__FURTHER__CLIENT_SECRET_FILE" in found["keys"][1]
