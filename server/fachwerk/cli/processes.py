# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The processes of an installation."""

import asyncio
import gc
import signal
from collections.abc import Sequence

import uvicorn

from fachwerk.adapters.idp_demo import DemoPerson
from fachwerk.app import House, build, compose
from fachwerk.kernel import jobs
from fachwerk.kernel.log import configure, logger
from fachwerk.kernel.ws import Transport
from fachwerk.migrations import newest
from fachwerk.settings import Settings, load

from .lifecycle import Server, operators

IDLE_S = 0.25
"""How long a worker without work waits before it looks again."""
WORKERS = 4
"""Jobs of one worker process at the same time."""

PING_S = 50
"""How long nothing is written to a socket before it is asked whether it is alive: before proxies forget it (60 s), and
seldom, since 10,000 sockets asked every 20 s took 0.08 core."""

FULL_COLLECTION = 1000
"""Young collections before a full one; about 10,000 requests."""

log = logger("process")


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = load()
    configure(settings.log_level, as_json=settings.log_json)
    house = compose(settings, demo_people=demo_people(settings), schema=newest())
    house.check()
    Server(house, server_config(house)).run()


def server_config(house: House) -> uvicorn.Config:
    """How the server is run: one process, frames by the kept library, no deflate, bounded frames."""
    # What exists now lives as long as the process; the collector need not look at it again. Nor at all that
    # lives long as often as it likes to: with 10,000 sockets that stops everything for about a second.
    # Sockets are no cycles, and what the queries leave behind is young.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], FULL_COLLECTION)
    return uvicorn.Config(
        build(house),
        host=house.settings.http.host,
        port=house.settings.http.port,
        loop="uvloop",
        http="httptools",
        ws=Transport,
        ws_max_size=house.settings.sync.frame_max_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_S,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=house.settings.operations.drain_requests_s,
    )


def work() -> None:
    """Run jobs until SIGTERM or SIGINT; what is running then is finished."""
    settings = load()
    configure(settings.log_level, as_json=settings.log_json)
    house = compose(settings, demo_people=demo_people(settings), schema=newest())
    house.check()
    asyncio.run(_work(house))


async def _work(house: House) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end() -> None:
        house.health.draining = True
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end)
    async with house.running(), operators(house):
        # a new release: its database is made new by somebody else meanwhile
        served, told = asyncio.create_task(house.health.until_served()), asyncio.create_task(stop.wait())
        await asyncio.wait((served, told), return_when=asyncio.FIRST_COMPLETED)
        served.cancel()
        told.cancel()
        if not stop.is_set():
            await run_jobs(house, stop)


async def run_jobs(house: House, stop: asyncio.Event) -> None:
    """Run due jobs, some at a time, until told to stop. An outage of the database is waited out."""
    handlers, repeats = jobs_of(house)
    looking = asyncio.Lock()

    async def lane() -> None:
        while not stop.is_set():
            try:
                async with looking:  # one idle lane asks the database, the others wait for their turn
                    job = await jobs.claim(house.context.database, handlers, repeats)
                    if job is None:
                        await _pause(stop)
                if job is not None:
                    await jobs.perform(house.context, job, handlers, repeats)
            except Exception as error:  # noqa: BLE001 -- the database is away in some way; jobs wait in it
                log.warning("cannot look for jobs", error=type(error).__name__)
                await _pause(stop)

    await jobs.plant(house.context.database, repeats)
    await asyncio.gather(*(lane() for _ in range(WORKERS)))


def jobs_of(house: House) -> tuple[dict[str, jobs.Job], dict[str, jobs.Repeat]]:
    """(jobs, repeating jobs) of all modules, by name."""
    modules = house.context.modules
    handlers = {name: job for module in modules for name, job in module.jobs.items()}
    return handlers, {name: job for module in modules for name, job in module.repeats.items()}


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(IDLE_S):
            await stop.wait()
    except TimeoutError:
        return


def demo_people(settings: Settings) -> Sequence[DemoPerson]:
    """Who can sign in at the demo provider; nobody where login is a real one."""
    if settings.identity.provider != "demo":
        return ()
    from .seed import PEOPLE  # noqa: PLC0415 -- only a demo needs it

    return [
        # where they belong is what the house says, which administrators may change (`provisioning.HouseRealm`)
        DemoPerson(p.key, p.name, line=", ".join(p.departments).replace("*", ""), groups=None, roles=p.roles)
        for p in PEOPLE
    ]
