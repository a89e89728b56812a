# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""All rooms of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livekit.protocol import models, rtc

from fachwerk_media.rooms.room import Room

if TYPE_CHECKING:
    from fachwerk_media.node import Node
    from fachwerk_media.rooms.participant import Participant


class FullError(Exception):
    """No room, or no place in the room, is left."""


class Registry:
    """Rooms by name. A room begins with its first participant."""

    def __init__(self, node: Node) -> None:
        self.rooms: dict[str, Room] = {}
        self._node = node

    def require_place(self, name: str, identity: str) -> None:
        """Raise FullError if a newcomer would be one too many."""
        room = self.rooms.get(name)
        settings = self._node.settings
        if room is None and self._node.leaving:
            raise FullError("this process ends and opens no room any more")
        if room is None and len(self.rooms) >= settings.rooms_limit:
            raise FullError(f"{settings.rooms_limit} rooms are open")
        others = 0 if room is None else len(room.participants.keys() - {identity})
        if others >= settings.participants_limit:
            raise FullError(f"{settings.participants_limit} participants are in the room")

    def open(self, name: str) -> Room:
        """The room of this name, a new one if there is none. Somebody enters it at once: an empty room ends."""
        room = self.rooms.get(name)
        if room is None:
            room = self.rooms[name] = Room(name, self._node, self._ended)
            self._node.webhook.room("room_started", room)
        return room

    def get(self, room: str, identity: str) -> Participant | None:
        """Somebody in a room."""
        found = self.rooms.get(room)
        return found.participants.get(identity) if found is not None else None

    def remove(self, participant: Participant) -> None:
        """Put somebody out for good: their token lets them in no more."""
        self._node.denials.add(participant.room.name, participant.identity)
        self._node.counters.kicks += 1
        participant.room.leave(participant, models.DisconnectReason.PARTICIPANT_REMOVED)

    def delete(self, room: Room) -> None:
        """End a room for good: no token issued so far opens it again."""
        self._node.denials.add(room.name, None)
        self.rooms.pop(room.name, None)
        room.close(models.DisconnectReason.ROOM_DELETED)

    def close(self) -> None:
        """Everybody out: this process ends, clients are to come back (to another one)."""
        for room in list(self.rooms.values()):
            room.close(models.DisconnectReason.SERVER_SHUTDOWN, rtc.LeaveRequest.Action.RECONNECT)

    def _ended(self, room: Room) -> None:
        if self.rooms.get(room.name) is room:
            del self.rooms[room.name]
        self._node.webhook.room("room_finished", room)
