# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Federation over HTTP: what people ask for, and what the bridge does."""

from typing import Annotated, Literal

import msgspec
from starlette.responses import Response

from fachwerk.core import files
from fachwerk.kernel.errors import NotSignedIn
from fachwerk.kernel.http import Call
from fachwerk.kernel.operation import route
from fachwerk.kernel.policy import Facts
from fachwerk.kernel.wire import Body, Query, Wire

from . import portals, reading, service
from .settings import FederationSettings

Seq = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Words = Annotated[str, msgspec.Meta(max_length=1_000)]
Contact = Annotated[str, msgspec.Meta(min_length=1, max_length=254, pattern=r"^\S+$")]
EVENTS_MAX = 500


class Opening(Body):
    """contact: e-mail address or sign-in name of a colleague there, for whom the room is."""

    contact: Contact


class External(Body):
    """Somebody of another ministry, by their Matrix user id."""

    mxid: Word
    name: Words


class Portal(Body):
    """A room that a ministry opens to us. key: its Matrix room. contact: who is meant here."""

    key: Word
    server: Word
    name: Words
    topic: Words
    contact: Contact
    invited_by: External


class Key(Body):
    """A Matrix room."""

    key: Word


class Report(Body):
    """What the bridge knows of a sharing; what is not said stays. delivered_seq only rises."""

    state: Literal["opening", "open", "refused", "closed"] | None = None
    reason: Words | None = None
    reachable: bool | None = None
    delivered_seq: Seq | None = None


class After(Query):
    """after: the last number that is known."""

    after: Seq = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=EVENTS_MAX)] = EVENTS_MAX


class PeerName(Wire):
    """A ministry with which rooms can be shared."""

    server: str
    name: str


class PeerNames(Wire):
    """All of them, in order of name."""

    items: list[PeerName]


class Known(Wire):
    """Under which id somebody is known here."""

    person_id: str


class PortalRoom(Wire):
    """Which room it is here."""

    room_id: str


async def list_peers(call: Call) -> PeerNames:
    """Ministries with which rooms can be shared."""
    call.policy.require(call.actor, "federation.peers", Facts())
    names = call.port(FederationSettings).names
    found = [PeerName(server=server, name=name) for server, name in names.items()]
    return PeerNames(items=sorted(found, key=lambda peer: peer.name))


async def open_to_peer(call: Call, body: Opening) -> None:
    """Open a room to a ministry."""
    settings, server = call.port(FederationSettings), call.request.path_params["server"]
    await service.open_to_peer(
        call.work, call.policy, call.actor, settings, room_id=call.id("room"), server=server, contact=body.contact
    )


async def close_to_peer(call: Call) -> None:
    """Close a room to a ministry."""
    server = call.request.path_params["server"]
    await service.close_to_peer(call.work, call.policy, call.actor, call.id("room"), server)


async def list_shared(call: Call) -> reading.BridgedRooms:
    """Rooms that are or were shared."""
    _require_bridge(call)
    return await reading.shared_rooms(call.work, call.port(FederationSettings))


async def list_events(call: Call, query: After) -> reading.StoredEvents:
    """What happened in a shared room."""
    _require_bridge(call)
    settings = call.port(FederationSettings)
    return await reading.events_after(call.work, settings, call.id("room"), query.after, query.limit)


async def list_members(call: Call) -> reading.BridgedMembers:
    """Who is in a shared room."""
    _require_bridge(call)
    return await reading.members(call.work, call.port(FederationSettings), call.id("room"))


async def file_content(call: Call) -> Response:
    """Bytes of a file of a shared room, all or one range."""
    _require_bridge(call)
    store, room_id, file_id = call.port(files.FileStore), call.id("room"), call.id("file")
    database, settings = call.context.database, call.port(FederationSettings)
    async with database.read() as work:
        found = await reading.file_content(work, settings, store, room_id, file_id)

    async def ask() -> None:
        if await call.context.authenticate(call.request) is None:
            raise NotSignedIn
        async with database.read() as work:
            await reading.file_content(work, settings, store, room_id, file_id)

    guard = files.Guard(call.context.clock, ask, every_bytes=files.RECHECK_BYTES)
    return files.answer_download(call.request, found, store, guard)


async def put_person(call: Call, body: External) -> Known:
    """Make an external known, or rename them."""
    _require_bridge(call)
    who = await service.make_known(call.work, call.port(FederationSettings), body.mxid, body.name, "/mxid")
    return Known(person_id=who.id)


async def put_member(call: Call) -> None:
    """Let an external come into a room that is open to their ministry."""
    _require_bridge(call)
    await service.admit(call.work, call.id("room"), call.id("person"))


async def remove_member(call: Call) -> None:
    """Let an external leave a room."""
    _require_bridge(call)
    await service.dismiss_one(call.work, call.id("room"), call.id("person"))


async def found_portal(call: Call, body: Portal) -> PortalRoom:
    """Found the room for what a ministry opens to us, or find it."""
    _require_bridge(call)
    invitation = portals.Invitation(
        key=body.key,
        server=body.server,
        name=body.name,
        topic=body.topic,
        contact=body.contact,
        inviter=body.invited_by.mxid,
        inviter_name=body.invited_by.name,
    )
    room_id = await portals.found_portal(call.work, call.port(FederationSettings), invitation)
    return PortalRoom(room_id=room_id)


async def put_key(call: Call, body: Key) -> None:
    """Remember the Matrix room of a room."""
    _require_bridge(call)
    await portals.remember_key(call.work, call.id("room"), body.key)


async def put_status(call: Call, body: Report) -> None:
    """Tell how it stands with a ministry."""
    _require_bridge(call)
    await service.report(
        call.work,
        call.actor,
        call.id("room"),
        call.request.path_params["server"],
        state=body.state,
        reason=body.reason,
        reachable=body.reachable,
        delivered_seq=body.delivered_seq,
    )


def _require_bridge(call: Call) -> None:
    call.policy.require(call.actor, "federation.bridge", Facts())


BRIDGE = "federation.bridge"
ROOM = "/api/v1/federation/rooms/{room}"
ROUTES = [
    route("GET", "/api/v1/federation/peers", list_peers, action="federation.peers"),
    route("PUT", "/api/v1/rooms/{room}/peers/{server}", open_to_peer, action="room.open_to_peer"),
    route("DELETE", "/api/v1/rooms/{room}/peers/{server}", close_to_peer, action="room.open_to_peer"),
    route("GET", "/api/v1/federation/rooms", list_shared, action=BRIDGE),
    route("POST", "/api/v1/federation/rooms", found_portal, action=BRIDGE),
    route("PUT", "/api/v1/federation/people", put_person, action=BRIDGE),
    route("GET", f"{ROOM}/events", list_events, action=BRIDGE),
    route("GET", f"{ROOM}/members", list_members, action=BRIDGE),
    route("GET", f"{ROOM}/files/{{file}}", file_content, action=BRIDGE, transaction="none"),
    route("PUT", f"{ROOM}/members/{{person}}", put_member, action=BRIDGE),
    route("DELETE", f"{ROOM}/members/{{person}}", remove_member, action=BRIDGE),
    route("PUT", f"{ROOM}/key", put_key, action=BRIDGE),
    route("PUT", f"{ROOM}/peers/{{server}}/status", put_status, action=BRIDGE),
]
