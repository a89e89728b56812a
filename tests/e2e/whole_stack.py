# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A ministry on what production runs on: Keycloak, PostgreSQL, NATS, MinIO, LiveKit and two server processes.

It is set up by the operator's own commands, one after the other.
"""

import csv
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from fachwerk.cli.seed import DEPARTMENTS, PEOPLE
from tests.e2e.ministry import WEB
from tests.stack.component import Component, Keycloak, LiveKit, Nats, Nginx, Postgres, free_ports
from tests.stack.object_store import ObjectStore

REALM = "ministry"
READY_S = 60.0
STOP_S = 30.0
ENDED_AS_TOLD = {0, -signal.SIGTERM}


class WholeStack:
    """Looks like a `Ministry`. parts: the components by name. servers: two, behind one address."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.password = folder, secrets.token_urlsafe(12)
        self._servers = (free_ports(1), free_ports(1))
        self._front = Nginx([f"127.0.0.1:{port}" for port in self._servers])
        self.origin = f"http://127.0.0.1:{self._front.port}"
        self._stack = ExitStack()
        self.parts: dict[str, Component] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            starting.callback(self._stack.close)
            starting.callback(self._stop)
            self._start()
            starting.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        codes = self._stop()
        self._stack.close()
        assert set(codes) <= ENDED_AS_TOLD, self.log()
        assert self.faults() == []

    def _stop(self) -> list[int]:
        for process in self._processes:
            process.terminate()
        return [process.wait(STOP_S) for process in self._processes]

    def faults(self) -> list[str]:
        """Lines about exceptions that nobody expected; that something is away is none."""
        return [line for line in self.log().splitlines() if '"level": "error"' in line and '"exception"' in line]

    def log(self) -> str:
        """What all processes have said so far."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def ready(self) -> bool:
        """Whether the servers answer."""
        try:
            for port in self._servers:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                    pass
        except OSError:
            return False
        return True

    @contextmanager
    def hanging(self, part: str) -> Iterator[None]:
        """Let a component hang meanwhile."""
        with self.parts[part].hanging():
            yield

    def hire(self, login: str, given_name: str, name: str, *places: str) -> None:
        """Somebody new, in the next table that the operator hands in. places: short names of departments."""
        email = f"{login}@ministerium.example"
        rows = [("person", login, name, given_name, place, email, "") for place in places]
        self._say("org", "apply", str(self._file(*rows)), *self._administrator)
        self._set_password(login)

    def _start(self) -> None:
        enter = self._stack.enter_context
        webhook = f"{self.origin}/api/v1/calls/webhook"
        self._postgres, self._keycloak = enter(Postgres(durable=True)), enter(Keycloak())
        self._nats, self._store, self._livekit = enter(Nats()), enter(ObjectStore("minio")), enter(LiveKit(webhook))
        self.parts = {
            "postgres": self._postgres, "keycloak": self._keycloak, "nats": self._nats, "minio": self._store,
            "livekit": self._livekit,
        }  # fmt: skip
        self._environment = self._settings()
        self._administrator = ("--admin-password-file", str(self._keycloak.password_file))
        self._say("migrate")
        self._say("keys")
        self._say("idp", "setup", *self._administrator)
        self._say("org", "apply", str(self._file()), *self._administrator)
        for person in PEOPLE:
            self._set_password(person.key)
            self._give_roles(person.key, person.roles)
        for number, port in enumerate(self._servers):
            self._run(f"server{number}", "serve", FACHWERK_HTTP__PORT=str(port))
        self._run("worker", "worker")
        enter(self._front)
        until = time.monotonic() + READY_S
        while not self.ready():
            assert time.monotonic() < until, self.log()
            assert all(process.poll() is None for process in self._processes), self.log()
            time.sleep(0.2)

    def _settings(self) -> dict[str, str]:
        keys, media = self.folder / "keys", self.folder / "media.secret"
        key, secret = self._livekit.credentials
        media.touch(0o600)
        media.write_text(secret)
        store = self._store.access(self._store.create_bucket())
        nats = self._nats.access()
        database = self._postgres.url(self._postgres.create_database()).replace("postgresql:", "postgresql+asyncpg:")
        return {
            "FACHWERK_DATABASE_URL": database,
            "FACHWERK_HTTP__ORIGIN": self.origin,
            "FACHWERK_HTTP__WEB_DIR": str(WEB),
            "FACHWERK_IDENTITY__PROVIDER": "oidc",
            "FACHWERK_IDENTITY__ISSUER": f"{self._keycloak.address}/realms/{REALM}",
            "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(keys / "client.secret"),
            "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(keys / "directory.secret"),
            "FACHWERK_IDENTITY__ORG_CLIENT_SECRET_FILE": str(keys / "organisation.secret"),
            "FACHWERK_FILES__STORE": "s3",
            "FACHWERK_FILES__MASTER_KEY_FILE": str(keys / "master.key"),
            "FACHWERK_CALLS__ENGINE": "livekit",
            "FACHWERK_CALLS__URL": self._livekit.address,
            "FACHWERK_CALLS__API_URL": self._livekit.address.replace("ws:", "http:"),
            "FACHWERK_CALLS__API_KEY": key,
            "FACHWERK_CALLS__API_SECRET_FILE": str(media),
            **{f"FACHWERK_FILES__S3__{name.upper()}": value for name, value in store.items()},
            **{f"FACHWERK_BUS__{name.upper()}": value for name, value in nats.items()},
        }

    def _set_password(self, login: str) -> None:
        realm = self._keycloak.realm(REALM)
        subject = realm.get_user_id(login)
        assert subject
        realm.set_user_password(subject, self.password, temporary=False)

    def _give_roles(self, login: str, roles: tuple[str, ...]) -> None:
        realm = self._keycloak.realm(REALM)
        subject = realm.get_user_id(login)
        assert subject
        if roles:
            realm.assign_realm_roles(subject, [realm.get_realm_role(role) for role in roles])

    def groups_of(self, login: str) -> list[str]:
        """Where Keycloak has somebody, as paths."""
        realm = self._keycloak.realm(REALM)
        subject = realm.get_user_id(login)
        assert subject
        return sorted(group["path"] for group in realm.get_user_groups(subject))

    def _file(self, *more: tuple[str, ...]) -> Path:
        """The demo house as the table that an operator hands in, and further rows."""
        path = self.folder / "house.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, delimiter=";")
            table.writerow(("kind", "key", "name", "given_name", "parent", "email", "lead"))
            for one in DEPARTMENTS:
                table.writerow(("department", one.short, one.name, "", one.parent or "", "", ""))
            for person in PEOPLE:
                given_name, _, name = person.name.partition(" ")
                email = f"{person.key}@ministerium.example"
                for short in person.departments:
                    lead = "x" if short.endswith("*") else ""
                    table.writerow(("person", person.key, name, given_name, short.removesuffix("*"), email, lead))
            table.writerows(more)
        return path

    def _say(self, *words: str) -> None:
        command = [sys.executable, "-m", "fachwerk", *words]
        done = subprocess.run(command, cwd=self.folder, env=self._env(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _run(self, name: str, role: str, **settings: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [sys.executable, "-m", "fachwerk", role]
            process = subprocess.Popen(command, cwd=self.folder, env=self._env() | settings, stdout=log, stderr=log)
        self._processes.append(process)

    def _env(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if not k.startswith("FACHWERK_")} | self._environment
