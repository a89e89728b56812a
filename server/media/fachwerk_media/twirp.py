# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""LiveKit's RoomService over Twirp: what the Fachwerk server may do in rooms, by the stock client library.

Source: livekit_room.proto; Twirp's specification v7 (routing, errors).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from google.protobuf.message import DecodeError, Message
from livekit.protocol import models, rtc
from livekit.protocol import room as api
from starlette.responses import JSONResponse, Response

from fachwerk_media.sctp import LOSSY, RELIABLE
from fachwerk_media.tokens import Grants, TokenRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from fachwerk_media.node import Node
    from fachwerk_media.rooms.participant import Participant
    from fachwerk_media.rooms.room import Room

BODY_LIMIT_BYTES = 256 << 10
PROTOBUF, JSON = "application/protobuf", "application/json"
_STATUS = {
    "malformed": 400,
    "invalid_argument": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
}


class TwirpError(Exception):
    """An error of Twirp's list: code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class _Method:
    request: Callable[[], Message]
    run: Callable[[Any], Message]
    allowed: Callable[[Grants, Any], bool]


class RoomService:
    """The endpoint /twirp/livekit.RoomService/{method}."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._methods = {
            "ListRooms": _Method(api.ListRoomsRequest, self._list_rooms, _may_list),
            "DeleteRoom": _Method(api.DeleteRoomRequest, self._delete_room, _may_create),
            "ListParticipants": _Method(api.ListParticipantsRequest, self._list_participants, _is_admin),
            "GetParticipant": _Method(api.RoomParticipantIdentity, self._get_participant, _is_admin),
            "RemoveParticipant": _Method(api.RoomParticipantIdentity, self._remove_participant, _is_admin),
            "MutePublishedTrack": _Method(api.MuteRoomTrackRequest, self._mute_track, _is_admin),
            "SendData": _Method(api.SendDataRequest, self._send_data, _is_admin),
        }

    async def call(self, request: Request) -> Response:
        """One call."""
        try:
            method = self._methods.get(request.path_params["method"])
            if method is None:
                raise TwirpError("bad_route", "no such method")
            grants = self._authenticate(request)
            is_json = request.headers.get("content-type", "").split(";")[0].strip() == JSON
            message = _read(method.request(), await _body(request), is_json=is_json)
            if not method.allowed(grants, message):
                raise TwirpError("permission_denied", "the token does not allow this")
            answer = method.run(message)
        except TwirpError as error:
            return JSONResponse({"code": error.code, "msg": str(error)}, _STATUS[error.code])
        if is_json:
            return Response(MessageToJson(answer), media_type=JSON)
        return Response(answer.SerializeToString(), media_type=PROTOBUF)

    def _authenticate(self, request: Request) -> Grants:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            return self._node.tokens.read(token)
        except TokenRefusedError as error:
            raise TwirpError("unauthenticated", str(error)) from error

    def _room(self, name: str) -> Room:
        room = self._node.registry.rooms.get(name)
        if room is None:
            raise TwirpError("not_found", "no such room")
        return room

    def _participant(self, room: str, identity: str) -> Participant:
        participant = self._room(room).participants.get(identity)
        if participant is None:
            raise TwirpError("not_found", "no such participant")
        return participant

    def _list_rooms(self, request: api.ListRoomsRequest) -> Message:
        names = set(request.names)
        rooms = [room.info() for name, room in self._node.registry.rooms.items() if not names or name in names]
        return api.ListRoomsResponse(rooms=rooms)

    def _delete_room(self, request: api.DeleteRoomRequest) -> Message:
        self._node.registry.delete(self._room(request.room))
        return api.DeleteRoomResponse()

    def _list_participants(self, request: api.ListParticipantsRequest) -> Message:
        participants = self._room(request.room).participants.values()
        return api.ListParticipantsResponse(participants=[participant.info() for participant in participants])

    def _get_participant(self, request: api.RoomParticipantIdentity) -> Message:
        return self._participant(request.room, request.identity).info()

    def _remove_participant(self, request: api.RoomParticipantIdentity) -> Message:
        participant = self._node.registry.get(request.room, request.identity)
        if participant is None:
            # removed before they came: the token they may hold is refused all the same
            self._node.denials.add(request.room, request.identity)
            raise TwirpError("not_found", "no such participant")
        self._node.registry.remove(participant)
        return api.RemoveParticipantResponse()

    def _mute_track(self, request: api.MuteRoomTrackRequest) -> Message:
        participant = self._participant(request.room, request.identity)
        track = participant.tracks.get(request.track_sid)
        if track is None:
            raise TwirpError("not_found", "no such track")
        if not request.muted:
            raise TwirpError("invalid_argument", "nobody's microphone or camera is switched on from afar")
        participant.mute(track, muted=True)
        participant.send(mute=rtc.MuteTrackRequest(sid=track.sid, muted=True))
        return api.MuteRoomTrackResponse(track=track.info)

    def _send_data(self, request: api.SendDataRequest) -> Message:
        room = self._room(request.room)
        sids = set(request.destination_sids)
        identities = list(request.destination_identities)
        identities += [p.identity for p in room.participants.values() if p.sid in sids]
        if (sids or request.destination_identities) and not identities:
            return api.SendDataResponse()
        user = models.UserPacket(payload=request.data, destination_identities=identities)
        if request.HasField("topic"):
            user.topic = request.topic
        lossy = request.kind == models.DataPacket.Kind.LOSSY
        packet = models.DataPacket(kind=request.kind, destination_identities=identities, user=user)
        room.deliver(packet, LOSSY if lossy else RELIABLE)
        return api.SendDataResponse()


def _is_admin(grants: Grants, request: Any) -> bool:
    return grants.room_admin and grants.room == request.room


def _may_list(grants: Grants, _: Any) -> bool:
    return grants.room_list


def _may_create(grants: Grants, _: Any) -> bool:
    return grants.room_create


async def _body(request: Request) -> bytes:
    """The body, at most BODY_LIMIT_BYTES."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT_BYTES:
            raise TwirpError("malformed", f"body longer than {BODY_LIMIT_BYTES} bytes")
    return body


def _read(message: Message, body: bytes, *, is_json: bool) -> Message:
    try:
        if is_json:
            Parse(body, message, ignore_unknown_fields=True)
        else:
            message.ParseFromString(body)
    except (ParseError, DecodeError, UnicodeDecodeError) as error:
        raise TwirpError("malformed", "the body is not the request of this method") from error
    return message
