# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Writes what a Synapse of synapse.sh needs: database, certificate, keys, settings. Run again, it changes nothing.

Runs in Synapse's own virtual environment; arguments come from synapse.sh by the environment.
"""

import datetime
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from signedjson.key import generate_signing_key, write_signing_keys

NOW = datetime.datetime.now(datetime.UTC)
MANY = {"per_second": 100_000, "burst_count": 100_000}


def make_database(url: str) -> dict[str, str | int]:
    """Make the database with the collation that Synapse insists on; returns how to connect."""
    parts = urlsplit(url)
    name = parts.path[1:]
    where: dict[str, str | int] = {
        "host": parts.hostname or "",
        "port": parts.port or 5432,
        "user": parts.username or "",
    }
    connection = psycopg2.connect(dbname="postgres", **where)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    connection.close()
    return {"dbname": name, **where}


def make_authority(folder: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The authority of the folder; two servers that start at once make only one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ca.pem").exists():
            key = ec.generate_private_key(ec.SECP256R1())
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
            usage = x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            )
            made = (
                _certificate(name, name, key.public_key())
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .sign(key, hashes.SHA256())
            )
            (folder / "ca.key").write_bytes(_pem(key))
            (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        key_read = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        assert isinstance(key_read, ec.EllipticCurvePrivateKey)
        return key_read, x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())


def make_certificate(data: Path, host: str, authority: tuple[ec.EllipticCurvePrivateKey, x509.Certificate]) -> None:
    """A key and a certificate for the name, signed by the authority."""
    ca_key, ca = authority
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _certificate(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), ca.subject, key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    (data / "tls.key").write_bytes(_pem(key))
    (data / "tls.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def settings(data: Path, port: int, server_name: str, database: dict[str, str | int]) -> dict[str, Any]:
    """homeserver.yaml; JSON is YAML too."""
    registration = os.environ["SYN_REGISTRATION"]
    return {
        "server_name": server_name,
        "public_baseurl": f"http://127.0.0.1:{port}/",
        "pid_file": str(data / "homeserver.pid"),
        "log_config": str(data / "log.yaml"),
        "signing_key_path": str(data / "signing.key"),
        "media_store_path": str(data / "media"),
        "max_upload_size": "110M",
        "listeners": [_listener(port, "client", tls=False), _listener(port + 1, "federation", tls=True)],
        "tls_certificate_path": str(data / "tls.crt"),
        "tls_private_key_path": str(data / "tls.key"),
        "federation_custom_ca_list": [str(Path(os.environ["SYN_AUTHORITY"]) / "ca.pem")],
        # all the servers of a test are on loopback, which is barred otherwise
        "ip_range_whitelist": ["127.0.0.0/8"],
        "federation_domain_whitelist": [server_name, *os.environ["SYN_PEERS"].split()],
        "trusted_key_servers": [],
        # minutes and days otherwise: an outage in a test is short
        "federation": {
            "client_timeout": "20s",
            "destination_min_retry_interval": "1s",
            "destination_retry_multiplier": 2,
            "destination_max_retry_interval": "5s",
        },
        "database": {"name": "psycopg2", "args": {**database, "cp_min": 2, "cp_max": 8}},
        "report_stats": False,
        "stats": {"enabled": False},
        "update_user_directory": False,
        "enable_registration": False,
        **{name: (data / name).read_text() for name in SECRETS},
        "app_service_config_files": [registration] if registration else [],
        "presence": {"enabled": False},
        "push": {"enabled": False},
        "enable_search": False,
        "url_preview_enabled": False,
        "encryption_enabled_by_default_for_room_type": "off",
        "rc_message": MANY,
        "rc_registration": MANY,
        "rc_login": {"address": MANY, "account": MANY, "failed_attempts": MANY},
        "rc_joins": {"local": MANY, "remote": MANY},
        "rc_joins_per_room": MANY,
        "rc_invites": {"per_room": MANY, "per_user": MANY, "per_issuer": MANY},
        "rc_media_create": MANY,
        "rc_federation": {"sleep_limit": 100_000, "sleep_delay": 1, "reject_limit": 100_000, "concurrent": 100},
    }


SECRETS = ("registration_shared_secret", "macaroon_secret_key", "form_secret")


def _listener(port: int, resource: str, *, tls: bool) -> dict[str, Any]:
    resources = [{"names": [resource], "compress": False}]
    return {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": tls, "resources": resources}


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(days=1))
        .not_valid_after(NOW + datetime.timedelta(days=365))
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def main() -> None:
    """Write everything into SYN_DATA."""
    data, port, host = Path(os.environ["SYN_DATA"]), int(os.environ["SYN_PORT"]), os.environ["SYN_HOST"]
    (data / "media").mkdir(exist_ok=True)
    authority = make_authority(Path(os.environ["SYN_AUTHORITY"]))
    if not (data / "signing.key").exists():
        for name in SECRETS:
            (data / name).write_text(secrets.token_urlsafe(32))
        make_certificate(data, host, authority)
        with (data / "signing.key").open("w") as file:
            write_signing_keys(file, [generate_signing_key("t1")])
    database = make_database(os.environ["SYN_DATABASE"])
    log = {
        "version": 1,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"level": os.environ.get("SYN_LOG", "WARNING"), "handlers": ["out"]},
        "disable_existing_loggers": False,
    }
    (data / "log.yaml").write_text(json.dumps(log))
    words = settings(data, port, f"{host}:{port + 1}", database)
    (data / "homeserver.yaml").write_text(json.dumps(words, indent=1))


if __name__ == "__main__":
    main()
