# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a joined client may ask for over its signalling socket."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from livekit.protocol import models, rtc

from fachwerk_media.tokens import METADATA_LIMIT, NAME_LIMIT

if TYPE_CHECKING:
    from fachwerk_media.rooms.participant import Participant

Reason = rtc.RequestResponse.Reason


def handle(participant: Participant, request: rtc.SignalRequest) -> None:
    """Do one request. Raises SdpError for a description that is none.

    Not listed here and not needed: trickle (an ICE-lite server learns addresses from checks), sync_state,
    update_layers, simulate and others a client gets on without.
    """
    kind = request.WhichOneof("message")
    known = _HANDLERS.get(kind or "")
    if known is not None:
        known(participant, getattr(request, kind or ""))


def _offer(participant: Participant, offer: rtc.SessionDescription) -> None:
    participant.negotiation.on_offer(offer)


def _answer(participant: Participant, answer: rtc.SessionDescription) -> None:
    participant.negotiation.on_answer(answer)


def _ping(participant: Participant, _: int) -> None:
    participant.send(pong=int(time.time() * 1000))


def _ping_request(participant: Participant, ping: rtc.Ping) -> None:
    now_ms = int(time.time() * 1000)
    participant.send(pong_resp=rtc.Pong(last_ping_timestamp=ping.timestamp, timestamp=now_ms))


def _add_track(participant: Participant, request: rtc.AddTrackRequest) -> None:
    reason = participant.announce(request)
    if reason != Reason.OK:
        participant.send(request_response=rtc.RequestResponse(reason=reason, add_track=request))


def _mute(participant: Participant, request: rtc.MuteTrackRequest) -> None:
    track = participant.tracks.get(request.sid)
    if track is not None:
        participant.mute(track, muted=request.muted)
        return
    for announced in participant.announced.values():
        if announced.sid == request.sid:
            announced.info.muted = request.muted


def _subscription(participant: Participant, request: rtc.UpdateSubscription) -> None:
    sids = [*request.track_sids, *(sid for tracks in request.participant_tracks for sid in tracks.track_sids)]
    for sid in sids:
        down = participant.downlink.tracks.get(sid)
        if down is not None and not request.subscribe:
            participant.unsubscribe(down)
        elif request.subscribe and (track := participant.room.find_track(sid)) is not None:
            participant.subscribe(track)


def _track_setting(participant: Participant, setting: rtc.UpdateTrackSettings) -> None:
    for sid in setting.track_sids:
        down = participant.downlink.tracks.get(sid)
        if down is None:
            continue
        down.disabled = setting.disabled
        down.width = setting.width
        down.wanted = down.up.quality_for(setting.width) if setting.width else setting.quality
        down.select(time.monotonic())


def _leave(participant: Participant, _: rtc.LeaveRequest) -> None:
    participant.room.leave(participant, models.DisconnectReason.CLIENT_INITIATED, notify=False)


def _update_metadata(participant: Participant, request: rtc.UpdateParticipantMetadata) -> None:
    reason = Reason.OK
    attributes = {**participant.attributes, **request.attributes}
    size = max(len(request.metadata), sum(len(name) + len(value) for name, value in attributes.items()))
    if not participant.grants.can_update_own_metadata:
        reason = Reason.NOT_ALLOWED
    elif len(request.name) > NAME_LIMIT or size > METADATA_LIMIT:
        reason = Reason.LIMIT_EXCEEDED
    else:
        participant.name = request.name or participant.name
        participant.metadata = request.metadata or participant.metadata
        participant.attributes = {name: value for name, value in attributes.items() if value}
        participant.room.tell_about(participant)
    participant.send(request_response=rtc.RequestResponse(request_id=request.request_id, reason=reason))


def _publish_data_track(participant: Participant, request: rtc.PublishDataTrackRequest) -> None:
    """Data tracks are not routed here; say so, else the client waits."""
    participant.send(request_response=rtc.RequestResponse(reason=Reason.UNSUPPORTED_TYPE, publish_data_track=request))


_HANDLERS: dict[str, Any] = {
    "offer": _offer,
    "answer": _answer,
    "ping": _ping,
    "ping_req": _ping_request,
    "add_track": _add_track,
    "mute": _mute,
    "subscription": _subscription,
    "track_setting": _track_setting,
    "leave": _leave,
    "update_metadata": _update_metadata,
    "publish_data_track_request": _publish_data_track,
}
