# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A ministry in one command, reorganised and taken back: from a table and from a directory, with people who look on."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2
import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from websockets.exceptions import ConnectionClosed

from fachwerk.cli.org import TOO_MUCH
from fachwerk.core.identity import COOKIE
from tests.adapters.installation import Installation
from tests.adapters.personnel import LDAP_LEAD, Ministry, Part, entries, ministry, table
from tests.core.identity.door import Browser
from tests.house import Client, SocketClient
from tests.stack.component import Keycloak, Slapd
from tests.stack.record import FIGURES

pytestmark = pytest.mark.anyio
UNITS, PEOPLE = 8, 150
PASSWORD = "offen-sesam-offen"
OUT_WITHIN_S = 5.0
"""A promise of the product: whoever is moved has lost what was theirs so soon after the command has ended."""
WAIT_S = 60.0
NO_SESSION = 4401

BEFORE = ministry(UNITS, PEOPLE)
DISSOLVED, GIVES, GROWS, MOVED, NEW = "II 3", "I 1", "I 2", "III 1", "III 9"
RETIRED = BEFORE.at("II 1")[-1].login


def reorganised() -> Ministry:
    """A unit ends, one is new, one goes to another division under another name; people follow, and one retires."""
    goes_to = {who.login: GROWS for who in BEFORE.at(DISSOLVED)}
    goes_to |= {who.login: NEW for who in BEFORE.at(GIVES)[2:8]}
    parts = [part for part in BEFORE.parts if part.short != DISSOLVED]
    parts = [Part(MOVED, "Referat für Verwaltungsmodernisierung", "I") if p.short == MOVED else p for p in parts]
    people = [
        who._replace(places=(goes_to[who.login],), leads=False) if who.login in goes_to else who
        for who in BEFORE.people
        if who.login != RETIRED
    ]
    return Ministry((*parts, Part(NEW, f"Referat {NEW}", "III")), tuple(people))


AFTER = reorganised()
MOVING = [who.login for who in (*BEFORE.at(DISSOLVED)[:2], *BEFORE.at(GIVES)[2:4])]
STAYING = [BEFORE.at(unit)[0].login for unit in (GIVES, GROWS, MOVED)]
Everything = dict[str, set[tuple[Any, ...]]]


class Source(Protocol):
    """Where the ministry is told of: shows it, and gives the words for a command to read it from there."""

    def __call__(self, house: Ministry) -> tuple[str, ...]: ...


@dataclass
class Office:
    """The installation, the sources by name, who looks on by login, and all who ever signed in."""

    installation: Installation
    database_url: str
    sources: dict[str, Source]
    http: httpx2.AsyncClient
    people: dict[str, Client] = field(default_factory=dict)
    clients: list[Client] = field(default_factory=list)

    async def org(self, *words: str) -> str:
        return await asyncio.to_thread(self.installation.org, *words)

    async def sign_in(self, login: str) -> Client:
        """Through Keycloak's own form; a password is all that the command has not given."""
        await asyncio.to_thread(self._give_password, login)
        self.people[login] = await self.come_in(login)
        return self.people[login]

    async def come_in(self, login: str) -> Client:
        browser = Browser(self.installation.origin, self.http)
        url = await browser.at_provider(await browser.authorize_url(), login, PASSWORD)
        response = await browser.get(str(url.headers["location"]))
        assert response.headers["location"] == "/", response.text
        me = (await browser.me()).json()["person"]["id"]
        self.clients.append(Client(self.installation.origin, browser.cookies[COOKIE], me))
        return self.clients[-1]

    def _give_password(self, login: str) -> None:
        subject = self.installation.realm.get_user_id(login)
        assert subject
        self.installation.realm.set_user_password(subject, PASSWORD, temporary=False)

    async def ask(self, sql: str) -> set[tuple[Any, ...]]:
        engine = create_async_engine(self.database_url)
        async with engine.connect() as connection:
            found = {tuple(row) for row in await connection.execute(text(sql))}
        await engine.dispose()
        return found

    async def everything(self) -> Everything:
        """What a plan may change, here and in Keycloak."""
        return {
            "departments": await self.ask("SELECT id, short, name, parent_id FROM department"),
            "places": await self.ask("SELECT person_id, department_id, role FROM department_member"),
            "rooms": await self.ask(
                "SELECT id, name, department_id, label, joins_as FROM room WHERE department_id IS NOT NULL"
            ),
            "members": await self.members(),
            "people": await self.ask("SELECT subject, name, email, active FROM person"),
            "keycloak": await asyncio.to_thread(self._in_keycloak),
        }

    async def members(self) -> set[tuple[Any, ...]]:
        return await self.ask(
            "SELECT p.name, m.room_id, m.role FROM member m JOIN person p ON p.id = m.person_id "
            "WHERE m.membership = 'joined'"
        )

    def _in_keycloak(self) -> set[tuple[Any, ...]]:
        realm = self.installation.realm
        found: set[tuple[Any, ...]] = {(one["username"], one["enabled"]) for one in realm.get_users({})}
        waiting = [realm.get_group_by_path("/departments")]
        while waiting:
            group = waiting.pop()
            waiting += realm.get_group_children(group["id"])
            found |= {(group["path"], one["username"]) for one in realm.get_group_members(group["id"])} | {
                (group["path"],)
            }
        return found


@pytest.fixture
async def office(tmp_path: Path, database_url: str, keycloak: Keycloak, slapd: Slapd) -> AsyncIterator[Office]:
    base = f"o={uuid.uuid4().hex},{slapd.suffix}"
    lies = slapd.access(base=base, department_lead=LDAP_LEAD, place="departmentNumber")
    installation = Installation(
        tmp_path, keycloak, database_url, **{f"ldap__{name}": value for name, value in lies.items()}
    )

    def from_table(house: Ministry) -> tuple[str, ...]:
        (tmp_path / "haus.csv").write_bytes(table(house))
        return (str(tmp_path / "haus.csv"),)

    def from_directory(house: Ministry) -> tuple[str, ...]:
        if shown:
            slapd.clear(base)
        slapd.add(f"dn: {base}\nobjectClass: organization\no: {base[2:34]}\n\n{entries(house, base)}")
        shown.append(house)
        return ("--ldap",)

    shown: list[Ministry] = []
    await asyncio.to_thread(installation.set_up)
    async with httpx2.AsyncClient(trust_env=False) as http:
        office = Office(installation, database_url, {"table": from_table, "directory": from_directory}, http)
        yield office
        for client in office.clients:
            await client.http.aclose()
    await asyncio.to_thread(installation.close)


async def rooms_of(client: Client) -> dict[str, str]:
    """Their ids, by name."""
    return {room["name"]: room["id"] for room in (await client.call("GET", "/rooms"))["items"]}


def names_of(house: Ministry, login: str) -> set[str]:
    """What the rooms of somebody's departments are called."""
    [who] = [who for who in house.people if who.login == login]
    names = [part.name for part in house.parts if part.short in who.places]
    return {room for name in names for room in (name, f"{name} – Ankündigungen")}


async def is_refused(client: Client, room_id: str) -> float:
    """When (monotonic) the API gives nothing of a room away any more."""
    async with asyncio.timeout(WAIT_S):
        while (await client.http.get(f"/api/v1/rooms/{room_id}/state")).status_code not in {401, 404}:  # noqa: ASYNC110 -- another program's state
            await asyncio.sleep(0.05)
    return time.monotonic()


async def is_told(socket: SocketClient, room_ids: Iterable[str]) -> float:
    """When (monotonic) a socket has heard that all these rooms are over for it, or was closed itself."""
    left = {f"room:{room_id}" for room_id in room_ids}
    try:
        while left:
            left.discard((await socket.until(10 * WAIT_S, t="closed"))["a"])
    except ConnectionClosed:
        assert socket.connection.close_code == NO_SESSION
    return time.monotonic()


@pytest.mark.parametrize(
    ("database_url", "source"), [("sqlite", "table"), ("postgres", "directory")], indirect=["database_url"]
)
async def test_a_ministry_is_made_reorganised_and_taken_back(office: Office, source: str) -> None:
    """The house, people who look on, and what each step may change and what not."""
    read = office.sources.pop(source)
    async with AsyncExitStack() as stack:
        stack.enter_context(office.installation.running("serve", "worker"))
        await _is_made(office, read(BEFORE))
        for other in office.sources.values():
            assert await office.org("plan", "--complete", *other(BEFORE)) == "nothing to do\n", "both say the same"
        for login in (*MOVING, *STAYING, RETIRED):
            assert (await rooms_of(await office.sign_in(login))).keys() == names_of(BEFORE, login)
        held = {login: await rooms_of(client) for login, client in office.people.items()}
        sockets = {
            login: await stack.enter_async_context(client.following(*held[login].values()))
            for login, client in office.people.items()
        }
        before = await office.everything()
        words = read(AFTER)
        await _is_not_done_unasked(office, words, before)

        hearing = [asyncio.create_task(is_told(sockets[who], held[who].values())) for who in (*MOVING, RETIRED)]
        done = await office.org("apply", "--complete", "--max-removals", "20", *words)
        ended = time.monotonic()
        assert "done: plan 2, " in done
        refused = [is_refused(office.people[who], room) for who in (*MOVING, RETIRED) for room in held[who].values()]
        gone = await asyncio.gather(*refused, *hearing)
        FIGURES[f"s journey 6, {source}: end of apply -> the last of old access gone"] = max(gone) - ended
        assert max(gone) - ended <= OUT_WITHIN_S

        await _nobody_else_lost_anything(office, before, held, sockets)
        assert await office.org("apply", "--complete", *words) == "nothing to do\n"
        words = read(BEFORE)
        assert "done: plan 3, " in await office.org("undo", "2")
        assert await office.everything() == before
        assert await office.org("plan", "--complete", *words) == "nothing to do\n"
        office.people[RETIRED] = await office.come_in(RETIRED)
        assert {login: await rooms_of(client) for login, client in office.people.items()} == held


async def _is_made(office: Office, words: tuple[str, ...]) -> None:
    """A plan tells everything and changes nothing; what it tells is done, once."""
    nothing = await office.everything()
    planned = await office.org("plan", *words)
    steps = msgspec.json.decode(await office.org("plan", "--json", *words))["steps"]
    assert len(planned.splitlines()) == len(steps) == 3 * len(BEFORE.parts) + 2 * PEOPLE
    assert "+ department I 1 (Referat I 1) in I\n" in planned
    assert "+ account p0000 (Änne Müßig-0000 <p0000@ministerium.example>)\n" in planned
    assert "+ p0000 in I 1 as its lead\n" in planned
    assert {"kind": "place", "target": "p0000 I 1", "before": None, "after": "lead"} in steps
    assert await office.everything() == nothing

    assert await office.org("apply", *words) == f"{planned}done: plan 1, {len(steps)} steps\n"
    made = await office.everything()
    assert await office.org("plan", *words) == "nothing to do\n"
    assert await office.org("plan", "--json", *words) == '{"steps":[],"notes":[]}\n'
    assert await office.org("apply", *words) == "nothing to do\n"
    assert await office.everything() == made
    assert {short for _, short, *_ in made["departments"]} == {part.short for part in BEFORE.parts}
    assert len(made["members"]) == 2 * PEOPLE, "of the room of each one's unit, and that of its announcements"


async def _is_not_done_unasked(office: Office, words: tuple[str, ...], before: Everything) -> None:
    """So much is not taken away unless somebody says that it is meant."""
    for verb in ("plan", "apply"):
        said = ["org", verb, "--complete", *words, *office.installation.administrator]
        stopped = await asyncio.to_thread(office.installation.run, *said)
        assert stopped.returncode == TOO_MUCH, stopped.stderr
        assert "this would remove 1 of 12 departments, which is more than 5 %" in stopped.stderr
        for line in (
            f"- department {DISSOLVED}",
            f"+ department {NEW} (Referat {NEW}) in III",
            f"~ department {MOVED}: Referat {MOVED} is Referat für Verwaltungsmodernisierung moves from III to I",
            f"~ account {RETIRED}: ",
        ):
            assert line in stopped.stdout
    assert await office.everything() == before


async def _nobody_else_lost_anything(
    office: Office, before: Everything, held: dict[str, dict[str, str]], sockets: dict[str, SocketClient]
) -> None:
    """Whoever stayed has every room and an open socket; who moved has the new ones and hears nothing of the old."""
    others = {f"{who.given_name} {who.name}" for who in BEFORE.people if who in AFTER.people}
    assert len(others) > PEOPLE / 2
    after = await office.everything()
    assert {one for one in after["members"] if one[0] in others} == {
        one for one in before["members"] if one[0] in others
    }

    for login in (*STAYING, *MOVING):
        rooms = await rooms_of(office.people[login])
        assert rooms.keys() == names_of(AFTER, login)
        if login in STAYING:
            assert set(rooms.values()) == set(held[login].values())
        [own] = [room for name, room in rooms.items() if not name.endswith("Ankündigungen")]
        sockets[login].heard.clear()
        assert (await sockets[login].send(own, "Guten Tag.", f"{login}-guten-tag"))["t"] == "ack"
        about = {frame.get("a") for frame in sockets[login].heard}
        if login in STAYING:
            assert "closed" not in {frame["t"] for frame in sockets[login].heard if "t" in frame}
        else:
            assert not about & {f"room:{room}" for room in held[login].values()}
