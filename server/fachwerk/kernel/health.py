# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What operators and orchestrators ask: alive, ready, metrics.

Alive is said by the loop that answers, and by nothing else: a process is not restarted because its database is away.
Ready asks only for what no request can do without. What others need (object store, login, bus) is not asked: were it
down, all processes would be taken out of service for what only some requests miss.
"""

import asyncio
import ipaddress

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .db import Database
from .log import logger
from .metrics import LOOP_LAG

TICK_S = 0.25
"""How often the loop is asked whether it comes when it is called."""
LAG_LIMIT_S = 1.0
"""A loop that is later than this serves nobody well: others shall."""
LOOK_S = 2.0
"""How often the database is asked."""
LOOK_WITHIN_S = 5.0
"""... and how long it may take to answer."""
SEEN_WITHIN_S = 10.0
"""A database that did not answer for this long is away; a shorter silence is waited out by the requests."""

SCHEMA = text("SELECT version_num FROM alembic_version")
UNDEFINED_TABLE = "42P01"
"""PostgreSQL's code, appendix A of its manual."""

log = logger("health")


class Health:
    """How this process is. needs: the oldest state of the database that will do (a revision); empty for any."""

    def __init__(self, database: Database, *, needs: str = "") -> None:
        self._database, self._needs = database, needs
        self.draining = False
        """Told to end: whoever distributes requests shall go elsewhere."""
        self._seen_at = float("-inf")
        self._schema = ""
        self._lag_s = 0.0

    async def watch(self) -> None:
        """Look after the loop and the database for ever."""
        await asyncio.gather(self._measure_lag(), self._keep_looking())

    async def look(self) -> None:
        """Ask the database once. One that is away leaves what is known as it is."""
        try:
            async with asyncio.timeout(LOOK_WITHIN_S), self._database.read() as work:
                self._schema = str((await (await work.db.connection()).execute(SCHEMA)).scalar() or "")
        except Exception as error:  # noqa: BLE001 -- whatever the driver raises when its server is away
            if not _is_empty(error):
                log.warning("the database does not answer", error=type(error).__name__)
                return
            self._schema = ""
        self._seen_at = asyncio.get_running_loop().time()

    async def until_served(self) -> None:
        """Wait until the database answers and is new enough for this code, as long as that takes."""
        while not {"database": "ok", "schema": "ok"}.items() <= self.state().items():  # noqa: ASYNC110 -- looked at anyway
            await asyncio.sleep(TICK_S)

    def state(self) -> dict[str, str]:
        """What readiness depends on, each "ok" or what is wrong."""
        silent_s = asyncio.get_running_loop().time() - self._seen_at
        database = "ok" if silent_s <= SEEN_WITHIN_S else "away"
        return {
            "process": "draining" if self.draining else "ok",
            "database": database,
            # a revision is four digits: as text in order of age
            "schema": "ok" if database == "away" or self._schema >= self._needs else f"older than {self._needs}",
            "loop": "ok" if self._lag_s < LAG_LIMIT_S else "late",
        }

    def routes(self, *, metrics_for_all: bool = False) -> list[Route]:
        """Routes beside the API; they need no session and tell nothing about anybody.

        metrics_for_all: on a port that only operators reach. Elsewhere metrics are for this machine.
        """

        async def alive(_request: Request) -> Response:
            return PlainTextResponse("ok\n")

        async def ready(_request: Request) -> Response:
            state = self.state()
            return JSONResponse(state, 200 if set(state.values()) == {"ok"} else 503)

        async def metrics(request: Request) -> Response:
            if not metrics_for_all and not _is_local(request):
                return PlainTextResponse("metrics are for this machine only\n", 403)
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        return [Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics)]

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            late_s = max(0.0, loop.time() - due)
            LOOP_LAG.set(late_s)
            self._lag_s = max(late_s, self._lag_s / 2)  # one long pause is remembered for some ticks

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()


def _is_empty(error: Exception) -> bool:
    """Whether the database answers that nobody has migrated it yet."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE or "no such table" in str(error.orig)


def _is_local(request: Request) -> bool:
    return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
