# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Components as objects: one instance of a script of this folder, on a free port, in a folder of its own."""

import hashlib
import hmac
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psutil
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection

from tests.stack import record

HERE = Path(__file__).parent
START_S = 2700
"""Longest start: the first one of a component that is built from source."""


FIRST_PORT, LAST_PORT = 15_000, 32_000
"""Below those that the kernel gives to outgoing connections: nobody takes one of ours by chance."""
_given: set[int] = set()


def free_ports(count: int) -> int:
    """First of `count` consecutive loopback ports that nobody uses, neither with TCP nor with UDP.

    They are free now and given to nobody else of this run; another run could still be faster.
    """
    for _ in range(200):
        first = secrets.randbelow(LAST_PORT - FIRST_PORT) + FIRST_PORT
        ports = range(first, first + count)
        if not _given.intersection(ports) and all(_is_free(port) for port in ports):
            _given.update(ports)
            return first
    raise RuntimeError(f"found no {count} consecutive free ports")


def _is_free(port: int) -> bool:
    """On every address: some servers listen on all."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("0.0.0.0", port))  # noqa: S104 -- only to see whether it is taken
            except OSError:
                return False
    return True


class Component:
    """One running instance; a context manager that starts it and removes it with its data.

    script: name of the shell script without its ending. settings: environment of the script (see its head).
    Raises RuntimeError with the script's own words when the component does not start: never a skipped test.
    """

    def __init__(self, script: str, settings: Mapping[str, str] | None = None, *, ports: int = 1) -> None:
        self.script = script
        self.port = free_ports(ports)
        self.data = Path(tempfile.mkdtemp(prefix=f"fachwerk-{script}-"))
        self.data.chmod(0o711)  # servers that refuse root run as somebody else and must get in
        self.settings = dict(settings or {})
        self.address = ""

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if (self.data / f"{self.script}.pid").exists():
            record.ending(self.script, self.pid)
        self._run("stop")
        shutil.rmtree(self.data)

    def start(self) -> None:
        """Start it, again after stop(), and wait until it answers."""
        with record.starting(self.script, self._run("version")):
            self.address = self._run("start")

    def stop(self, **settings: str) -> None:
        """Stop it and keep its data."""
        self._run("stop", settings)

    @property
    def pid(self) -> int:
        """The main process."""
        return int((self.data / f"{self.script}.pid").read_text().split()[0])

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Let it hang meanwhile: connections stay open and nothing answers."""
        main = psutil.Process(self.pid)
        family = [main, *main.children(recursive=True)]
        for process in family:
            process.suspend()
        try:
            yield
        finally:
            for process in family:
                process.resume()

    def _run(self, verb: str, settings: Mapping[str, str] | None = None) -> str:
        env = os.environ | self.settings | dict(settings or {})
        env |= {"FW_DATA": str(self.data), "FW_PORT": str(self.port)}
        done = subprocess.run(
            [HERE / f"{self.script}.sh", verb],
            env=env,
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"tests/stack/{self.script}.sh {verb} failed:\n{done.stderr}")
        return done.stdout.strip().rpartition("\n")[2]


class Postgres(Component):
    """A PostgreSQL cluster of its own. durable: with fsync, for benchmarks and crash tests."""

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__("postgres", {"PG_DURABLE": "yes" if durable else "no"})

    def crash(self) -> None:
        """Kill it as a power cut would; start() recovers from the write-ahead log."""
        self.stop(PG_STOP="KILL")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as the superuser; rows as lines, columns parted by `|`."""
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, self.url(database)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{statement}\n{done.stderr}")
        return done.stdout.strip()

    def url(self, database: str) -> str:
        """Address of one database."""
        return urlsplit(self.address)._replace(path=f"/{database}").geturl()

    def create_database(self, template: str = "template1") -> str:
        """Make a database that is a copy of `template` and return its name."""
        name = f"t{uuid.uuid4().hex}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database even if somebody is still connected."""
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")


class Nats(Component):
    """A NATS server without storage. certificate, key: PEM files, for TLS from the first byte on."""

    def __init__(self, certificate: Path | None = None, key: Path | None = None) -> None:
        tls = {"NATS_CERTIFICATE": str(certificate), "NATS_KEY": str(key)} if certificate and key else {}
        super().__init__("nats", tls)

    def access(self, subject: str = "fachwerk") -> dict[str, str]:
        """What Fachwerk needs to know of it (`bus`)."""
        return {
            "url": self.address,
            "user": "fachwerk",
            "password_file": str(self.data / "password"),
            "subject": subject,
        }

    def crash(self) -> None:
        """Kill it; whatever it had not passed on is gone."""
        self.stop(NATS_STOP="KILL")


class Keycloak(Component):
    """A Keycloak with an empty database. Its administrator is `admin`."""

    def __init__(self) -> None:
        super().__init__("keycloak", ports=2)

    @property
    def password_file(self) -> Path:
        """Holds the administrator's password."""
        return self.data / "admin.password"

    def realm(self, name: str) -> KeycloakAdmin:
        """The administrator's view of a realm, which need not exist yet."""
        connection = KeycloakOpenIDConnection(
            server_url=self.address,
            realm_name=name,
            user_realm_name="master",
            username="admin",
            password=self.password_file.read_text(),
            timeout=60,
        )
        return KeycloakAdmin(connection=connection)


class LiveKit(Component):
    """A LiveKit server. webhook: where it reports who comes and goes."""

    def __init__(self, webhook: str = "") -> None:
        super().__init__("livekit", {"LIVEKIT_WEBHOOK": webhook}, ports=3)

    @property
    def credentials(self) -> tuple[str, str]:
        """(key, secret)."""
        key, secret = (self.data / "keys").read_text().split()
        return key, secret


class Nginx(Component):
    """One address before several servers. servers: `host:port` of each."""

    def __init__(self, servers: Sequence[str]) -> None:
        super().__init__("nginx", {"NGINX_SERVERS": " ".join(servers)})


class Synapse(Component):
    """A Matrix homeserver below .localhost. Those with the same authority and each other as peers federate.

    database: its address.
    """

    def __init__(self, host: str, database: str, authority: Path) -> None:
        settings = {"SYN_HOST": host, "SYN_DATABASE": database, "SYN_AUTHORITY": str(authority)}
        super().__init__("synapse", settings, ports=2)
        self.port = free_ports(2)
        self.server_name = f"{host}:{self.port + 1}"

    def befriend(self, *others: str) -> None:
        """Let it federate with these servers, from the next start on."""
        self.settings["SYN_PEERS"] = " ".join(others)

    def register(self, registration: Path) -> None:
        """Give it an application service, from the next start on."""
        self.settings["SYN_REGISTRATION"] = str(registration)

    def crash(self) -> None:
        """Kill it."""
        self.stop(SYN_STOP="KILL")

    def add_user(self, name: str, password: str) -> str:
        """Make an ordinary account, as an administrator does; returns its Matrix id."""
        address = f"{self.address}/_synapse/admin/v1/register"
        with urllib.request.urlopen(address, timeout=30) as answer:
            nonce = json.load(answer)["nonce"]
        secret = (self.data / "registration_shared_secret").read_bytes()
        words = b"\0".join((nonce.encode(), name.encode(), password.encode(), b"notadmin"))
        body = {
            "nonce": nonce,
            "username": name,
            "password": password,
            "mac": hmac.new(secret, words, hashlib.sha1).hexdigest(),
        }
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(json.load(answer)["user_id"])


class Slapd(Component):
    """An LDAP server with the suffix dc=ministerium,dc=example, empty but for the account of a reader."""

    suffix = "dc=ministerium,dc=example"

    def __init__(self) -> None:
        super().__init__("slapd", ports=2)

    def access(self, **more: object) -> dict[str, object]:
        """What Fachwerk needs to know of it (`ldap`)."""
        return {
            "url": self.address,
            "ca_file": str(self.data / "ca.pem"),
            "bind_dn": f"cn=reader,{self.suffix}",
            "password_file": str(self.data / "reader.password"),
            "base": self.suffix,
            "kind": "openldap",
            **more,
        }

    def add(self, ldif: str) -> None:
        """Add entries, as their administrator."""
        self._say("ldapadd", ldif)

    def clear(self, folder: str) -> None:
        """Remove an entry and all below it."""
        self._say("ldapdelete", f"{folder}\n", "-r")

    def _say(self, program: str, words: str, *more: str) -> None:
        who = ["-x", "-D", f"cn=admin,{self.suffix}", "-y", str(self.data / "admin.password")]
        where = ["-H", f"ldap://127.0.0.1:{self.port}"]
        done = subprocess.run(
            [program, *who, *where, *more], input=words, capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")
