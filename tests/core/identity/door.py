# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The front door alone: a real server with identity, directory and the demo provider, nothing else."""

import asyncio
import html
import re
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from fachwerk.adapters.idp_demo import DemoPerson, DemoProvider
from fachwerk.core import directory, identity
from fachwerk.core.identity import IdentitySettings, Provider, Providers, Watch, strengths
from fachwerk.kernel import http
from fachwerk.kernel.clock import SystemClock
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Database, Listener
from fachwerk.kernel.events import Event, Numbered
from fachwerk.kernel.ids import new_id
from fachwerk.kernel.limits import RateLimit
from fachwerk.kernel.policy import Policy

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of many inputs that end before the database, or do there what another test does on both."""
PASSWORD = "offen-sesam"
PEOPLE = (
    DemoPerson(
        "ada",
        "Ada Körner",
        "Referat 1",
        "ada@ministerium.example",
        ("/departments/R1",),
        ("fachwerk-admin", "offline_access"),
    ),
    DemoPerson("bea", "Bea Strauß", "Referat 2", None, ("/departments/Abteilung/R2",)),
)
MODULES = (identity.MODULE, directory.MODULE)


class TurnedClock(SystemClock):
    """The machine's clock, put forward by hand."""

    ahead_s = 0.0

    def now_ms(self) -> int:
        return super().now_ms() + int(self.ahead_s * 1000)

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead_s


@dataclass
class Browser:
    """Keeps cookies as a browser does on a loopback address, Secure ones included, and follows nothing by itself."""

    origin: str
    http: httpx2.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: dict[str, Morsel[str]] = field(default_factory=dict)

    async def get(self, url: str) -> httpx2.Response:
        return await self._send("GET", url)

    async def post(self, url: str, *, origin: str | None = None, **arguments: Any) -> httpx2.Response:
        return await self._send("POST", url, headers={"Origin": origin or self.origin}, **arguments)

    async def _send(
        self, method: str, url: str, headers: dict[str, str] | None = None, **arguments: Any
    ) -> httpx2.Response:
        sent = {**(headers or {}), "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        response = await self.http.request(method, urljoin(self.origin, url), headers=sent, **arguments)
        for line in response.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.set_cookies[name] = morsel
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return response

    async def authorize_url(self, return_path: str = "/", **wishes: str) -> str:
        """Begin a login; where the provider is asked."""
        response = await self.get("/auth/login?" + urlencode({"return": return_path, **wishes}))
        assert response.status_code == 303, response.text
        return str(response.headers["location"])

    async def at_provider(self, url: str, who: str = "ada", password: str = PASSWORD) -> httpx2.Response:
        """Fill in the provider's form."""
        page = await self.get(url)
        assert page.status_code == 200, page.text
        action = re.search(r'action="([^"]+)"', page.text)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert action
        where = urljoin(url, html.unescape(action[1]))
        # Keycloak's form says "username" and has its secret in the address; the demo provider's has it in a field
        fields = {"person": who, "csrf": csrf[1]} if csrf else {"username": who}
        return await self.post(where, origin=where, data=fields | {"password": password})

    async def fill_in(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        """Answer a form of Keycloak."""
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        where = urljoin(str(page.url), html.unescape(action[1]))
        return await self.post(where, origin=where, data=fields)

    async def callback_url(self, who: str = "ada", return_path: str = "/", **wishes: str) -> str:
        """Everything up to the provider's answer."""
        response = await self.at_provider(await self.authorize_url(return_path, **wishes), who)
        assert response.status_code in {302, 303}, response.text
        return str(response.headers["location"])

    async def sign_in(self, who: str = "ada", return_path: str = "/", **wishes: str) -> httpx2.Response:
        """The whole way."""
        response = await self.get(await self.callback_url(who, return_path, **wishes))
        assert response.headers["location"] == return_path
        return response

    async def me(self) -> httpx2.Response:
        return await self.get("/api/v1/me")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def with_query(url: str, **changes: str | None) -> str:
    """The same address with other parameters; None takes one away."""
    query = {name: value for name, value in {**query_of(url), **changes}.items() if value is not None}
    return url.split("?", maxsplit=1)[0] + "?" + urlencode(query)


@dataclass
class Door:
    """The server and what a test may look at."""

    origin: str
    clock: TurnedClock
    database: Database
    demo: DemoProvider
    provider: Provider
    delivered: list[tuple[str, bytes]]
    http: httpx2.AsyncClient
    context: Context

    def browser(self) -> Browser:
        return Browser(self.origin, self.http)


def listeners() -> dict[type[Event], list[Listener]]:
    found: dict[type[Event], list[Listener]] = {}
    for module in MODULES:
        for event, listener in module.on.items():
            found.setdefault(event, []).append(listener)
    return found


@asynccontextmanager
async def open_database(url: str, clock: SystemClock, delivered: list[tuple[str, bytes]]) -> AsyncIterator[Database]:
    def deliver(audience: str, events: list[Numbered]) -> None:
        delivered.extend((audience, event.body) for event in events)

    database = Database(
        url, clock=clock, ids=new_id, deliver=deliver, signal=lambda *_, **__: None, listeners=listeners()
    )
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def served(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
    """Run an application until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110 -- uvicorn tells in no other way
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def open_door(
    url: str,
    demo_class: type[DemoProvider] = DemoProvider,
    settings: IdentitySettings | None = None,
    elsewhere: Callable[[str, SystemClock], Provider] | None = None,
    further: Callable[[str, SystemClock], Mapping[str, Provider]] = lambda *_: {},
) -> AsyncIterator[Door]:
    """Serve until the block ends, with two departments in a third and nobody in them. url: a migrated database.

    elsewhere: makes the provider for an origin, if it is to be another one than the demo's. further: makes
    those beside it, by their names.
    """
    settings, clock = settings or IdentitySettings(), TurnedClock()
    delivered: list[tuple[str, bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        demo = demo_class(origin, "127.0.0.1", "fachwerk", "geheim-fuer-den-test", PASSWORD, PEOPLE, clock)
        provider = (
            elsewhere(origin, clock)
            if elsewhere
            else Provider(
                issuer=demo.issuer,
                client_id="fachwerk",
                client_secret="geheim-fuer-den-test",
                origin=origin,
                clock=clock,
                acr=settings.as_strong_as(settings.acr) if settings.acr else (),
                namespace="demo",
            )
        )
        providers = Providers(provider, further(origin, clock))
        async with open_database(url, clock, delivered) as database:
            async with database.work() as work:
                top = await directory.add_department(work, "Abteilung", "A")
                await directory.add_department(work, "Referat 1", "R1", top.id)
                await directory.add_department(work, "Referat 2", "R2", top.id)
            rules = [rule for module in MODULES for rule in module.rules]
            context = Context(
                clock=clock,
                ids=new_id,
                database=database,
                policy=Policy(rules, strengths(settings, {rule.action for rule in rules})),
                modules=MODULES,
                authenticate=directory.authenticator(database, {}),
                requests=RateLimit(clock, per_s=1000, burst=1000),
                origins=frozenset({origin}),
                body_max_bytes=65_536,
                ports={
                    Providers: providers,
                    Watch: Watch(None, provider.namespace, clock, directory.unlike),
                    IdentitySettings: settings,
                },
            )
            app = Starlette(
                routes=[*http.routes(context), *demo.routes()],
                exception_handlers={HTTPException: http.starlette_refusals(context)},
            )
            try:
                async with served(app, listening), httpx2.AsyncClient(trust_env=False) as client:
                    yield Door(origin, clock, database, demo, provider, delivered, client, context)
            finally:
                for one in providers:
                    await one.close()
