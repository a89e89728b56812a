# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`fachwerk doctor`: asks every part that the settings name, and says of each that fails what to do."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx2
import msgspec
from pydantic import BaseModel
from sqlalchemy import text

from fachwerk import app as house
from fachwerk.adapters.bus_nats import NatsBus
from fachwerk.core import files, identity
from fachwerk.features import provisioning
from fachwerk.features.calls.media import MediaServer
from fachwerk.kernel.errors import Problem
from fachwerk.kernel.ids import new_id
from fachwerk.migrations import newest
from fachwerk.settings import Settings

from .database import open_database

TIMEOUT_S = 15.0
"""For one check."""
CLOCK_MAX_S = 5.0
"""Tokens bear times; beyond this some are refused as not yet valid or too old."""
PROBE = b"fachwerk doctor"
OTHERS = 0o007


class Finding(NamedTuple):
    """One check. text: what was found, or what to do."""

    part: str
    well: bool
    text: str


class Unwell(Exception):
    """Something is wrong. The text says what, and what to do about it."""


async def examine(settings: Settings) -> list[Finding]:
    """Every check, each by itself, so that one part that hangs hides nothing of the others."""
    return list(await asyncio.gather(*(_finding(part, check, settings) for part, check in CHECKS.items())))


async def _finding(part: str, check: "Check", settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return Finding(part, True, await check(settings))
    except (Unwell, SystemExit) as unwell:  # what says a sentence and ends a start, says it here
        return Finding(part, False, str(unwell))
    except TimeoutError:
        return Finding(part, False, f"no answer within {TIMEOUT_S:.0f} s: is it overloaded, or a firewall in between?")


# ---- checks


async def _keys(settings: Settings) -> str:
    paths = dict(_secret_files(settings))
    for name, path in paths.items():
        if not path.exists():
            raise Unwell(f"{name} names {path}, which does not exist: make it with `fachwerk keys` or `idp setup`")
        if path.stat().st_mode & OTHERS:
            raise Unwell(f"everybody on this machine can read {path}: chmod o-rwx {path}")
    master = files.MasterKey.read(settings.files.master_key_file)
    async with open_database(settings.database) as database, database.read() as work:
        used = await files.master_keys(work)
    if foreign := used - {master.id}:
        raise Unwell(f"{len(foreign)} other master keys have sealed files here: bring back the key that did")
    return f"{len(paths)} files, readable by their owner alone" + (", the files' own key" if used else "")


async def _database(settings: Settings) -> str:
    async with open_database(settings.database) as database, database.read() as work:
        connection = await work.db.connection()
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
        version = ".".join(map(str, connection.dialect.server_version_info or ()))
    if found != newest():
        raise Unwell(f"the database is at {found}, this release needs {newest()}: run `fachwerk migrate`")
    return f"{connection.dialect.name} {version}, at {found}"


async def _bus(settings: Settings) -> str:
    if not settings.bus.url:
        return "none: right for one server process; several need one to be quick"
    joined = asyncio.Event()

    def turned(is_open: bool) -> None:  # noqa: FBT001 -- the bus calls it so
        if is_open:
            joined.set()

    running = asyncio.create_task(NatsBus(settings.bus).run(lambda _: None, turned))
    try:
        await joined.wait()
    except asyncio.CancelledError as error:
        raise Unwell(f"{settings.bus.url} does not let us in: check address, user, password and certificate") from error
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return f"{settings.bus.url} lets us in"


async def _store(settings: Settings) -> str:
    blobs = house.blobs(settings.files)
    try:
        await asyncio.to_thread(blobs.check)
        part = new_id()
        writer = await blobs.begin(part)
        await writer.write(PROBE)
        await writer.keep()
        async with blobs.reading(part, 0, len(PROBE)) as reader:
            same = await reader.read(len(PROBE), lambda read: bytes(read) == PROBE)
        await blobs.delete(part)
    except Problem as problem:
        raise Unwell(f"{problem.title}: is it running, and may we write and delete there?") from problem
    finally:
        await blobs.close()
    if not same:
        raise Unwell("the store gives back other bytes than it was given: do not use it")
    where = settings.files.s3.endpoint if settings.files.store == "s3" else settings.files.blobs_dir
    return f"{where} keeps, gives back and forgets"


async def _issuer(settings: Settings) -> str:
    own = settings.identity.issuer
    issuers = [own] if own is not None and settings.identity.provider == "oidc" else []
    issuers += [one.issuer for one in settings.identity.further]
    for issuer in issuers:
        await _answers_as(issuer)
    return " and ".join(f"{issuer} answers" for issuer in issuers) or "the demo provider: for this machine only"


async def _answers_as(issuer: str) -> None:
    try:
        async with httpx2.AsyncClient(trust_env=not identity.is_loopback_url(issuer), timeout=TIMEOUT_S) as http:
            answer = await http.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        said = msgspec.json.decode(answer.content, type=_Metadata) if answer.is_success else None
    except (httpx2.HTTPError, msgspec.MsgspecError) as error:
        raise Unwell(f"{issuer} does not answer ({type(error).__name__}): check address and certificate") from error
    if said is None:
        raise Unwell(f"{issuer} answers {answer.status_code}: is that the realm's address? Run `fachwerk idp setup`")
    if said.issuer != issuer:
        raise Unwell(f"{issuer} calls itself {said.issuer}: the settings must name it exactly like that")


async def _rights(settings: Settings) -> str:
    try:
        house.policy(settings.identity)
    except SystemExit as fault:
        raise Unwell(str(fault)) from fault
    asked = len(settings.identity.step_up)
    return f"the table is whole, {asked} entries ask for a stronger sign-in" if asked else "the table is whole"


async def _people(settings: Settings) -> str:
    accounts = house.accounts(settings.identity)
    if accounts is None:
        return "not read: whoever is disabled at the provider stays signed in here until the session ends"
    try:
        async for _page in accounts.notices(int(time.time() * 1000)):
            break
    except Problem as problem:
        raise Unwell("Keycloak does not give us its list of people: run `fachwerk idp setup` again") from problem
    finally:
        await accounts.close()
    return "Keycloak tells us who is disabled"


async def _plans(settings: Settings) -> str:
    async with open_database(settings.database) as database:
        left = await provisioning.interrupted(database)
    if left is not None:
        raise Unwell(left)
    return "none was left half done"


async def _media(settings: Settings) -> str:
    media = MediaServer(settings.calls)
    try:
        await media.inside("doctor")
    except Problem as problem:
        raise Unwell(f"{settings.calls.api_url} does not answer or does not know our key and secret") from problem
    finally:
        await media.close()
    url = urlsplit(settings.calls.url)
    port = url.port or (443 if url.scheme == "wss" else 80)
    try:
        _, writer = await asyncio.open_connection(url.hostname, port)
    except OSError as error:
        raise Unwell(f"{settings.calls.url}, where browsers go, is not to be reached from here") from error
    writer.close()
    return f"{settings.calls.api_url} knows us, {settings.calls.url} answers"


async def _clock(settings: Settings) -> str:
    """Against the clocks of the others, as they say them in their answers."""
    asked = {settings.identity.issuer, settings.files.s3.endpoint, settings.calls.api_url} - {None}
    seen: list[float] = []
    async with httpx2.AsyncClient(trust_env=False, timeout=TIMEOUT_S) as http:
        for url in sorted(map(str, asked)):
            with suppress(httpx2.HTTPError):  # who does not answer is told of by its own check
                date = (await http.get(url)).headers.get("date")
                if date:
                    seen.append(abs(parsedate_to_datetime(date).timestamp() - time.time()))
    if not seen:
        return "nobody here to compare it with"
    if max(seen) > CLOCK_MAX_S:
        raise Unwell(f"our clock and another one differ by {max(seen):.0f} s: let both follow a time server")
    return f"as the others', within {max(seen):.0f} s"


class _Metadata(msgspec.Struct):
    issuer: str


def _secret_files(section: BaseModel, prefix: str = "FACHWERK_") -> Iterator[tuple[str, Path]]:
    """(setting, path) of every secret that is in use."""
    demo = getattr(section, "provider", "demo") == "demo"
    for name in type(section).model_fields:
        value = getattr(section, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _secret_files(part, f"{prefix}{name.upper()}__")
        if isinstance(value, Path) and name.endswith("_file") and name != "ca_file" and (demo or "demo" not in name):
            yield prefix + name.upper(), value


Check = Callable[[Settings], Awaitable[str]]
CHECKS: Mapping[str, Check] = {
    "keys": _keys,
    "database": _database,
    "bus": _bus,
    "store": _store,
    "issuer": _issuer,
    "rights": _rights,
    "people": _people,
    "plans": _plans,
    "media": _media,
    "clock": _clock,
}
