# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A ministry from a file, by the commands that an operator says, with a real Keycloak, while server and worker run.

Planned, made, made again, reorganised, and the reorganisation taken back; each command from its start to its end. The
database is SQLite with every commit on the disk. A file makes two rooms of each department; the others are made once
the departments are there, and people come into all of them as the file says. Whoever is moved looks on with an open
socket: their old room is over for the last of them so long after the command has ended.
"""

import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import psutil
from sqlmodel import col, select

from bench.report import Figure
from fachwerk.cli.database import open_database
from fachwerk.core import directory, identity, rooms
from fachwerk.core.identity import Person
from tests.adapters.installation import Installation
from tests.house import Client, SocketClient
from tests.stack.component import Keycloak

SESSION_MS = 3_600_000
WAIT_S = 120.0


class Size(NamedTuple):
    """How much there is. moving: so many people are in another department afterwards."""

    departments: int
    people: int
    rooms: int
    moving: int


WHOLE, QUICK = Size(40, 5_000, 300, 200), Size(4, 50, 10, 2)


def measure(size: Size) -> list[Figure]:
    """Wall seconds of each command, and the processor seconds of the longest."""
    with tempfile.TemporaryDirectory(prefix="fachwerk-bench-") as name, Keycloak() as keycloak:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder}/fachwerk.db"
        office = Installation(folder, keycloak, url)
        office.say("migrate")
        office.set_up()
        with office.running("serve", "worker") as processes:
            pids = {role: process.pid for role, process in processes.items()} | {"keycloak": keycloak.pid}
            found = asyncio.run(_run(office, url, size, pids))
    case = f"{size.departments}-departments-{size.people}-people-{size.rooms}-rooms"
    return [Figure(metric=f"directory.{name}", case=case, value=value, unit="s") for name, value in found.items()]


def table(size: Size, moved: int = 0, *, people: bool = True) -> str:
    """The file. moved: so many of the people are one department further than they were."""
    rows = ["kind;key;name;given_name;parent;email;lead"]
    rows += [
        f"department;D{n:02};Referat {n:02};;{f'D{n % 5:02}' if n >= 5 else ''};;" for n in range(size.departments)
    ]
    for n in range(size.people if people else 0):
        key = (n + (n < moved)) % size.departments
        lead = "x" if size.departments <= n < 2 * size.departments and n >= moved else ""
        rows.append(f"person;{_login(n)};Probe{n:05};Paula;D{key:02};{_login(n)}@ministerium.example;{lead}")
    return "\n".join(rows) + "\n"


async def _run(office: Installation, url: str, size: Size, pids: dict[str, int]) -> dict[str, float]:
    files = {name: office.folder / f"{name}.csv" for name in ("tree", "before", "after")}
    files["tree"].write_text(table(size, people=False))
    files["before"].write_text(table(size))
    files["after"].write_text(table(size, size.moving))
    steps = 3 * size.departments + 2 * size.people

    found: dict[str, float] = {}
    found["plan_s"], said = await _timed(office, "plan", files["before"])
    assert len(said.splitlines()) == steps, said[-500:]

    began = {role: cpu_s(pid) for role, pid in pids.items()}
    ours = _commands_cpu_s()
    tree_s, said = await _timed(office, "apply", files["tree"])
    assert f"done: plan 1, {3 * size.departments} steps" in said, said[-500:]
    await _more_rooms(url, size.rooms - 2 * size.departments)
    people_s, said = await _timed(office, "apply", files["before"])
    assert f"done: plan 2, {2 * size.people} steps" in said, said[-500:]
    found["apply_s"] = tree_s + people_s
    found["apply_cpu_s"] = _commands_cpu_s() - ours
    found |= {f"apply_{role}_cpu_s": cpu_s(pid) - began[role] for role, pid in pids.items()}

    found["second_apply_s"], said = await _timed(office, "apply", files["before"])
    assert said == "nothing to do\n", said[-500:]
    found |= await _reorganised(office, url, files["after"], size)
    found["undo_s"], said = await _timed(office, "undo", "3")
    assert "done: plan 4" in said, said[-500:]
    assert await asyncio.to_thread(office.org, "plan", str(files["before"])) == "nothing to do\n"
    return found


async def _reorganised(office: Installation, url: str, file: Path, size: Size) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        clients, held = await _moving(office, url, size)
        for client in clients:
            stack.push_async_callback(client.http.aclose)
        sockets = [
            await stack.enter_async_context(client.following(room)) for client, room in zip(clients, held, strict=True)
        ]
        hearing = [asyncio.create_task(_is_told(*one)) for one in zip(sockets, held, strict=True)]
        took_s, said = await _timed(office, "apply", file)
        ended = time.monotonic()
        moves = re.search(r"done: plan 3, (\d+) steps", said)
        assert moves, said[-500:]
        assert int(moves[1]) >= 2 * size.moving, said[-500:]
        gone = await asyncio.gather(*map(_is_refused, clients, held), *hearing)
    return {"reorganise_s": took_s, "old_access_gone_after_s": max(0.0, max(gone) - ended)}


async def _moving(office: Installation, url: str, size: Size) -> tuple[list[Client], list[str]]:
    """Who is going to be moved, signed in, and the room of the department that each of them leaves."""
    async with open_database(url) as database, database.work() as work:
        own, _ = await rooms.department_rooms(work)
        ids = {one.short: one.id for one in await directory.all_departments(work)}
        chosen = select(Person.email, Person.id).where(col(Person.active).is_(True))
        people = dict((await work.db.exec(chosen)).all())
        clients = []
        for n in range(size.moving):
            who = people[f"{_login(n)}@ministerium.example"]
            cookie = await identity.begin_session(work, who, session_ms=SESSION_MS, idle_ms=SESSION_MS)
            clients.append(Client(office.origin, cookie, who))
        return clients, [own[ids[f"D{n % size.departments:02}"]] for n in range(size.moving)]


async def _is_told(socket: SocketClient, room_id: str) -> float:
    """When (monotonic) a socket hears that a room is over for it."""
    await socket.until(10 * WAIT_S, t="closed", a=f"room:{room_id}")
    return time.monotonic()


async def _is_refused(client: Client, room_id: str) -> float:
    """When (monotonic) the API gives a room away no more."""
    async with asyncio.timeout(WAIT_S):
        while (await client.http.get(f"/api/v1/rooms/{room_id}/state", timeout=WAIT_S)).status_code != 404:  # noqa: ASYNC110 -- another program's state, and its "not found"
            await asyncio.sleep(0.05)
    return time.monotonic()


async def _more_rooms(url: str, count: int) -> None:
    """Further rooms of the departments."""
    async with open_database(url) as database, database.work() as work:
        departments: Sequence[str] = [one.id for one in await directory.all_departments(work)]
        for n in range(count):
            await rooms.found_department_room(work, departments[n % len(departments)], f"Vorhaben {n}", by="bench")


async def _timed(office: Installation, verb: str, what: Path | str) -> tuple[float, str]:
    """Wall seconds, and what it prints."""
    began = time.perf_counter()
    said = await asyncio.to_thread(office.org, verb, str(what))
    return time.perf_counter() - began, said


def cpu_s(pid: int) -> float:
    """Processor seconds of a process and its children so far."""
    main = psutil.Process(pid)
    times = [process.cpu_times() for process in (main, *main.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _commands_cpu_s() -> float:
    """Processor seconds of all commands that have ended."""
    times = psutil.Process().cpu_times()
    return times.children_user + times.children_system


def _login(n: int) -> str:
    return f"person{n:05}"
