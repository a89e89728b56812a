# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every route and every command for every kind of actor, against the policy table.

A route or command without an example here fails, and so does one whose answers differ from what the
table says. Missing and forbidden look alike to those who may not know.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from fachwerk.app import MODULES
from fachwerk.core import identity
from fachwerk.core.directory import Opening, add_department, add_member, appoint, open_to
from fachwerk.features.federation.service import BRIDGE_NAME, BRIDGE_SUBJECT
from fachwerk.features.scim.authentication import NAME, SUBJECT
from fachwerk.kernel.operation import PUBLIC, SESSION, Command, Operation
from tests.api.world import (
    ACTORS,
    APPEND,
    GIVEN,
    HELLO_SHA256,
    INSTALLATION_ROLES,
    OTHER_PEER,
    PEER,
    PLACES,
    TUS,
    Ask,
    World,
    build,
    facts,
    policy_actor,
    upload_headers,
)
from tests.house import Client, House, open_house
from tests.house.house import DAY_MS, NAMESPACE
from tests.house.pusher import GROUP, PATCH, USER, user

pytestmark = pytest.mark.anyio

OPERATIONS: dict[str, Operation] = {op.name: op for module in MODULES for op in module.routes}
COMMANDS: dict[str, Command] = {str(c.frame.__struct_config__.tag): c for module in MODULES for c in module.commands}
EMOJI = "%F0%9F%8E%89"

Example = Callable[[World, House], Ask]
EXAMPLES: dict[str, Example] = {
    "directory.me": lambda w, h: Ask(),
    "directory.find_people": lambda w, h: Ask(query="?q=a"),
    "directory.departments": lambda w, h: Ask(),
    "policies.read": lambda w, h: Ask(listed=True),
    "policies.read_place": lambda w, h: Ask({"place": h.departments["H"]}),
    "policies.preview": lambda w, h: Ask({"place": h.departments["H"], "policy": "least_label"}, of="H"),
    "policies.put": lambda w, h: Ask(
        {"place": h.departments["B"], "policy": "federation"}, {"value": "denied"}, of="B"
    ),
    "policies.remove": lambda w, h: Ask({"place": h.departments["B"], "policy": "federation"}, of="B"),
    "identity.logout": lambda w, h: Ask(),
    "identity.list_sessions": lambda w, h: Ask(),
    "identity.end_other_sessions": lambda w, h: Ask(),
    "identity.end_session": lambda w, h: Ask({"session": w.session}, own=True),
    "rooms.list_rooms": lambda w, h: Ask(),
    "rooms.list_open": lambda w, h: Ask(),
    "rooms.create": lambda w, h: Ask(body={"name": "Neu"}),
    "rooms.open_direct": lambda w, h: Ask(body={"person_id": h.people["hugo"]}),
    "rooms.change": lambda w, h: Ask({"room": w.room}, {"name": "Anders"}),
    "rooms.set_label": lambda w, h: Ask({"room": w.room}, {"label": "open"}),
    "rooms.read_policies": lambda w, h: Ask({"room": w.room}),
    "rooms.join": lambda w, h: Ask({"room": w.room}),
    "rooms.leave": lambda w, h: Ask({"room": w.room}),
    "rooms.invite": lambda w, h: Ask({"room": w.room}, {"person_id": h.people["hugo"]}),
    "rooms.set_end": lambda w, h: Ask({"room": w.room, "person": h.people["cem"]}, {"until": None}),
    "rooms.set_role": lambda w, h: Ask({"room": w.room, "person": h.people["cem"]}, {"role": "reader"}),
    "rooms.read_rules": lambda w, h: Ask({"room": w.room}),
    "rooms.read_attributes": lambda w, h: Ask({"room": w.room}),
    "rooms.preview_rules": lambda w, h: Ask({"room": w.room}, _rule(h)),
    "rooms.set_rules": lambda w, h: Ask({"room": w.room}, _rule(h)),
    "rooms.remove": lambda w, h: Ask({"room": w.room, "person": h.people["cem"]}),
    "rooms.mark_read": lambda w, h: Ask({"room": w.room}, {"seq": 1}),
    "rooms.state": lambda w, h: Ask({"room": w.room}),
    "rooms.people_by_id": lambda w, h: Ask(query=f"?id={h.people['ada']}"),
    "files.create": lambda w, h: Ask(headers=upload_headers(w.room)),
    "files.stand": lambda w, h: Ask({"upload": w.upload}, headers=TUS, own=True),
    "files.append": lambda w, h: Ask({"upload": w.upload}, content=b"hello", headers=APPEND, own=True),
    "files.cancel": lambda w, h: Ask({"upload": w.upload}, headers=TUS, own=True),
    "files.finish": lambda w, h: Ask({"upload": w.upload}, {"sha256": HELLO_SHA256}, own=True),
    "files.show": lambda w, h: Ask({"file": w.file}),
    "files.content": lambda w, h: Ask({"file": w.file}),
    "messages.send": lambda w, h: Ask({"room": w.room}, {"client_id": "client-0001", "text": "x"}),
    "messages.list_messages": lambda w, h: Ask({"room": w.room}),
    "messages.list_thread": lambda w, h: Ask({"message": w.message}),
    "messages.mark_thread_read": lambda w, h: Ask({"message": w.message}, {"seq": 1}),
    "messages.edit": lambda w, h: Ask({"message": w.message}, {"text": "neu"}),
    "messages.remove": lambda w, h: Ask({"message": w.message}),
    "messages.list_revisions": lambda w, h: Ask({"message": w.message}),
    "reactions.add": lambda w, h: Ask({"message": w.message, "emoji": EMOJI}),
    "reactions.remove": lambda w, h: Ask({"message": w.message, "emoji": EMOJI}),
    "readers.of_room": lambda w, h: Ask({"room": w.room}),
    "readers.of_file": lambda w, h: Ask({"file": w.file}),
    "polls.open_poll": lambda w, h: Ask({"room": w.room}, {"question": "?", "options": ["a", "b"]}),
    "polls.vote": lambda w, h: Ask({"poll": w.poll}, {"option": 0}),
    "polls.close": lambda w, h: Ask({"poll": w.poll}),
    "audit.read": lambda w, h: Ask(query="?limit=1"),
    "audit.export": lambda w, h: Ask(query=f"?since={1 << 40}"),
    "admin.overview": lambda w, h: Ask(),
    "admin.departments": lambda w, h: Ask(listed=True),
    "admin.openings": lambda w, h: Ask(),
    "admin.open_department": lambda w, h: Ask({"department": h.departments["A"], "to": h.departments["B"]}),
    "admin.close_department": lambda w, h: Ask({"department": h.departments["A"], "to": h.departments["B"]}),
    "admin.appoint": lambda w, h: Ask({"department": h.departments["A"], "person": h.people["hugo"]}, {"until": None}),
    "admin.dismiss": lambda w, h: Ask({"department": h.departments["A"], "person": h.people["hugo"]}),
    "admin.people": lambda w, h: Ask(query="?q=a", listed=True),
    "admin.sign_out": lambda w, h: Ask({"person": h.people["hugo"]}),
    "admin.rules": lambda w, h: Ask(listed=True),
    "admin.list_rooms": lambda w, h: Ask(query="?unled=true", listed=True),
    "admin.heirs": lambda w, h: Ask({"room": w.room}),
    "admin.hand_over": lambda w, h: Ask({"room": w.room}, {"person_id": h.people["cem"]}),
    "admin.narrow_label": lambda w, h: Ask({"room": w.room}, {"label": "open"}),
    "provisioning.plans": lambda w, h: Ask(),
    "provisioning.plan": lambda w, h: Ask({"number": str(w.plan)}),
    "provisioning.plan_steps": lambda w, h: Ask({"number": str(w.plan)}),
    "provisioning.undo": lambda w, h: Ask({"number": str(w.plan)}, {}),
    "provisioning.resume": lambda w, h: Ask({"number": str(w.plan)}),
    "provisioning.standing": lambda w, h: Ask(),
    "provisioning.upload": lambda w, h: Ask(content=b"kind;key\n", query="?name=haus.csv"),
    "provisioning.draft": lambda w, h: Ask({"draft": w.draft}),
    "provisioning.draft_steps": lambda w, h: Ask({"draft": w.draft}),
    "provisioning.drop": lambda w, h: Ask({"draft": w.draft}),
    "provisioning.apply": lambda w, h: Ask({"draft": w.draft}, {}),
    "scim.show_config": lambda w, h: Ask(),
    "scim.list_resource_types": lambda w, h: Ask(),
    "scim.show_resource_type": lambda w, h: Ask({"type": "User"}),
    "scim.list_schemas": lambda w, h: Ask(),
    "scim.show_schema": lambda w, h: Ask({"schema": USER}),
    "scim.list_users": lambda w, h: Ask(query="?count=1"),
    "scim.search_users": lambda w, h: Ask(body={"count": 1}),
    "scim.show_user": lambda w, h: Ask({"user": w.user}),
    "scim.create_user": lambda w, h: Ask(body=user(w.room)),
    "scim.replace_user": lambda w, h: Ask({"user": w.user}, user(w.user)),
    "scim.change_user": lambda w, h: Ask({"user": w.user}, _op("active", value=False)),
    "scim.delete_user": lambda w, h: Ask({"user": w.user}),
    "scim.list_groups": lambda w, h: Ask(query="?count=1"),
    "scim.search_groups": lambda w, h: Ask(body={"count": 1}),
    "scim.show_group": lambda w, h: Ask({"group": h.departments["B"]}),
    "scim.create_group": lambda w, h: Ask(body={"schemas": [GROUP], "displayName": "Neu"}),
    "scim.replace_group": lambda w, h: Ask({"group": h.departments["B"]}, {"schemas": [GROUP], "displayName": "B"}),
    "scim.change_group": lambda w, h: Ask({"group": h.departments["B"]}, _op("members", value=[{"value": w.user}])),
    "scim.delete_group": lambda w, h: Ask({"group": h.departments["B"]}),
    "own_data.read": lambda w, h: Ask(),
    "own_data.export": lambda w, h: Ask(),
    "calls.start": lambda w, h: Ask({"room": w.room}),
    "calls.enter": lambda w, h: Ask({"call": w.call}),
    "calls.kick": lambda w, h: Ask({"call": w.call, "person": h.people["cem"]}),
    "calls.mute": lambda w, h: Ask({"call": w.call, "person": h.people["cem"]}),
    "calls.end": lambda w, h: Ask({"call": w.call}),
    "guests.invite": lambda w, h: Ask({"room": w.room}, {"name": "Gustav"}),
    "guests.list_of_room": lambda w, h: Ask({"room": w.room}),
    "guests.list_all": lambda w, h: Ask(listed=True),
    "guests.renew": lambda w, h: Ask({"person": h.people["gina"]}),
    "guests.extend": lambda w, h: Ask({"person": h.people["gina"]}, {"ends_ms": h.clock.now_ms() + DAY_MS}),
    "guests.end": lambda w, h: Ask({"person": h.people["gina"]}),
    "investigations.list_all": lambda w, h: Ask(),
    "investigations.find_people": lambda w, h: Ask(query="?q=c"),
    "investigations.ask": lambda w, h: Ask(body=_question(h)),
    "investigations.decide": lambda w, h: Ask(
        {"investigation": w.asked}, {"approve": True, "sentence": "Ja."}, own=True, by="hugo", about="cem"
    ),
    "investigations.read": lambda w, h: Ask({"investigation": w.open}, own=True, by="ivo", about="cem"),
    "investigations.end": lambda w, h: Ask({"investigation": w.open}, own=True, by="ivo", about="cem"),
    "investigations.list_own": lambda w, h: Ask(),
    "investigations.confirm": lambda w, h: Ask({"investigation": w.told}, own=True, by="ivo", about="cem"),
    "federation.list_peers": lambda w, h: Ask(),
    "federation.open_to_peer": lambda w, h: Ask({"room": w.room, "server": OTHER_PEER}, {"contact": "carl"}),
    "federation.close_to_peer": lambda w, h: Ask({"room": w.room, "server": PEER}),
    "federation.list_shared": lambda w, h: Ask(),
    "federation.found_portal": lambda w, h: Ask(body=_portal(w)),
    "federation.put_person": lambda w, h: Ask(body={"mxid": f"@eva:{PEER}", "name": "Eva"}),
    "federation.list_events": lambda w, h: Ask({"room": w.room}, query="?limit=1"),
    "federation.list_members": lambda w, h: Ask({"room": w.room}),
    "federation.file_content": lambda w, h: Ask({"room": w.room, "file": w.file}),
    "federation.put_member": lambda w, h: Ask({"room": w.room, "person": h.people["eva"]}),
    "federation.remove_member": lambda w, h: Ask({"room": w.room, "person": h.people["eva"]}),
    "federation.put_key": lambda w, h: Ask({"room": w.room}, {"key": f"!{w.message}:{PEER}"}),
    "federation.put_status": lambda w, h: Ask({"room": w.room, "server": PEER}, {"state": "open"}),
}
PUBLIC_ANSWERS = {
    "identity.login": 303,
    "identity.callback": 303,
    "identity.callback_of_further": 404,
    "identity.backchannel_logout": 400,
    "identity.backchannel_logout_of_further": 404,
    "files.options": 204,
    "calls.webhook": 401,
    "guests.look": 403,
    "guests.accept": 403,
    "about.read_config": 200,
}
"""What anybody gets from a public route who sends nothing of worth."""
FRAMES: dict[str, Callable[[World], dict[str, Any]]] = {
    "hello": lambda w: {},
    "sub": lambda w: {"a": f"room:{w.room}"},
    "unsub": lambda w: {"a": f"room:{w.room}"},
    "ping": lambda w: {},
    "read": lambda w: {"room": w.room, "seq": 1},
    "send": lambda w: {"id": "client-0001", "room": w.room, "text": "x"},
    "typing": lambda w: {"room": w.room},
    "read_thread": lambda w: {"message": w.message, "seq": 1},
}
INVESTIGATED = "investigations."
WITH_FILES = ("files.", "federation.file_content", "readers.of_file")
READ_BY_AUDIENCE = {"sub": "room.read"}
"""Commands for any session that still look at the room."""


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> AsyncIterator[House]:
    """One server for the whole matrix; each question has a room of its own."""
    folder = tmp_path_factory.mktemp("matrix")
    shutil.copy(sqlite_template, folder / "fachwerk.db")
    plenty = {"files": {"uploads_per_person": 100_000}, "sync": {"sockets_per_person": 1_000}}
    async with open_house(folder, f"sqlite+aiosqlite:///{folder}/fachwerk.db", **plenty) as house:
        await house.settle()
        async with house.context.database.work() as work:
            for short, above in (("A 1", "A"), ("C", "H")):
                made = await add_department(work, f"Abteilung {short}", short, house.departments[above])
                house.departments[short] = made.id
            await open_to(work, Opening(house.departments["A"], house.departments["C"]))
            for name in ("zoe", "ines", "hugo", *INSTALLATION_ROLES, *GIVEN, *(PLACES.keys() - {"dora"})):
                roles = INSTALLATION_ROLES.get(name, [])
                person = await identity.upsert_person(work, NAMESPACE, name, name.title(), None, roles)
                house.people[name] = person.id
                place = "H" if name == "hugo" else PLACES.get(name, "A")
                await add_member(work, house.departments[place], person.id)
            for name, short in GIVEN.items():
                given = house.departments[short], house.people[name]
                await appoint(work, *given, by=house.people["ulf"], until_ms=None)
            house.people["bridge"] = (await identity.machine(work, BRIDGE_SUBJECT, BRIDGE_NAME)).id
            house.people["scim"] = (await identity.machine(work, SUBJECT, NAME)).id
            house.people["eva"] = (await identity.external(work, f"@eva:{PEER}", "Eva", "Ministerium B")).id
        yield house


async def _world_for(house: House, name: str) -> World:
    return await build(
        house,
        files=name.startswith(WITH_FILES),
        pushed=name.startswith("scim."),
        investigated=name.startswith(INVESTIGATED),
    )


def _portal(world: World) -> dict[str, Any]:
    inviter = {"mxid": f"@eva:{PEER}", "name": "Eva"}
    named = {"key": f"!{world.room}:{PEER}", "server": PEER, "name": "Von dort", "topic": ""}
    return named | {"contact": "ada", "invited_by": inviter}


def _rule(house: House) -> dict[str, Any]:
    return {"rules": [{"department_id": house.departments["A"], "leading": True}]}


def _question(house: House) -> dict[str, Any]:
    now = house.clock.now_ms()
    span = {"since_ms": now - DAY_MS, "until_ms": now}
    return span | {"person_id": house.people["hugo"], "hours": 1, "reason": "Verdacht", "reference": "Z 1-7"}


def _op(path: str, value: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": [{"op": "add", "path": path, "value": value}]}


def test_every_route_and_command_has_an_example() -> None:
    assert set(OPERATIONS) == set(EXAMPLES) | set(PUBLIC_ANSWERS)
    assert set(COMMANDS) == set(FRAMES)
    assert {name for name, op in OPERATIONS.items() if op.action == PUBLIC} == set(PUBLIC_ANSWERS)


def test_every_action_of_a_route_has_a_rule(house: House) -> None:
    ruled = {action for action, _, _ in house.context.policy.table()}
    asked = {op.action for op in OPERATIONS.values()} | {c.action for c in COMMANDS.values()}
    assert asked - {PUBLIC, SESSION} <= ruled


@pytest.mark.parametrize("name", sorted(PUBLIC_ANSWERS))
async def test_a_public_route_tells_a_passer_by_no_more_than_it_must(house: House, name: str) -> None:
    op = OPERATIONS[name]
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        assert (await http.request(op.method, op.path)).status_code == PUBLIC_ANSWERS[name]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@pytest.mark.parametrize("actor", ACTORS)
async def test_a_route_answers_as_the_table_says(house: House, name: str, actor: str) -> None:
    op = OPERATIONS[name]
    world = await _world_for(house, name)
    ask = EXAMPLES[name](world, house)
    status = await _request(house, actor, op, ask)
    if actor == "nobody":
        assert status == 401
    else:
        _compare(house, op.action, actor, status, ask)


@pytest.mark.parametrize("name", sorted(name for name, op in OPERATIONS.items() if op.method not in {"GET", "HEAD"}))
async def test_a_change_from_a_foreign_page_is_refused(house: House, name: str) -> None:
    op = OPERATIONS[name]
    world = await _world_for(house, name)
    if op.cross_origin or name not in EXAMPLES:
        assert name in PUBLIC_ANSWERS  # it has a credential of its own, or changes nothing
        return
    ask = EXAMPLES[name](world, house)
    for origin in ("https://evil.example", "null", None):
        assert await _request(house, "ada", op, ask, origin=origin) == 403


@pytest.mark.parametrize("name", sorted(FRAMES))
@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor not in {"nobody", "eva", "scim"}])
async def test_a_command_answers_as_the_table_says(house: House, name: str, actor: str) -> None:
    world = await build(house)
    asks = house.bridge() if actor == "bridge" else await house.new_client(actor)
    async with asks.socket() as socket:
        await socket.hello()
        await socket.say(**({"t": name, "id": "question"} | FRAMES[name](world)))
        await socket.say(t="ping", id="last")
        status, waiting = 200, True
        while waiting:
            frame = await socket.hear()
            if frame.get("t") == "problem":
                status = frame["problem"]["status"]
            waiting = frame.get("t") not in {"pong", "ack", "problem"}
    if isinstance(asks, Client):
        await asks.http.aclose()
    if actor == "bridge":  # it listens to shared rooms, and says nothing
        listens = COMMANDS[name].action == SESSION
        assert status in ({200} if listens else {403, 404})
        return
    action = READ_BY_AUDIENCE.get(name, COMMANDS[name].action)
    if actor == "ines" and name == "sub":
        assert status == 404  # an invitation opens no audience yet
        return
    _compare(house, action, actor, status, Ask())


async def test_nobody_gets_a_socket(house: House) -> None:
    for cookie in ("", "__Host-fachwerk=made-up"):
        async with httpx2.AsyncClient(base_url=house.origin) as http:
            headers = {"Origin": house.origin, "Cookie": cookie}
            assert (await http.get("/api/v1/me", headers=headers)).status_code == 401


def _compare(house: House, action: str, actor: str, status: int, ask: Ask) -> None:
    """Hold an answer against the table."""
    policy, known = house.context.policy, facts(actor, house, ask)
    asks = policy_actor(actor, house)
    if asks.only is not None and action not in asks.only:
        assert status == 403
    elif action == SESSION or policy.allows(asks, action, known):
        assert status not in {401, 403, 404}, status
    else:
        hidden = {row[0]: row[2] for row in policy.table()}[action] == "404" and known.role is None
        assert status == (404 if hidden else 403)


async def _request(house: House, actor: str, op: Operation, ask: Ask, origin: str | None = "own") -> int:
    path = op.path.format(**ask.values) + ask.query
    headers = ask.headers | ({} if origin is None else {"Origin": house.origin if origin == "own" else origin})
    if actor in {"bridge", "eva"}:
        headers |= house.bridge(house.people[actor] if actor == "eva" else "").headers
        headers.pop("Origin", None)
    elif actor == "scim":
        headers |= {"Authorization": house.pusher().headers["Authorization"]}
        headers.pop("Origin", None)
    elif actor != "nobody":
        client = await house.new_client(actor)
        headers["Cookie"] = f"{identity.COOKIE}={client.cookie}"
        await client.http.aclose()
    async with httpx2.AsyncClient(base_url=house.origin, timeout=15) as http:
        request = {"json": ask.body} if ask.body is not None else {"content": ask.content}
        return (await http.request(op.method, path, headers=headers, **request)).status_code
