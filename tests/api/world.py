# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One room with one of everything in it, for each question of the matrix."""

import base64
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from fachwerk.core.identity import ADMIN, AUDITOR, GUARDIAN, INVESTIGATOR, Session
from fachwerk.core.identity.agents import UNKNOWN
from fachwerk.core.identity.service import hashed
from fachwerk.core.rooms import service as rooms
from fachwerk.core.rooms.model import Role
from fachwerk.features.calls import service as calls
from fachwerk.features.federation import service as federation
from fachwerk.features.federation.rules import BRIDGE_ACTIONS, BRIDGE_ROLE, EXTERNAL_ACTIONS
from fachwerk.features.guests import GUEST_ACTIONS
from fachwerk.features.guests import service as guests
from fachwerk.features.investigations.model import Investigation
from fachwerk.features.polls import service as polls
from fachwerk.features.provisioning import drafts
from fachwerk.features.provisioning.drafts import Wanted
from fachwerk.features.provisioning.state import Part
from fachwerk.features.provisioning.steps import DepartmentStep
from fachwerk.features.provisioning.stored import store
from fachwerk.features.scim.rules import SCIM_ACTIONS, SCIM_ROLE
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor, Facts
from tests.house import Client, House
from tests.house.house import DAY_MS, PEERS

MEMBERS: dict[str, Role] = {"olga": "owner", "bea": "moderator", "ada": "member", "cem": "member", "rita": "reader"}
PLACES = {"dora": "B", "hans": "H", "pia": "A 1", "ole": "C"}
"""Departments of those who are not of the room's, A."""
LINES = {"H": {"H"}, "A": {"A", "H"}, "A 1": {"A 1", "A", "H"}, "B": {"B", "H"}, "C": {"C", "H"}}
"""A department and those above it."""
GIVEN = {"karl": "A", "lena": "A 1", "mona": "B"}
"""Which departments these administer; they belong to A, as zoe does."""
ACTORS = (
    "nobody", *PLACES, "zoe", "ines", "nora", "ulf", "ivo", "gus", *GIVEN, *MEMBERS, "bridge", "eva", "gina", "scim"
)  # fmt: skip
"""zoe: the room's department, not in it. ines: invited. ada made everything. None of these is in the room either:
hans, of the department above it; pia, below; dora, beside; ole, beside, and the room's department was opened to his.

nora: as zoe, and auditor of the installation. ulf: as zoe, and its administrator. ivo: as zoe, and asks to read what
cem wrote. gus: as zoe, and decides on it. karl: administers the room's department. lena: one below it. mona: one
beside it.
bridge: carries rooms to other ministries. eva: is of one of them, and was let in; the bridge asks in her name.
gina: a guest in the room, whom ada invited while she led it.
scim: pushes people.
"""
INSTALLATION_ROLES = {"nora": [AUDITOR], "ulf": [ADMIN], "ivo": [INVESTIGATOR], "gus": [GUARDIAN]}
PEER, OTHER_PEER = PEERS
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class World:
    """Ids of the things in it. asked, open, told: investigations, by where they stand."""

    room: str
    message: str
    poll: str
    call: str
    file: str
    upload: str
    session: str
    plan: int
    draft: str
    user: str
    asked: str = ""
    open: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that would succeed for somebody who may. own: only its maker may know that the thing exists.

    by: who made the thing. about: whom it is about, "" for nobody. of: the department that it belongs to, "" for
    none. listed: a list, of whatever is the actor's.
    """

    values: dict[str, str] = field(default_factory=dict)
    body: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""
    own: bool = False
    by: str = "ada"
    about: str = ""
    of: str = "A"
    listed: bool = False


def facts(actor: str, house: House, ask: Ask) -> Facts:
    """What the policy knows of the thing, from this actor's view."""
    roles: dict[str, str] = {**MEMBERS, "ines": "invited", "eva": "member", "gina": "member"}
    role = roles.get(actor)
    if ask.own and actor != ask.by:
        role = None
    open_to = frozenset({house.departments["A"]})
    about = house.people[ask.about] if ask.about else None
    above = frozenset(house.departments[short] for short in LINES.get(ask.of, ()))
    within = policy_actor(actor, house).administers if ask.listed else above
    return Facts(
        role=role, author_id=house.people[ask.by], about_id=about, departments=open_to, within=within, kind="group"
    )


def policy_actor(actor: str, house: House) -> Actor:
    """The actor as the policy sees them."""
    if actor == "bridge":
        return Actor(id=house.people[actor], roles=frozenset({BRIDGE_ROLE}), only=BRIDGE_ACTIONS)
    if actor == "eva":
        return Actor(id=house.people[actor], only=EXTERNAL_ACTIONS)
    if actor == "gina":
        return Actor(id=house.people[actor], only=GUEST_ACTIONS)
    if actor == "scim":
        return Actor(id=house.people[actor], roles=frozenset({SCIM_ROLE}), only=SCIM_ACTIONS)
    mine = {house.departments[short] for short in LINES[PLACES.get(actor, "A")]}
    given = frozenset({house.departments[GIVEN[actor]]} if actor in GIVEN else ())
    roles = frozenset(INSTALLATION_ROLES.get(actor, ()))
    return Actor(id=house.people[actor], roles=roles, departments=frozenset(mine), administers=given)


async def build(house: House, *, files: bool = False, pushed: bool = False, investigated: bool = False) -> World:
    """Make a world.

    files: with an unfinished upload and a file in it, which take a few requests. pushed: with a person of SCIM's.
    investigated: with investigations.
    """
    people, context = house.people, house.context
    ada, actor = await house.new_client("ada"), policy_actor("ada", house)
    async with context.database.work() as work:
        room = await rooms.found(
            work, kind="group", name="Welt", by=people["olga"], open_=True, department_id=house.departments["A"]
        )
        for name, role in MEMBERS.items():
            await rooms.put_in(work, room, people[name], role)
        await rooms.invite(work, context.policy, policy_actor("olga", house), room.id, people["ines"])
        await federation.open_to_peer(
            work,
            context.policy,
            policy_actor("olga", house),
            house.house.settings.federation,
            room_id=room.id,
            server=PEER,
            contact="eva",
        )
        await federation.admit(work, room.id, people["eva"])
        people["gina"] = await _let_in(house, work, room.id)
        poll = await polls.open_poll(work, context.policy, actor, room.id, "?", ["a", "b"])
        call = await calls.start(work, context.policy, actor, room.id)
        for name in ("ada", "cem"):
            await calls.note_joined(work, context.policy, call.id, people[name])
        hers = select(Session.id).where(col(Session.token_hash) == hashed(ada.cookie))
        session = (await work.db.exec(hers)).one()
        step = DepartmentStep(target="W", before=None, after=Part(room.id, "Welt", None))
        plan = await store(work, "welt.csv", "test", [step])
        draft = (await drafts.begin(work, people["ulf"], Wanted("welt.csv", "test", undoes=plan))).id
        await drafts.settle(work, draft, [step], said=())
        cases = _investigations(house, work) if investigated else ()
    message = await ada.call("POST", f"/rooms/{room.id}/messages", {"client_id": work.ids(), "text": "da"}, status=201)
    file = upload = ""
    if files:
        file = await _file(ada, room.id)
        sent = {"client_id": work.ids(), "text": "", "file_ids": [file]}
        await ada.call("POST", f"/rooms/{room.id}/messages", sent, status=201)
        upload = await start_upload(ada, room.id)
    await ada.http.aclose()
    user = await house.pusher().hire(work.ids()) if pushed else ""
    return World(room.id, message["id"], poll.id, call.id, file, upload, session, plan, draft, user, *cases)


async def _let_in(house: House, work: Work, room_id: str) -> str:
    """Invite gina and let her in; ada answers for her."""
    settings, wanted = house.house.settings.guests, guests.Wanted("Gina", "Planungsbüro", None, None)
    guest, secret = await guests.invite(
        work, house.context.policy, policy_actor("olga", house), settings, room_id, wanted
    )
    guest.sponsor_id = house.people["ada"]
    await guests.accept(work, settings, secret, UNKNOWN)
    return guest.person_id


def _investigations(house: House, work: Work) -> tuple[str, str, str]:
    """One on which somebody has to decide, one that is open, one of which cem was told."""
    people, now = house.people, work.now_ms
    decided: dict[str, Any] = {
        "approved": True,
        "decided_by": people["gus"],
        "decided_ms": now,
        "ends_ms": now + DAY_MS,
    }
    over: dict[str, Any] = {"ended_ms": now, "pages": 1, "tell_ms": now, "told_ms": now}
    rows = [
        Investigation(
            id=work.ids(), person_id=people["cem"], asked_by=people[by], asked_ms=now, since_ms=now - DAY_MS,
            until_ms=now, hours=24, reason="Verdacht", reference="Z 1-7", **more,
        )
        for by, more in (("hugo", {}), ("ivo", decided), ("ivo", decided | over))
    ]  # fmt: skip
    work.db.add_all(rows)
    asked, open_, told = (row.id for row in rows)
    return asked, open_, told


async def start_upload(client: Client, room_id: str) -> str:
    """An upload of five bytes that has none yet; returns its id."""
    response = await client.http.post("/api/v1/uploads", headers=upload_headers(room_id))
    assert response.status_code == 201, response.text
    return str(response.headers["location"].rsplit("/", 1)[-1])


def upload_headers(room_id: str) -> dict[str, str]:
    """What creates an upload (tus 1.0.0, "Creation")."""
    pairs = {"filename": "brief.txt", "room": room_id}
    metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())
    return TUS | {"Upload-Length": "5", "Upload-Metadata": metadata}


HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
APPEND = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


async def _file(client: Client, room_id: str) -> str:
    upload = await start_upload(client, room_id)
    response = await client.http.patch(f"/api/v1/uploads/{upload}", headers=APPEND, content=b"hello")
    assert response.status_code == 204, response.text
    file = await client.call("POST", f"/uploads/{upload}/finish", {"sha256": HELLO_SHA256}, status=201)
    return str(file["id"])
