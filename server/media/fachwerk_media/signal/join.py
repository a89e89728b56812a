# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client asks for when it connects. Everything here comes from outside and may be anything."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import zlib
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from livekit.protocol import rtc

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

JOIN_LIMIT_BYTES = 64 << 10
"""A join request, before and after decompression."""


class JoinRefusedError(Exception):
    """The parameters make no sense; the message says which."""


@dataclasses.dataclass(frozen=True, slots=True)
class Join:
    """The parameters of a connection."""

    reconnect: bool
    participant_sid: str
    """Whom to resume."""
    auto_subscribe: bool
    offer: rtc.SessionDescription | None = None
    """The client's first offer, on the single connection."""
    tracks: tuple[rtc.AddTrackRequest, ...] = ()
    """Announced with the join."""


def from_query(query: QueryParams) -> Join:
    """The parameters on the path /rtc."""
    return Join(query.get("reconnect") == "1", query.get("sid", ""), query.get("auto_subscribe", "1") == "1")


def from_join_request(query: QueryParams) -> Join:
    """The parameters on the path /rtc/v1: base64url of a WrappedJoinRequest. Raises JoinRefusedError."""
    text = query.get("join_request", "")
    if not text:
        raise JoinRefusedError("join_request is missing")
    if len(text) > JOIN_LIMIT_BYTES * 4 // 3:
        raise JoinRefusedError("join_request too long")
    try:
        wrapped = rtc.WrappedJoinRequest.FromString(
            base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        )
        content = wrapped.join_request
        if wrapped.compression == rtc.WrappedJoinRequest.Compression.GZIP:
            content = _unzip(content)
        request = rtc.JoinRequest.FromString(content)
    except (binascii.Error, ValueError, zlib.error, DecodeError) as error:
        raise JoinRefusedError("join_request is not readable") from error
    return Join(
        request.reconnect,
        request.participant_sid,
        request.connection_settings.auto_subscribe,
        request.publisher_offer if request.HasField("publisher_offer") else None,
        tuple(request.add_track_requests),
    )


def _unzip(content: bytes) -> bytes:
    """Decompress gzip, at most JOIN_LIMIT_BYTES."""
    stream = zlib.decompressobj(wbits=31)
    plain = stream.decompress(content, JOIN_LIMIT_BYTES)
    if stream.unconsumed_tail or not stream.eof:
        raise JoinRefusedError("join_request too long or cut short")
    return plain
