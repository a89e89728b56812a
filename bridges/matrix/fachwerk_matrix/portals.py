# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Rooms come to be on the other side, and end there: opening, inviting, being invited, closing.

Opening goes: access list, rights, whom it is for, invitation. Closing goes: put out everybody from there, the bridge
last, then the access list; in another order the other homeserver would not learn of it, or would go on listening.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog

from .collect import queued
from .connector import Fachwerk
from .errors import Later, Refused
from .ghosts import Homeserver, asked
from .ids import alias_of, bot_of, ghost_of, person_of, server_of
from .people import People
from .steps import Begin
from .store import Peer, Room, Store
from .wire import CONTACT, REFUSED, Contact, FederatedRoom, Member, RoomPeer

INVITE_LEVEL = 50
INVITE_AGAIN_S = 60.0
"""An invitation without an answer is repeated: nothing else would bring back one that was lost."""
JOIN_TRIES, JOIN_AGAIN_S = 20, 0.5
ACL = "m.room.server_acl"

log = structlog.get_logger(part="portals")


class Portals:
    """Keeps Matrix rooms as Fachwerk says they should be."""

    def __init__(self, store: Store, fachwerk: Fachwerk, homeserver: Homeserver, people: People) -> None:
        self._store, self._fachwerk, self._homeserver, self._people = store, fachwerk, homeserver, people
        self._own = homeserver.server_name
        self._membership: dict[str, asyncio.Lock] = {}
        self._invited_at: dict[tuple[str, str], float] = {}

    async def settle(self, info: FederatedRoom, room: Room | None) -> Room | None:
        """Make the Matrix room what it should be. Returns the room, None while it has none."""
        if room is None:
            if info.origin is not None or not info.open_servers:
                return None
            room = await self._found(info)
        async with self.membership(info.room_id):
            return await self._settle(info, room)

    def membership(self, room_id: str) -> asyncio.Lock:
        """Who compares the two lists of members, or moves somebody in one of them, does so alone."""
        return self._membership.setdefault(room_id, asyncio.Lock())

    async def _settle(self, info: FederatedRoom, room: Room) -> Room:
        try:
            joined = await self._homeserver.joined(room.mx_room)
        except Refused:
            if info.origin is None:
                raise
            return room  # we were put out of what a peer had opened to us
        if info.origin is not None and info.origin not in info.open_servers:
            await self._abandon(room, joined)
            return room
        late = None
        if info.origin is None:
            late = await self._settle_peers(info, room, joined)
            joined = {m: n for m, n in joined.items() if server_of(m) in {self._own, *info.open_servers}}
        await self._settle_ghosts(room, joined)
        for mxid in joined:
            if mxid == bot_of(server_of(mxid)) and server_of(mxid) != self._own:
                await self.bot_came(room, server_of(mxid))
        if late is not None:
            raise late
        return room

    async def _found(self, info: FederatedRoom) -> Room:
        acl = _acl({self._own, *info.open_servers})
        state = [
            {"type": ACL, "state_key": "", "content": acl},
            {"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": "joined"}},
            {"type": "m.room.guest_access", "state_key": "", "content": {"guest_access": "forbidden"}},
        ]
        alias = alias_of(info.room_id, self._own)
        mx_room = info.key or await self._homeserver.create_room(alias, info.name, info.topic, state)
        await self._fachwerk.put_key(info.room_id, mx_room)
        return await self._keep(Room(room_id=info.room_id, mx_room=mx_room, read_seq=info.opened_seq))

    async def _keep(self, room: Room) -> Room:
        async with self._store.work() as db:
            found = await db.get(Room, room.room_id)
            if found is None:
                db.add(room)
            return found or room

    async def _settle_peers(self, info: FederatedRoom, room: Room, joined: Mapping[str, str]) -> Later | None:
        late = None
        for server in {server_of(mxid) for mxid in joined} - info.open_servers - {self._own}:
            await self._expel(room, server, joined)
        await self._homeserver.put_state(room.mx_room, ACL, _acl({self._own, *info.open_servers}))
        for peer in info.peers:
            if peer.state != "opening":
                continue
            try:
                await self._invite(room, peer)
            except Later as reason:
                late = reason  # one that is away does not keep the others waiting
            except Refused as refusal:
                await self._fachwerk.put_status(info.room_id, peer.server, state="refused", reason=refusal.code)
        return late

    async def _invite(self, room: Room, peer: RoomPeer) -> None:
        """Ask the other ministry in: its bridge, or one person with any Matrix client."""
        mxid = peer.contact if server_of(peer.contact) == peer.server else bot_of(peer.server)
        place = await self._homeserver.state(room.mx_room, "m.room.member", mxid) or {}
        if place.get("membership") == "join":
            await self._fachwerk.put_status(room.room_id, peer.server, state="open")
        last = self._invited_at.get((room.room_id, mxid), 0.0)
        if place.get("membership") == "join" or time.monotonic() - last < INVITE_AGAIN_S:
            return
        if mxid == bot_of(peer.server):
            await self._allow_inviting(room, mxid)
            by = ghost_of(peer.opened_by, self._own) if peer.opened_by else bot_of(self._own)
            members = await self._fachwerk.members(room.room_id)
            name = next((one.name for one in members if one.person_id == peer.opened_by), "")
            content = {"contact": peer.contact, "by": by, "name": name}
            await self._homeserver.put_state(room.mx_room, CONTACT, content, peer.server)
        await asked(self._homeserver.bot.room_invite(room.mx_room, mxid))
        self._invited_at[room.room_id, mxid] = time.monotonic()

    async def _allow_inviting(self, room: Room, mxid: str) -> None:
        levels = await self._homeserver.state(room.mx_room, "m.room.power_levels") or {}
        users = {**levels.get("users", {}), mxid: INVITE_LEVEL}
        await self._homeserver.put_state(room.mx_room, "m.room.power_levels", levels | {"users": users})

    async def _members(self, room: Room) -> Sequence[Member]:
        """Who is in the room as far as others may see it: nobody where it was never open to anybody."""
        try:
            return await self._fachwerk.members(room.room_id)
        except Refused as refusal:
            if refusal.code != "not-found":
                raise
            return ()

    async def _settle_ghosts(self, room: Room, joined: Mapping[str, str]) -> None:
        members = await self._members(room)
        await self._people.learn(members)
        employees = {
            ghost_of(one.person_id, self._own): one
            for one in members
            if one.mxid is None and one.membership == "joined"
        }
        for mxid, member in employees.items():
            if mxid not in joined:
                await self._people.join(room.mx_room, member.person_id, member.name)
            else:
                await self._people.ghost(member.person_id, member.name)
        for mxid in joined:
            if server_of(mxid) == self._own and person_of(mxid) and mxid not in employees:
                await self._people.leave(room.mx_room, mxid)
        here = {one.mxid: one.person_id for one in members if one.mxid}
        for mxid, person_id in here.items():
            if mxid not in joined:
                await self._people.displace(room, person_id)
        for mxid, name in joined.items():
            if server_of(mxid) != self._own and mxid != bot_of(server_of(mxid)) and mxid not in here:
                await self.person_came(room, mxid, name)

    async def _expel(self, room: Room, server: str, joined: Mapping[str, str]) -> None:
        theirs = sorted((m for m in joined if server_of(m) == server), key=lambda mxid: mxid == bot_of(server))
        for mxid in theirs:
            await asked(self._homeserver.bot.room_kick(room.mx_room, mxid, "closed"))
            self._invited_at.pop((room.room_id, mxid), None)
        await self._absent(room, server)

    async def _abandon(self, room: Room, joined: Mapping[str, str]) -> None:
        """Our people have closed what a peer opened to us: all of ours leave, the bridge last."""
        ours = sorted((m for m in joined if server_of(m) == self._own), key=lambda mxid: mxid == bot_of(self._own))
        for mxid in ours:
            await self._people.leave(room.mx_room, mxid)
        assert room.origin is not None
        await self._absent(room, room.origin)

    # ---------------------------------------------------------------- what the others do

    async def invited(self, mx_room: str, sender: str) -> Room | None:
        """Somebody asks our bridge into a room. Only bridges of known ministries are followed. Raises Refused."""
        server = server_of(sender)
        if sender != bot_of(server) or server not in await self._fachwerk.peers():
            await self._people.leave(mx_room, bot_of(self._own))
            raise Refused("invitation-of-a-stranger")
        await self._join(mx_room)
        return await self._take_in(mx_room, server)

    async def _join(self, mx_room: str) -> None:
        """Follow an invitation, which reaches us a moment before the inviting homeserver itself knows of it."""
        for _ in range(JOIN_TRIES):
            try:
                await asked(self._homeserver.bot.join(mx_room))
            except Refused as refusal:
                if refusal.code != "M_FORBIDDEN":
                    raise
                await asyncio.sleep(JOIN_AGAIN_S)
            else:
                return
        raise Refused("invitation-withdrawn")

    async def _take_in(self, mx_room: str, server: str) -> Room | None:
        """Make a portal of a room that we have joined."""
        content = await self._homeserver.state(mx_room, CONTACT, self._own)
        name = await self._homeserver.state(mx_room, "m.room.name") or {}
        topic = await self._homeserver.state(mx_room, "m.room.topic") or {}
        try:
            contact = msgspec.convert(content, Contact)
            if server_of(contact.by) != server:
                raise Refused("contact-makes-no-sense")
            body = {
                "key": mx_room,
                "server": server,
                "name": str(name.get("name", "")),
                "topic": str(topic.get("topic", "")),
                "contact": contact.contact,
                "invited_by": {"mxid": contact.by, "name": contact.name},
            }
            room_id = await self._fachwerk.found_portal(body)
        except (Refused, msgspec.ValidationError) as error:
            reason = error.code if isinstance(error, Refused) else "contact-makes-no-sense"
            await self._refuse(mx_room, reason)
            return None
        info = next(one for one in await self._fachwerk.rooms() if one.room_id == room_id)
        if server not in info.open_servers:
            await self._refuse(mx_room, "closed-here")
            return None
        opened = info.opened_seq
        if any(peer.server == server and peer.state == "opening" for peer in info.peers):
            await self._fachwerk.put_status(room_id, server, state="open")
        room = await self._keep(Room(room_id=room_id, mx_room=mx_room, origin=server, read_seq=opened))
        if room.read_seq < opened:  # it was closed for a while
            async with self._store.work() as db:
                (await db.get_one(Room, room_id)).read_seq = opened
        await self.bot_came(room, server)
        log.info("a peer has opened a room to us")
        return room

    async def _refuse(self, mx_room: str, reason: str) -> None:
        log.warning("room of a peer refused", reason=reason)
        content = {"server": self._own, "reason": reason}
        await asked(self._homeserver.bot.room_send(mx_room, REFUSED, content))
        await self._people.leave(mx_room, bot_of(self._own))

    async def was_refused(self, room: Room, server: str, reason: str) -> None:
        """The other bridge will not take part."""
        await self._absent(room, server)
        await self._ended(room, server, "refused", reason[:200])

    async def bot_came(self, room: Room, server: str) -> None:
        """The other bridge is in the room: what we number from now on is for it too."""
        async with self._store.work() as db:
            peer = await db.get(Peer, (room.room_id, server)) or Peer(room_id=room.room_id, server=server)
            if peer.present:
                return
            row = await db.get_one(Room, room.room_id)
            peer.present, peer.confirmed = True, row.out_seq
            db.add(peer)
            db.add(queued(row.room_id, row.read_seq, Begin([server], row.out_seq)))
        if room.origin is None:
            try:
                await self._fachwerk.put_status(room.room_id, server, state="open", reachable=True)
            except Refused:  # closed, or refused by them, meanwhile
                await self._absent(room, server)
                raise

    async def bot_went(self, room: Room, server: str) -> None:
        """The other bridge has left, or was put out: nothing crosses any more."""
        if await self._absent(room, server):
            await self._ended(room, server, "closed", "closed-by-peer")

    async def _absent(self, room: Room, server: str) -> bool:
        """Count without another bridge. If it returns it says where its numbers go on. False if it was not there."""
        async with self._store.work() as db:
            peer = await db.get(Peer, (room.room_id, server))
            if peer is None or not peer.present:
                return False
            peer.present, peer.received = False, None
            return True

    async def _ended(self, room: Room, server: str, state: str, reason: str) -> None:
        try:
            await self._fachwerk.put_status(room.room_id, server, state=state, reason=reason)
        except Refused as refusal:
            if refusal.code != "room-not-open":  # our own people have closed it
                raise

    async def person_came(self, room: Room, mxid: str, name: str) -> None:
        """Somebody from elsewhere is in the room. Where no bridge of theirs is, that opens it."""
        server = server_of(mxid)
        async with self._store.read() as db:
            bridge = await db.get(Peer, (room.room_id, server))
        if room.origin is None and not (bridge and bridge.present):
            await self._fachwerk.put_status(room.room_id, server, state="open", reachable=True)
        person_id = await self._people.named(mxid, name)
        await self._people.place(room, person_id)

    async def expelled(self, room: Room, server: str) -> None:
        """The owner's bridge has put ours out: the room is closed."""
        await self._absent(room, server)
        await self._ended(room, server, "closed", "closed-by-peer")


def _acl(servers: set[str]) -> dict[str, Any]:
    """Who may take part. A name with a port is listed without it too: servers differ in what they compare."""
    names = sorted({name for server in servers for name in (server, server.partition(":")[0])})
    return {"allow": names, "deny": [], "allow_ip_literals": False}
