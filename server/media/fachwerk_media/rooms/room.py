# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A meeting: its participants, its clock, and what they are told."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING

import structlog
from livekit.protocol import models, rtc

from fachwerk_media.forward.loudest import Loudest
from fachwerk_media.rooms.participant import Participant
from fachwerk_media.rooms.speakers import Speakers, qualities

if TYPE_CHECKING:
    from collections.abc import Callable

    from fachwerk_media.forward.down import DownTrack
    from fachwerk_media.forward.up import UpTrack
    from fachwerk_media.node import Node

TICK_S = 0.05
"""Transport-wide feedback to publishers."""
ALLOCATE_TICKS, MEASURE_TICKS, QUALITY_TICKS, RENEW_TICKS = 2, 10, 60, 6000
"""Every 100 ms layers are allocated, every 500 ms rates measured, every 3 s qualities told, every 5 min tokens
renewed."""
DEPARTED = 200
"""Participants that left, kept for those who resume."""
log = structlog.get_logger()


class Room:
    """One meeting."""

    def __init__(self, name: str, node: Node, on_ended: Callable[[Room], None]) -> None:
        """on_ended: nobody was in it for departure_s, or it was closed."""
        self.name = name
        self.sid = f"RM_{secrets.token_urlsafe(9)}"
        self.participants: dict[str, Participant] = {}
        """By identity."""
        self.loudest = Loudest(node.settings.loudest)
        self.created_at = time.time()
        self._node = node
        self._on_ended = on_ended
        self._departed: deque[tuple[float, models.ParticipantInfo]] = deque(maxlen=DEPARTED)
        self._speakers = Speakers()
        self._measured_at = self._occupied_at = time.monotonic()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="room")
        self._task.add_done_callback(self._stopped)

    def info(self) -> models.Room:
        """This room as clients and the RoomService see it."""
        return models.Room(
            sid=self.sid,
            name=self.name,
            creation_time=int(self.created_at),
            creation_time_ms=int(self.created_at * 1000),
            departure_timeout=int(self._node.settings.departure_s),
            max_participants=self._node.settings.participants_limit,
            num_participants=len(self.participants),
            num_publishers=sum(bool(participant.tracks) for participant in self.participants.values()),
        )

    # ------------------------------------------------------------ coming and going

    def enter(self, participant: Participant) -> list[models.ParticipantInfo]:
        """Let somebody in; the others who are there, as the newcomer may see them."""
        others = [other.info() for other in self.participants.values() if not other.grants.hidden]
        self.participants[participant.identity] = participant
        self._speakers.retell()
        self._node.counters.joins += 1
        self.tell_about(participant, but=participant)
        self._node.webhook.participant("participant_joined", self, participant)
        return others

    def subscribe_to_all(self, participant: Participant) -> None:
        """Everything that is published here goes to a newcomer."""
        for other in list(self.participants.values()):
            for track in list(other.tracks.values()):
                participant.subscribe(track)

    def leave(
        self,
        participant: Participant,
        reason: models.DisconnectReason,
        action: rtc.LeaveRequest.Action = rtc.LeaveRequest.Action.DISCONNECT,
        *,
        notify: bool = True,
    ) -> None:
        """Take somebody out. notify: tell the client itself, and whether it shall come back (action)."""
        if self.participants.get(participant.identity) is not participant:
            return
        del self.participants[participant.identity]
        participant.close()
        if notify:
            participant.send(leave=rtc.LeaveRequest(action=action, reason=reason))
        participant.outbox.end()
        self.tell_about(participant)
        if not participant.grants.hidden:
            self._departed.append((time.monotonic(), participant.info()))
        self._occupied_at = time.monotonic()
        self._node.webhook.participant("participant_left", self, participant)

    def close(
        self,
        reason: models.DisconnectReason,
        action: rtc.LeaveRequest.Action = rtc.LeaveRequest.Action.DISCONNECT,
    ) -> None:
        """Everybody out, and the end."""
        for participant in list(self.participants.values()):
            self.leave(participant, reason, action)
        self._task.cancel()

    # ------------------------------------------------------------ what the others learn

    def tell_about(self, participant: Participant, but: Participant | None = None) -> None:
        """Tell everybody how a participant is now."""
        participant.version += 1
        update = rtc.ParticipantUpdate(participants=[participant.info()])
        message = rtc.SignalResponse(update=update).SerializeToString()
        for other in self.participants.values():
            if other is not but and (other is participant or not participant.grants.hidden):
                other.outbox.put_bytes(message)

    def catch_up(self, participant: Participant) -> None:
        """Tell one who was cut off how everybody is now, those who left meanwhile included."""
        since = time.monotonic() - 2 * self._node.settings.resume_s
        infos = [info for at, info in self._departed if at > since and info.identity not in self.participants]
        infos += [p.info() for p in self.participants.values() if p is participant or not p.grants.hidden]
        participant.send(update=rtc.ParticipantUpdate(participants=infos))
        self._speakers.retell()

    def published(self, participant: Participant, track: UpTrack) -> None:
        """A new track: tell everybody and send it to those who take everything."""
        self.tell_about(participant)
        for other in list(self.participants.values()):
            if other is not participant and other.auto_subscribe:
                other.subscribe(track)

    def unsubscribe(self, down: DownTrack) -> None:
        """End a subscription whose track has ended."""
        for participant in list(self.participants.values()):
            if participant.downlink is down.downlink:
                participant.unsubscribe(down)
                return
        down.downlink.remove(down)  # its subscriber has just left too

    def deliver(self, packet: models.DataPacket, label: str, but: Participant | None = None) -> None:
        """Send a data message to those it is for: the named identities, else everybody."""
        named = set(packet.destination_identities)
        message = packet.SerializeToString()
        counters = self._node.counters
        for participant in self.participants.values():
            if participant is but or (named and participant.identity not in named):
                continue
            if participant.negotiation.subscriber.send_message(label, message):
                counters.messages += 1
            else:
                counters.messages_dropped += 1

    def find_track(self, sid: str) -> UpTrack | None:
        """A published track by its sid."""
        return next((p.tracks[sid] for p in self.participants.values() if sid in p.tracks), None)

    # ------------------------------------------------------------ time

    async def _run(self) -> None:
        ticks = 0
        while self.participants or time.monotonic() - self._occupied_at <= self._node.settings.departure_s:
            await asyncio.sleep(TICK_S)
            ticks += 1
            self._tick(ticks, time.monotonic())

    def _tick(self, ticks: int, now: float) -> None:
        participants = list(self.participants.values())
        for participant in participants:
            participant.ingress.send_feedback()
        if ticks % ALLOCATE_TICKS == 0:
            for participant in participants:
                participant.tick(now)
        if ticks % MEASURE_TICKS == 0:
            self._measure(participants, now)
            changed = self._speakers.update(participants, now)
            if changed is not None:
                self._tell_all(rtc.SignalResponse(speakers_changed=changed))
        if ticks % QUALITY_TICKS == 0:
            self._tell_all(rtc.SignalResponse(connection_quality=qualities(participants)))
        if ticks % RENEW_TICKS == 0:
            for participant in participants:
                participant.send(refresh_token=self._node.tokens.renew(participant.grants))

    def _measure(self, participants: list[Participant], now: float) -> None:
        elapsed, self._measured_at = now - self._measured_at, now
        for participant in participants:
            for track in participant.tracks.values():
                for layer in track.layers:
                    layer.measure(elapsed, now)
                track.reselect(now)
            participant.ingress.send_reports(now)

    def _tell_all(self, response: rtc.SignalResponse) -> None:
        message = response.SerializeToString()
        for participant in self.participants.values():
            participant.outbox.put_bytes(message)

    def _stopped(self, task: asyncio.Task[None]) -> None:
        """The clock has stopped: empty for long, closed, or on a fault. A fault ends this room and no other."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("room failed", room=self.sid, exc_info=error)
        for participant in list(self.participants.values()):
            self.leave(participant, models.DisconnectReason.ROOM_CLOSED, rtc.LeaveRequest.Action.RECONNECT)
        self._on_ended(self)
