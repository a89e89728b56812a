# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Composition root: the only file that knows every module and chooses the adapters."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import make_url
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from fachwerk.adapters.blobs_local import LocalBlobs
from fachwerk.adapters.blobs_s3 import S3Blobs
from fachwerk.adapters.bus_memory import MemoryBus
from fachwerk.adapters.bus_nats import NatsBus
from fachwerk.adapters.idp_demo import DemoPerson, DemoProvider
from fachwerk.adapters.idp_keycloak import KeycloakAccounts
from fachwerk.adapters.idp_keycloak_realm import organisation
from fachwerk.adapters.store_postgres import PostgresStore
from fachwerk.adapters.store_sqlite import SqliteStore
from fachwerk.core import directory, files, identity, messages, policies, rooms, sync
from fachwerk.features import (
    about,
    admin,
    audit,
    calls,
    federation,
    guests,
    investigations,
    own_data,
    polls,
    provisioning,
    reactions,
    readers,
    scim,
)
from fachwerk.kernel.clock import Clock, SystemClock
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Database, Listener
from fachwerk.kernel.events import Event
from fachwerk.kernel.headers import SecurityHeaders
from fachwerk.kernel.health import Health
from fachwerk.kernel.http import routes, starlette_refusals
from fachwerk.kernel.ids import Ids, new_id
from fachwerk.kernel.limits import RateLimit
from fachwerk.kernel.module import Module
from fachwerk.kernel.pages import pages
from fachwerk.kernel.policy import Policy
from fachwerk.kernel.settings import secret
from fachwerk.settings import Settings

MODULES: tuple[Module, ...] = (
    identity.MODULE,
    directory.MODULE,
    policies.MODULE,
    sync.MODULE,
    rooms.MODULE,
    files.MODULE,
    messages.MODULE,
    reactions.MODULE,
    polls.MODULE,
    calls.MODULE,
    federation.MODULE,
    guests.MODULE,
    investigations.MODULE,
    readers.MODULE,
    audit.MODULE,
    admin.MODULE,
    provisioning.MODULE,
    scim.MODULE,
    own_data.MODULE,
    about.MODULE,
)

ANSWERS = (sync.Hello, sync.Subscribed, sync.Bump, sync.Refused, sync.Closed, sync.Pong, messages.Ack)
"""What the server says on a socket that is no event."""
DEMO_NAMESPACE = "demo"
"""Under which the demo provider's people are kept, whatever port it answers on."""


@dataclass(slots=True)
class House:
    """One process of an installation, put together but not started."""

    settings: Settings
    context: Context
    hub: sync.Hub
    relay: sync.Relay
    health: Health
    demo: DemoProvider | None
    _store: SqliteStore | PostgresStore

    def check(self) -> None:
        """Ask, before serving, whether what we depend on will take us. Raises SystemExit with a sentence if not."""
        self.context.port(files.FileStore).blobs.check()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run what the modules need beside requests, and give everything back at the end."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.context.port(files.FileStore).blobs.close)
            stack.push_async_callback(self.context.database.close)
            stack.push_async_callback(self._store.close)
            await stack.enter_async_context(self.relay.running())
            for module in self.context.modules:
                if module.lifespan:
                    await stack.enter_async_context(module.lifespan(self.context))
            await self.health.look()
            watches = (self.hub.watch_database(self._pause_s), self.health.watch())
            watching = asyncio.gather(*watches)
            try:
                yield
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    def _pause_s(self) -> float:
        """Until the next look for what others committed: longer while they are heard anyway."""
        return self.settings.bus.reconcile_s if self.relay.open else self.settings.sync.reconcile_s


def compose(
    settings: Settings,
    *,
    clock: Clock | None = None,
    ids: Ids = new_id,
    demo_people: Sequence[DemoPerson] = (),
    schema: str = "",
) -> House:
    """Choose adapters by the settings and connect everything; nothing is opened yet.

    schema: the oldest state of the database that this code can serve; empty for any.
    """
    clock = clock or SystemClock()
    url = make_url(settings.database)
    store: SqliteStore | PostgresStore
    if url.get_backend_name() == "sqlite":
        store = SqliteStore(url.database or "")
    else:
        store = PostgresStore(url.set(drivername="postgresql").render_as_string(hide_password=False))
    hub = sync.Hub(store, clock)
    relay = sync.Relay(hub, NatsBus(settings.bus) if settings.bus.url else MemoryBus(), clock)
    database = Database(
        settings.database,
        clock=clock,
        ids=ids,
        deliver=relay.deliver,
        signal=relay.signal,
        listeners=listeners(MODULES),
    )
    if isinstance(store, SqliteStore):
        store.take_turns(database.turn)
    house, demo = _provider(settings, clock, demo_people)
    ports: dict[type[Any], Any] = {
        sync.Hub: hub,
        sync.Relay: relay,
        sync.SyncSettings: settings.sync,
        identity.IdentitySettings: settings.identity,
        identity.Providers: identity.Providers(house, _further(settings, clock)),
        identity.Watch: identity.Watch(accounts(settings.identity), house.namespace, clock, directory.unlike),
        rooms.RoomSettings: settings.rooms,
        messages.Sequencer: messages.Sequencer(store, relay.deliver, clock),
        files.FileSettings: settings.files,
        files.FileStore: files.FileStore(
            blobs(settings.files),
            files.MasterKey.read(settings.files.master_key_file),
            settings.files,
        ),
        calls.MediaServer: calls.MediaServer(settings.calls),
        federation.FederationSettings: settings.federation,
        guests.Links: guests.Links(settings.http.origin, settings.guests, clock),
        investigations.InvestigationSettings: settings.investigations,
        scim.Endpoint: scim.Endpoint(
            settings.http.origin, house.namespace, places=settings.identity.departments == "scim"
        ),
        about.AboutSettings: settings.about,
        provisioning.Site: site(settings.identity, house.namespace, [person.subject for person in demo_people]),
        own_data.Exports: own_data.Exports(clock),
    }
    people = directory.authenticator(database, {identity.GUEST: guests.GUEST_ACTIONS})
    machines = federation.authenticator(settings.federation, database, people)
    context = Context(
        clock=clock,
        ids=ids,
        database=database,
        policy=policy(settings.identity),
        modules=MODULES,
        authenticate=scim.authenticator(settings.scim, database, machines),
        requests=RateLimit(clock, per_s=settings.http.requests_per_s, burst=settings.http.requests_burst),
        origins=frozenset({settings.http.origin}),
        body_max_bytes=settings.http.body_max_bytes,
        ports=ports,
    )
    return House(settings, context, hub, relay, Health(database, needs=schema), demo, store)


def build(house: House) -> Starlette:
    """The web application of one process."""
    front = sync.Front(house.context, house.hub, house.settings.sync)

    async def socket(websocket: WebSocket) -> None:
        await front(websocket)

    every: list[BaseRoute] = [
        *routes(house.context),
        *house.health.routes(),
        WebSocketRoute("/api/v1/sync", socket),
    ]
    if house.demo:
        every += house.demo.routes()
    if house.settings.http.web_dir:
        every += pages(house.settings.http.web_dir)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with house.running():
            yield

    return Starlette(
        routes=every,
        exception_handlers={HTTPException: starlette_refusals(house.context)},
        middleware=[Middleware(SecurityHeaders, media_url=house.settings.calls.url)],
        lifespan=lifespan,
    )


def policy(chosen: identity.IdentitySettings) -> Policy:
    """The table of rights, with what the settings ask of sign-ins. Raises SystemExit for a name that nothing has."""
    rules = [rule for module in MODULES for rule in module.rules]
    known = {rule.action for rule in rules} | {f"label:{label}" for label in rooms.LEAST_LABEL.values}
    return Policy(rules, identity.strengths(chosen, known))


def blobs(settings: files.FileSettings) -> files.Blobs:
    """The store that the settings name."""
    if settings.store == "s3":
        return S3Blobs(settings.s3)
    return LocalBlobs(settings.blobs_dir, reserve_bytes=settings.disk_reserve_bytes)


def listeners(modules: Sequence[Module]) -> dict[type[Event], list[Listener]]:
    """Which modules react to which events, in the modules' order."""
    found: dict[type[Event], list[Listener]] = {}
    for module in modules:
        for kind, listener in module.on.items():
            found.setdefault(kind, []).append(listener)
    return found


def _provider(
    settings: Settings, clock: Clock, people: Sequence[DemoPerson]
) -> tuple[identity.Provider, DemoProvider | None]:
    chosen, origin = settings.identity, settings.http.origin
    if chosen.provider == "demo":
        demo = DemoProvider(
            origin=origin,
            bind_host=settings.http.host,
            client_id=chosen.client_id,
            client_secret=secrets.token_urlsafe(32),
            password=secret(chosen.demo_password_file),
            people=people,
            clock=clock,
        )
        provider = identity.Provider(
            issuer=demo.issuer,
            client_id=demo.client_id,
            client_secret=demo.client_secret,
            origin=origin,
            clock=clock,
            namespace=DEMO_NAMESPACE,
        )
        return provider, demo
    assert chosen.issuer
    assert chosen.client_secret_file
    provider = identity.Provider(
        issuer=chosen.issuer,
        client_id=chosen.client_id,
        client_secret=secret(chosen.client_secret_file),
        origin=origin,
        clock=clock,
        acr=chosen.as_strong_as(chosen.acr) if chosen.acr is not None else (),
    )
    return provider, None


def _further(settings: Settings, clock: Clock) -> dict[str, identity.Provider]:
    chosen = settings.identity
    return {
        one.name: identity.Provider(
            issuer=one.issuer,
            client_id=one.client_id,
            client_secret=secret(one.client_secret_file),
            origin=settings.http.origin,
            clock=clock,
            acr=chosen.as_strong_as(chosen.acr) if chosen.acr is not None else (),
            name=one.name,
        )
        for one in chosen.further
    }


def accounts(chosen: identity.IdentitySettings) -> KeycloakAccounts | None:
    """The provider's list of people, if the settings let us read one."""
    if chosen.provider == "demo" or chosen.admin_client_secret_file is None:
        return None
    assert chosen.issuer
    return KeycloakAccounts(
        issuer=chosen.issuer,
        url=chosen.admin_url,
        client_id=chosen.admin_client_id,
        client_secret=secret(chosen.admin_client_secret_file),
        attributes=chosen.attribute_names,
    )


def site(chosen: identity.IdentitySettings, namespace: str, demo_logins: Collection[str]) -> provisioning.Site:
    """Whose people plans are about, and what may change them if an administrator asks for it."""
    if chosen.provider == "demo":

        async def house(database: Database) -> identity.Realm:
            return await provisioning.HouseRealm.read(
                database, namespace, frozenset(demo_logins), chosen.attribute_names
            )

        return provisioning.Site(namespace, house, chosen.attribute_names)
    if chosen.org_client_secret_file is None:
        return provisioning.Site(namespace, None, chosen.attribute_names)
    secret_file = chosen.org_client_secret_file

    async def keycloak(_database: Database) -> identity.Realm:
        try:
            client_secret = secret(secret_file)  # only now: the server offers plans, the worker alone needs the key
        except SystemExit as missing:
            raise identity.RealmRefused(str(missing)) from missing
        return organisation(
            issuer=namespace,
            url=chosen.admin_url,
            client_id=chosen.org_client_id,
            client_secret=client_secret,
            attributes=chosen.attribute_names,
        )

    return provisioning.Site(namespace, keycloak, chosen.attribute_names)
