# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An installation as operators have it: commands, server and worker as processes, and a real Keycloak."""

import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keycloak import KeycloakAdmin

from tests.stack.component import Keycloak, free_ports

READY_S, STOP_S = 60.0, 30.0


class Installation:
    """Settings as they are by default, over a migrated database; its people are in a realm of its own."""

    def __init__(self, folder: Path, keycloak: Keycloak, database_url: str, **settings: object) -> None:
        self.folder, self.origin = folder, f"http://127.0.0.1:{(port := free_ports(1))}"
        self._keycloak, self._realm = keycloak, f"i{uuid.uuid4().hex[:12]}"
        self.administrator = ("--admin-password-file", str(keycloak.password_file))
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FACHWERK_")}
        self._environment = clean | {
            "FACHWERK_DATABASE_URL": database_url,
            "FACHWERK_HTTP__PORT": str(port),
            "FACHWERK_HTTP__ORIGIN": self.origin,
            "FACHWERK_FILES__MASTER_KEY_FILE": str(folder / "master.key"),
            "FACHWERK_FILES__BLOBS_DIR": str(folder / "blobs"),
            "FACHWERK_CALLS__API_SECRET_FILE": str(folder / "media.secret"),
            "FACHWERK_IDENTITY__PROVIDER": "oidc",
            "FACHWERK_IDENTITY__ISSUER": f"{keycloak.address}/realms/{self._realm}",
            "FACHWERK_IDENTITY__CLIENT_SECRET_FILE": str(folder / "client.secret"),
            "FACHWERK_IDENTITY__ADMIN_CLIENT_SECRET_FILE": str(folder / "directory.secret"),
            **{f"FACHWERK_{name.upper()}": str(value) for name, value in settings.items()},
        }

    def set_up(self) -> None:
        """Make its keys and its realm."""
        self.say("keys")
        self.say("idp", "setup", *self.administrator)

    @property
    def realm(self) -> KeycloakAdmin:
        """The administrator's view of its people."""
        return self._keycloak.realm(self._realm)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Say a command; how it ended."""
        command = [sys.executable, "-m", "fachwerk", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False
        )

    def say(self, *words: str) -> str:
        """What a command prints. Raises RuntimeError with its last words if it fails."""
        done = self.run(*words)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def org(self, *words: str) -> str:
        """As `say`, of a command that needs Keycloak's administrator."""
        return self.say("org", *words, *self.administrator)

    @contextmanager
    def running(self, *roles: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
        """Server, worker or both run meanwhile; none may say anything of an error. Their processes, by role."""
        running: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for role in roles:
                with self._log(role).open("ab") as log:
                    command = [sys.executable, "-m", "fachwerk", role]
                    running[role] = subprocess.Popen(
                        command, cwd=self.folder, env=self._environment, stdout=log, stderr=log
                    )
            until = time.monotonic() + READY_S
            while "serve" in running and not self._answers():
                assert time.monotonic() < until, self.log()
                assert all(process.poll() is None for process in running.values()), self.log()
                time.sleep(0.1)
            yield running
        finally:
            for process in running.values():
                process.terminate()
            for process in running.values():
                process.wait(STOP_S)
        assert '"level": "error"' not in self.log(), self.log()

    def log(self) -> str:
        """What its processes have said so far."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def close(self) -> None:
        """Its people are gone afterwards."""
        self.realm.delete_realm(self._realm)

    def _log(self, role: str) -> Path:
        return self.folder / f"{role}.log"

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.origin + "/readyz", timeout=2):
                return True
        except OSError:
            return False
