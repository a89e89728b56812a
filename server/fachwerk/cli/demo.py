# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk demo`: a whole ministry on this machine, under one parent that keeps it running."""

import asyncio
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from fachwerk.app import compose
from fachwerk.migrations import upgrade
from fachwerk.settings import Settings, load

from .keys import make_keys, make_secret
from .processes import demo_people
from .seed import PEOPLE, seed
from .supervisor import Child, Supervisor

WEB_DIR = Path("clients/web/dist")
READY_S = 60.0


def run() -> None:
    """Make what is missing, start everything, tell where, and run until Ctrl+C."""
    if (WEB_DIR / "index.html").is_file():
        os.environ.setdefault("FACHWERK_HTTP__WEB_DIR", str(WEB_DIR))
    os.environ.setdefault("FACHWERK_LOG_JSON", "false")
    os.environ.setdefault("FACHWERK_LOG_LEVEL", "WARNING")
    settings = load()
    prepare(settings)
    with Supervisor(children(settings)) as supervisor:
        media = "/healthz" if settings.calls.engine == "builtin" else "/"
        for address in (settings.http.origin + "/readyz", settings.calls.api_url + media):
            _wait_for(address, supervisor)
        _tell(settings)
        supervisor.watch()


def prepare(settings: Settings) -> None:
    """Keys, database, people. What is there already stays as it is."""
    make_keys(settings)
    make_secret(settings.identity.demo_password_file, f"fachwerk-{secrets.randbelow(9000) + 1000}")
    settings.files.blobs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade(settings.database)
    asyncio.run(_seed(settings))


def children(settings: Settings) -> list[Child]:
    """The processes and their environment; a LiveKit server is somebody else's to start."""
    own = [
        Child("server", [sys.executable, "-m", "fachwerk", "serve"], {}),
        Child("worker", [sys.executable, "-m", "fachwerk", "worker"], {}),
    ]
    if settings.calls.engine == "livekit":
        return own
    media = urlsplit(settings.calls.api_url)
    port = media.port or 7880
    media_environment = {
        "FACHWERK_MEDIA_HOST": media.hostname or "127.0.0.1",
        "FACHWERK_MEDIA_PORT": str(port),
        "FACHWERK_MEDIA_TCP_PORT": str(port + 1),
        "FACHWERK_MEDIA_UDP_PORT": str(port + 2),
        "FACHWERK_MEDIA_API_KEY": settings.calls.api_key,
        "FACHWERK_MEDIA_API_SECRET_FILE": str(settings.calls.api_secret_file),
        "FACHWERK_MEDIA_ORIGINS": settings.http.origin,
        "FACHWERK_MEDIA_WEBHOOK_URL": f"http://{settings.http.host}:{settings.http.port}/api/v1/calls/webhook",
        "FACHWERK_MEDIA_LOG_LEVEL": "warning",
    }
    return [*own, Child("media", [sys.executable, "-m", "fachwerk_media"], media_environment)]


async def _seed(settings: Settings) -> None:
    house = compose(settings, demo_people=demo_people(settings))
    async with house.running():
        await seed(house)


def _wait_for(address: str, supervisor: Supervisor) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        supervisor.tend()
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 -- an address of our own settings
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{address} does not answer after {READY_S:.0f} s; is its port taken?")


def _tell(settings: Settings) -> None:
    password = settings.identity.demo_password_file.read_text().strip()
    lines = [
        "",
        f"  {settings.about.ministry} is open:  {settings.http.origin}",
        "",
        "  Sign in as one of these (this machine only), with the password  " + password,
        *(f"    {person.key:<16} {person.name}, {', '.join(person.departments).replace('*', '')}" for person in PEOPLE),
        "",
        "  Two of them in two browser profiles can chat, share files and talk. Ctrl+C ends it.",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
