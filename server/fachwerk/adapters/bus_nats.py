# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The bus over NATS: one subject that every process publishes to and listens on; nothing is stored there.

Connecting again is our own doing: the library gives up for good on some errors (wrong credentials, say),
keeps what could not be sent for later, when it is stale, and takes a server that hangs for alive. So
each connection is a new client, asked every few seconds, and dropped at the first doubt.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from fachwerk.core.sync import BusSettings
from fachwerk.kernel.log import logger
from fachwerk.kernel.settings import secret

CONNECT_S = 3
PROBE_EVERY_S, PROBE_S = 2.0, 3
"""How often a connection is asked whether it is alive, and how long it may think about it."""
CLOSE_S = 2.0
PAUSE_MIN_S, PAUSE_MAX_S = 0.1, 2.0
"""Between two attempts; doubled each time."""
PENDING_BYTES = 1 << 20
"""Said, but not yet taken by the server; then whoever publishes waits."""

log = logger("bus_nats")


class NatsBus:
    """`Bus` over a NATS server. Secrets are read here. Raises SystemExit with a sentence if that fails."""

    alone = False

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._options: dict[str, Any] = {}
        if settings.user is not None and settings.password_file is not None:
            self._options |= {"user": settings.user, "password": secret(settings.password_file)}
        if settings.token_file is not None:
            self._options["token"] = secret(settings.token_file)
        if any(url.startswith("tls:") for url in settings.urls):
            # TLS from the first byte on: else the server says in clear whether it wants any
            self._options |= {"tls": _trust(settings), "tls_handshake_first": True}
        self._client: Client | None = None
        self._noted: set[str] = set()

    async def publish(self, payload: bytes) -> None:
        """See `Bus.publish`."""
        if self._client is None:
            raise ConnectionError("no NATS server answers")
        try:
            await _heeding(self._client.publish(self._settings.subject, payload))
        except NatsError as error:
            raise ConnectionError("the NATS server went away") from error

    async def run(self, hear: Callable[[bytes], None], turned: Callable[[bool], None]) -> None:
        """See `Bus.run`."""
        pause_s = PAUSE_MIN_S
        while True:
            client, ended = Client(), asyncio.Event()
            try:
                await self._join(client, hear, ended)
                self._client, pause_s = client, PAUSE_MIN_S
                log.info("bus joined")
                turned(True)
                await self._stay(client, ended)
            except Exception as error:  # noqa: BLE001 -- whatever the library or the server does, we come back
                self._note(error)
            finally:
                if self._client is not None:
                    self._client = None
                    turned(False)
                await self._leave(client)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)

    async def _join(self, client: Client, hear: Callable[[bytes], None], ended: asyncio.Event) -> None:
        async def heard(message: Msg) -> None:
            hear(message.data)

        async def closed() -> None:
            ended.set()

        await client.connect(
            self._settings.urls,
            name="fachwerk",
            no_echo=True,
            allow_reconnect=False,
            max_reconnect_attempts=1,  # per server, before connect() gives up
            reconnect_time_wait=0,
            connect_timeout=CONNECT_S,
            pending_size=PENDING_BYTES,
            error_cb=self._failed,
            closed_cb=closed,
            **self._options,
        )
        await client.subscribe(self._settings.subject, cb=heard)
        await client.rtt(PROBE_S)  # the server knows of the subscription: from now on we miss nothing
        self._noted.clear()

    async def _stay(self, client: Client, ended: asyncio.Event) -> None:
        """Return when the connection has ended; raise when it does not answer any more."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PROBE_EVERY_S):
                    await ended.wait()
                    raise ConnectionError("closed")
            await _heeding(client.rtt(PROBE_S))

    async def _leave(self, client: Client) -> None:
        """Close it. A server that hangs would have us wait for ever."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await _heeding(client.close())
        except (OSError, NatsError, TimeoutError) as error:
            log.debug("bus closed roughly", error=type(error).__name__)

    async def _failed(self, error: Exception) -> None:
        self._note(error)

    def _note(self, error: Exception) -> None:
        """One line for each kind of trouble, not one for each attempt."""
        kind = type(error).__name__
        if kind not in self._noted:
            self._noted.add(kind)
            log.warning("bus away", error=f"{kind}: {error}"[:200])


async def _heeding(doing: Awaitable[object]) -> None:
    """Await something of the library, which swallows cancellations."""
    await doing
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _trust(settings: BusSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise SystemExit(f"cannot read the certificates in {settings.ca_file}: {error}") from error
