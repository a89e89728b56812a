# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A house whose sign-in and people are a real Keycloak's."""

import asyncio
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from keycloak import KeycloakAdmin

from fachwerk.adapters.idp_keycloak_setup import Wanted, set_up
from fachwerk.cli.processes import run_jobs
from fachwerk.core import directory, rooms
from fachwerk.core.identity import COOKIE, ROLES, GroupWanted
from tests.core.identity.door import Browser
from tests.house import Client, House, SocketClient, open_house
from tests.stack.component import Keycloak
from tests.stack.record import FIGURES

REVOKED_WITHIN_S = 60.0
"""Generous: the machine may be busy. What was seen is noted; the promise is 5 s."""
PASSWORD = "offen-sesam-offen"


@dataclass
class Ministry:
    """realm: the administrator's view of Keycloak. room: of department A."""

    house: House
    realm: KeycloakAdmin
    folder: Path
    http: httpx2.AsyncClient
    room: str = ""
    subjects: dict[str, str] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)

    async def hire(self, name: str, group: str | None = "/departments/H/A") -> str:
        """Make an account in Keycloak; returns its id there."""
        account = {
            "username": name,
            "enabled": True,
            "firstName": name.title(),
            "lastName": "Probe",
            "email": f"{name}@ministerium.example",
            "credentials": [{"type": "password", "value": PASSWORD}],
            "groups": [group] if group else [],
        }
        self.subjects[name] = str(await asyncio.to_thread(self.realm.create_user, account))
        return self.subjects[name]

    async def sign_in(self, name: str) -> Client:
        """Through Keycloak's own form."""
        browser = Browser(self.house.origin, self.http)
        url = await browser.at_provider(await browser.authorize_url(), name, PASSWORD)
        response = await browser.get(str(url.headers["location"]))
        assert response.headers["location"] == "/", response.text
        me = (await browser.me()).json()["person"]["id"]
        self.clients.append(Client(self.house.origin, browser.cookies[COOKIE], me))
        return self.clients[-1]

    async def departments_of(self, client: Client) -> list[str]:
        return [one["short"] for one in (await client.call("GET", "/me"))["departments"]]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker runs meanwhile."""
        stop = asyncio.Event()
        running = asyncio.create_task(run_jobs(self.house.house, stop))
        try:
            yield
        finally:
            stop.set()
            await running


async def closed(socket: SocketClient) -> int:
    """Wait until the server closes a socket: its code."""
    async with asyncio.timeout(REVOKED_WITHIN_S):
        await socket.connection.wait_closed()
    assert socket.connection.close_code
    return socket.connection.close_code


async def becomes(what: str, true: Callable[[], Awaitable[bool]], since: float) -> float:
    """Wait until it is so; notes and returns the seconds since then (monotonic)."""
    async with asyncio.timeout(REVOKED_WITHIN_S):
        while not await true():  # noqa: ASYNC110 -- another program's state
            await asyncio.sleep(0.05)
    return told(what, since)


def told(what: str, since: float) -> float:
    """Note the seconds since then, the longest of the run, for whoever reads its end."""
    seconds = time.monotonic() - since
    FIGURES[f"s {what}"] = max(seconds, FIGURES.get(f"s {what}", 0.0))
    return seconds


def wanted(origin: str, folder: Path, groups: list[GroupWanted], attributes: Sequence[str] = ()) -> Wanted:
    return Wanted(
        origin=origin,
        client_id="fachwerk",
        client_secret=(folder / "client.secret").read_text(),
        admin_client_id="fachwerk-directory",
        admin_client_secret=(folder / "directory.secret").read_text(),
        roles=ROLES,
        groups=groups,
        attributes=attributes,
    )


def identity_settings(folder: Path, issuer: str, **more: Any) -> dict[str, Any]:
    for name in ("client.secret", "directory.secret"):
        if not (folder / name).exists():
            (folder / name).write_text(secrets.token_urlsafe(36))
    return {
        "provider": "oidc",
        "issuer": issuer,
        "client_secret_file": folder / "client.secret",
        "admin_client_secret_file": folder / "directory.secret",
        **more,
    }


@asynccontextmanager
async def open_ministry(folder: Path, database_url: str, keycloak: Keycloak, **more: Any) -> AsyncIterator[Ministry]:
    """A house with departments and people, a realm that was set up for it, and no worker yet."""
    name = f"m{uuid.uuid4().hex[:12]}"
    realm = keycloak.realm(name)
    settings = identity_settings(folder, f"{keycloak.address}/realms/{name}", **more)
    async with (
        open_house(folder, database_url, identity=settings) as house,
        httpx2.AsyncClient(trust_env=False) as http,
    ):
        await house.settle()
        async with house.context.database.work() as work:
            groups = [GroupWanted(d.id, d.parent_id, d.short) for d in await directory.all_departments(work)]
            room = await rooms.found_department_room(work, house.departments["A"], "Abteilung A", by="test")
        await asyncio.to_thread(
            set_up, realm, wanted(house.origin, folder, groups, house.house.settings.identity.attribute_names)
        )
        ministry = Ministry(house, realm, folder, http, room.id)
        yield ministry
        for client in ministry.clients:
            await client.http.aclose()
    await asyncio.to_thread(realm.delete_realm, name)
