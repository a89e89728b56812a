# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who is who: our employees' users on Matrix, and the others' persons in Fachwerk."""

from collections.abc import Sequence

import msgspec
from sqlmodel import select

from .connector import Fachwerk
from .errors import Refused
from .ghosts import GhostClient, Homeserver, asked
from .ids import ghost_of, server_of
from .store import Person, Room, Store
from .wire import Member, Membership

NAME_CHARS = 100


class People:
    """Employees become ghosts, externals become persons; both once, and known again after a restart."""

    def __init__(self, store: Store, fachwerk: Fachwerk, homeserver: Homeserver) -> None:
        self._store, self._fachwerk, self._homeserver = store, fachwerk, homeserver
        self._own: dict[str, bool] = {}
        self._names: dict[str, str] = {}
        self._ghosts: dict[str, str] = {}
        self._externals: dict[str, str] = {}
        self._placed: set[tuple[str, str]] = set()

    async def is_own(self, room_id: str, person_id: str) -> bool:
        """Whether somebody in a room is an employee of this ministry."""
        if person_id not in self._own:
            async with self._store.read() as db:
                row = await db.get(Person, person_id)
            if row is None:
                await self.learn(await self._fachwerk.members(room_id))
            else:
                self._own[person_id] = row.own
        # who is not there any more and was never an external of ours was an employee
        return self._own.setdefault(person_id, True)

    def is_external(self, person_id: str) -> bool:
        """Whether somebody is known to be of another ministry."""
        return self._own.get(person_id) is False

    async def learn(self, members: Sequence[Member]) -> None:
        """Remember who of them is whose."""
        async with self._store.work() as db:
            for member in members:
                if member.mxid and not await db.get(Person, member.person_id):
                    db.add(Person(person_id=member.person_id, mxid=member.mxid, own=False, name=member.name))
        self._names |= {member.person_id: member.name for member in members if member.mxid is None}
        self._own |= {member.person_id: member.mxid is None for member in members}

    async def ghost(self, person_id: str, name: str = "") -> GhostClient:
        """The user of an employee, made if need be; with this name, or the one we know, unless that is empty."""
        name = name or self._names.get(person_id, "")
        mxid = ghost_of(person_id, self._homeserver.server_name)
        if person_id in self._ghosts and name in {"", self._ghosts[person_id]}:
            return self._homeserver.client(mxid)
        async with self._store.read() as db:
            row = await db.get(Person, person_id)
        renamed = name if name and (row is None or row.name != name) else ""
        client = await self._homeserver.appear(mxid, renamed)
        if row is None or renamed:
            async with self._store.work() as db:
                await db.merge(Person(person_id=person_id, mxid=mxid, own=True, name=name))
        self._ghosts[person_id] = renamed or (row.name if row else "")
        return client

    async def named(self, mxid: str, name: str) -> str:
        """Make an external known under a name; returns the person id.

        Empty: not said. A room that shows its history from joining on shows us who came before us without their names.
        """
        name = _tidy(name)
        async with self._store.read() as db:
            row = (await db.exec(select(Person).where(Person.mxid == mxid))).first()
        if row is not None and name in {"", row.name}:
            return row.person_id
        name = name or _tidy(await self._homeserver.profile_name(mxid)) or mxid[1:].partition(":")[0]
        person_id = await self._fachwerk.put_person(mxid, name)
        async with self._store.work() as db:
            await db.merge(Person(person_id=person_id, mxid=mxid, own=False, name=name))
        self._own[person_id] = False
        return person_id

    async def known(self, mxid: str) -> str | None:
        """The person id of an external that was seen before."""
        if mxid not in self._externals:
            async with self._store.read() as db:
                found = (await db.exec(select(Person.person_id).where(Person.mxid == mxid))).first()
            if found is None:
                return None
            self._externals[mxid] = found
        return self._externals[mxid]

    async def mxid(self, person_id: str) -> str:
        """The Matrix user of somebody known; empty for others."""
        async with self._store.read() as db:
            row = await db.get(Person, person_id)
        return row.mxid if row else ""

    async def external(self, room: Room, mxid: str) -> str:
        """The person id of somebody who does something in a room, and who is a member there afterwards."""
        person_id = await self.known(mxid)
        if person_id and (room.room_id, person_id) in self._placed:
            return person_id
        if person_id is None:
            content = await self._homeserver.state(room.mx_room, "m.room.member", mxid)
            person_id = await self.named(mxid, _name(content))
        await self.place(room, person_id)
        return person_id

    async def place(self, room: Room, person_id: str) -> None:
        """Let an external into the room."""
        await self._fachwerk.put_member(room.room_id, person_id)
        self._placed.add((room.room_id, person_id))

    async def displace(self, room: Room, person_id: str) -> None:
        """Take an external out of the room."""
        self._placed.discard((room.room_id, person_id))
        try:
            await self._fachwerk.remove_member(room.room_id, person_id)
        except Refused:
            return  # is out already, with the room's closing for example

    def forget_place(self, room: Room, person_id: str) -> None:
        """Somebody else may have taken this external out of the room."""
        self._placed.discard((room.room_id, person_id))

    async def join(self, mx_room: str, person_id: str, name: str = "") -> GhostClient:
        """Bring an employee's ghost into a Matrix room. Being there already is fine."""
        ghost = await self.ghost(person_id, name)
        try:
            await asked(self._homeserver.bot.room_invite(mx_room, ghost.user_id))
        except Refused as refusal:
            if refusal.code != "M_FORBIDDEN":  # in the room, or invited
                raise
        await asked(ghost.join(mx_room))
        return ghost

    async def leave(self, mx_room: str, mxid: str) -> None:
        """Take one of our users out of a Matrix room. Not being there is fine."""
        client = await self._homeserver.appear(mxid)
        try:
            await asked(client.room_leave(mx_room))
        except Refused:
            return

    def is_ours(self, mxid: str) -> bool:
        """Whether this is a user of our own homeserver."""
        return server_of(mxid) == self._homeserver.server_name


def _tidy(name: str) -> str:
    return name.replace("\0", "").strip()[:NAME_CHARS]


def _name(content: dict[str, object] | None) -> str:
    try:
        return msgspec.convert(content or {"membership": "leave"}, Membership).displayname or ""
    except msgspec.ValidationError:
        return ""
