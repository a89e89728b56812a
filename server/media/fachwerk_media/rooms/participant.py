# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""One person in a room: what they may do, what they send, what they get."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from fachwerk_media.forward.down import DownTrack
from fachwerk_media.forward.downlink import Downlink
from fachwerk_media.forward.ingress import Ingress
from fachwerk_media.forward.redundancy import Policy
from fachwerk_media.forward.up import UpTrack
from fachwerk_media.rooms.outbox import Outbox
from fachwerk_media.sctp import LOSSY, RELIABLE
from fachwerk_media.signal.dual import Dual
from fachwerk_media.signal.single import Single

if TYPE_CHECKING:
    from fachwerk_media.node import Node
    from fachwerk_media.rooms.room import Room
    from fachwerk_media.signal.negotiation import Negotiation
    from fachwerk_media.tokens import Grants
    from fachwerk_media.transport import Transport


class Participant:
    """Somebody who has joined."""

    def __init__(self, room: Room, grants: Grants, node: Node, *, single: bool, auto_subscribe: bool) -> None:
        """single: one peer connection, the client offers (/rtc/v1); else two (/rtc)."""
        self.room = room
        self.grants = grants
        self.identity = grants.identity
        self.sid = f"PA_{secrets.token_urlsafe(9)}"
        self.name = grants.name
        self.metadata = grants.metadata
        self.attributes = dict(grants.attributes)
        self.joined_at = time.time()
        self.version = 0
        self.state = models.ParticipantInfo.State.ACTIVE
        self.auto_subscribe = auto_subscribe
        self.tracks: dict[str, UpTrack] = {}
        """Published, by sid."""
        self.announced: dict[str, UpTrack] = {}
        """Added by the client but not in an offer yet, by the client's own id."""
        self.outbox = Outbox(node.counters)
        self.grace: asyncio.Task[None] | None = None
        """Runs while the signalling socket is gone."""
        self._node = node
        self.ingress = Ingress(self._send_rtcp, room.loudest, node.counters)
        self.negotiation: Negotiation = Single(self, node) if single else Dual(self, node)
        self.downlink = Downlink(
            self.negotiation.subscriber,
            node.counters,
            time.monotonic(),
            self._paused,
            Policy(node.settings.redundancy_from_loss),
        )

    # ------------------------------------------------------------ what others learn

    def info(self) -> models.ParticipantInfo:
        """This participant as everybody sees it."""
        return models.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self.name,
            metadata=self.metadata,
            attributes=self.attributes,
            state=self.state,
            joined_at=int(self.joined_at),
            joined_at_ms=int(self.joined_at * 1000),
            version=self.version,
            permission=self.grants.permission(),
            is_publisher=bool(self.tracks),
            tracks=[track.info for track in self.tracks.values()],
        )

    def send(self, **message: Any) -> None:
        """Tell the client something: one field of SignalResponse."""
        self.outbox.put(**message)

    # ------------------------------------------------------------ publishing

    def announce(self, request: rtc.AddTrackRequest) -> rtc.RequestResponse.Reason:
        """The client is about to publish a track. OK, or why not."""
        reasons = rtc.RequestResponse.Reason
        if not self.grants.may_publish(request.source):
            return reasons.NOT_ALLOWED
        if request.type not in {models.TrackType.AUDIO, models.TrackType.VIDEO}:
            return reasons.UNSUPPORTED_TYPE
        if len(self.tracks) + len(self.announced) >= self._node.settings.tracks_limit:
            return reasons.LIMIT_EXCEEDED
        if not request.cid or request.cid in self.announced:
            return reasons.DUPLICATE_HANDLE
        sid = f"TR_{secrets.token_hex(6)}"
        track = UpTrack(sid, self.sid, request, self._send_rtcp, self._node.counters)
        self.announced[request.cid] = track
        self.send(track_published=rtc.TrackPublishedResponse(cid=request.cid, track=track.info))
        return reasons.OK

    def take_announced(self, kind: str, client_ids: list[str]) -> UpTrack | None:
        """The announced track an offered section belongs to.

        By the client's ids in its msid, else the oldest of that kind: Firefox writes the id of a sender there.
        """
        for client_id in client_ids:
            if client_id in self.announced:
                return self.announced.pop(client_id)
        for client_id, track in self.announced.items():
            if track.is_video == (kind == "video"):
                return self.announced.pop(client_id)
        return None

    def publish(self, track: UpTrack) -> None:
        """The track's section is negotiated: the room gets it."""
        self.tracks[track.sid] = track
        self.room.published(self, track)

    def unpublish(self, track: UpTrack) -> None:
        """The client has stopped sending it."""
        self.tracks.pop(track.sid, None)
        self._end(track)
        self.room.tell_about(self)

    def mute(self, track: UpTrack, *, muted: bool) -> None:
        """Mute or unmute a track of this participant."""
        track.mute(time.monotonic(), muted=muted)
        self.room.loudest.gone(track)
        self.room.tell_about(self)

    # ------------------------------------------------------------ subscribing

    def subscribe(self, track: UpTrack) -> None:
        """Get a track, if allowed; twice is once."""
        if self.grants.can_subscribe and track.sid not in self.downlink.tracks and track.publisher_sid != self.sid:
            down = DownTrack(track, self.downlink)
            self.downlink.add(down)
            self.negotiation.subscribe(down)

    def unsubscribe(self, down: DownTrack) -> None:
        """Get it no longer."""
        self.downlink.remove(down)
        self.negotiation.unsubscribe(down)

    # ------------------------------------------------------------ what the transports report

    def on_rtp(self, packet: bytes, now: float) -> None:
        """Media from the client."""
        self.ingress.on_rtp(packet, now)

    def on_rtcp(self, packet: bytes, now: float) -> None:
        """Reports and feedback from the client, about both directions."""
        self.ingress.on_rtcp(packet, now)
        self.downlink.on_rtcp(packet, now)

    def on_ready(self, transport: Transport) -> None:
        """Media may flow."""
        if transport is self.negotiation.subscriber:
            self.downlink.refresh(time.monotonic())

    def on_path(self, transport: Transport) -> None:
        """Packets go another way, or nowhere."""
        if transport is self.negotiation.subscriber:
            self.downlink.refresh(time.monotonic())

    def on_message(self, label: str, message: bytes) -> None:
        """A message for others in the room."""
        if label not in {RELIABLE, LOSSY} or not self.grants.can_publish_data:
            self._node.counters.messages_dropped += 1
            return
        try:
            packet = models.DataPacket.FromString(message)
        except DecodeError:
            self._node.counters.messages_dropped += 1
            return
        # who it is from is not for the sender to say
        packet.participant_identity = self.identity
        packet.participant_sid = self.sid
        if packet.WhichOneof("value") == "user":
            packet.user.participant_identity = self.identity
            packet.user.participant_sid = self.sid
        self.room.deliver(packet, label, but=self)

    # ------------------------------------------------------------ time and the end

    def tick(self, now: float) -> None:
        """Ten times a second."""
        self.downlink.tick(now)
        for track in self.tracks.values():
            for layer in track.layers:
                if layer.missing:
                    layer.ask_again()
        for transport in self.negotiation.transports:
            transport.check_consent(now)

    def close(self) -> None:
        """Out of the room: from this moment no packet goes in or out."""
        for transport in self.negotiation.transports:
            transport.close()
        self.negotiation.close()
        self.state = models.ParticipantInfo.State.DISCONNECTED
        self.downlink.close()
        for track in [*self.tracks.values(), *self.announced.values()]:
            self._end(track)
        if self.grace is not None and self.grace is not asyncio.current_task():
            self.grace.cancel()

    def loss(self) -> float:
        """Share of packets lost on the way to or from this participant, the worse of both."""
        return max(self.downlink.estimator.loss, self.ingress.loss)

    def _end(self, track: UpTrack) -> None:
        for down in list(track.downs):
            self.room.unsubscribe(down)
        self.ingress.forget(track)

    def _send_rtcp(self, packet: bytes) -> None:
        self.negotiation.publisher.send_rtcp(packet)

    def _paused(self, down: DownTrack) -> None:
        update = rtc.StreamStateUpdate()
        state = rtc.StreamState.PAUSED if down.paused else rtc.StreamState.ACTIVE
        update.stream_states.add(participant_sid=down.up.publisher_sid, track_sid=down.up.sid, state=state)
        self.send(stream_state_update=update)
