# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the chart tells PostgreSQL's client is obeyed: TLS, and only with the server that it names."""

import datetime
import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fachwerk.migrations import newest
from tests.stack.component import Postgres

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "database")])


def certificate(address: str) -> tuple[bytes, bytes]:
    """(certificate, key) in PEM of a server at this address, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(tz=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), secret


@pytest.fixture(scope="module")
def database() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def environment(database: Postgres, tmp_path: Path) -> Iterator[dict[str, str]]:
    """As the chart writes it, for a database that asks for a password and speaks only TLS."""
    (tmp_path / "password").write_text("s3cr3t/w@rd\n")
    database.sql("CREATE ROLE fachwerk LOGIN PASSWORD 's3cr3t/w@rd'")
    database.sql("CREATE DATABASE fachwerk OWNER fachwerk")
    yield os.environ | {
        "FACHWERK_DATABASE_URL": f"postgresql+asyncpg://fachwerk@127.0.0.1:{database.port}/fachwerk",
        "FACHWERK_DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(tmp_path / "ca.crt"),
    }
    database.drop_database("fachwerk")
    database.sql("DROP ROLE fachwerk")


def offer(database: Postgres, address: str, trusted: Path) -> None:
    """Have the server speak TLS with a certificate for this address, and clients trust it."""
    folder = Path(database.sql("SHOW data_directory"))
    owner = folder.stat()
    public, secret = certificate(address)
    trusted.write_bytes(public)
    for name, content in (("server.crt", public), ("server.key", secret)):
        path = folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        os.chown(path, owner.st_uid, owner.st_gid)
    doors = ("hostssl all fachwerk all scram-sha-256", "hostnossl all fachwerk all reject", "host all all all trust")
    (folder / "pg_hba.conf").write_text("\n".join((*doors, "")))
    database.sql("ALTER SYSTEM SET ssl = on")
    database.sql("SELECT pg_reload_conf()")


def migrate(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fachwerk", "migrate"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_database_is_reached_by_tls_alone(database: Postgres, environment: dict[str, str]) -> None:
    offer(database, "127.0.0.1", Path(environment["PGSSLROOTCERT"]))
    done = migrate(environment)
    assert done.returncode == 0, done.stderr
    assert database.sql("SELECT version_num FROM alembic_version", "fachwerk") == newest()
    plain = migrate(environment | {"PGSSLMODE": "disable"})
    assert plain.returncode != 0


def test_another_server_than_the_named_one_is_refused(database: Postgres, environment: dict[str, str]) -> None:
    offer(database, "192.0.2.1", Path(environment["PGSSLROOTCERT"]))
    done = migrate(environment)
    assert done.returncode != 0
    assert "certificate is not valid for '127.0.0.1'" in done.stderr
