# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""LiveKit's access tokens: who may join which room and do what there. HS256 JWTs with the claim "video".

Source: LiveKit's documentation of tokens and grants; RFC 7519.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from livekit.protocol import models

if TYPE_CHECKING:
    from fachwerk_media.settings import Settings

TOKEN_LIMIT_BYTES = 16384
LEEWAY_S = 10
"""Clocks of the issuer and of this host may differ by this much."""
RENEWED_S = 600
"""Life of the token a connected client gets for its next reconnect."""
WEBHOOK_S = 300
NAME_LIMIT, METADATA_LIMIT = 256, 4096
"""Characters of identity, room and name; of metadata and of all attributes together."""
SOURCES = {
    "camera": models.TrackSource.CAMERA,
    "microphone": models.TrackSource.MICROPHONE,
    "screen_share": models.TrackSource.SCREEN_SHARE,
    "screen_share_audio": models.TrackSource.SCREEN_SHARE_AUDIO,
}


class TokenRefusedError(Exception):
    """Not a valid token of ours. The message says why, for the log and for whoever made the token."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What a token allows."""

    identity: str
    name: str
    metadata: str
    attributes: dict[str, str]
    room: str
    issued_at: int
    """Seconds since 1970; 0 if the token does not say."""
    room_join: bool = False
    room_admin: bool = False
    room_list: bool = False
    room_create: bool = False
    can_publish: bool = True
    can_publish_sources: tuple[str, ...] = ()
    """Empty: every source."""
    can_subscribe: bool = True
    can_publish_data: bool = True
    can_update_own_metadata: bool = False
    hidden: bool = False

    def may_publish(self, source: int) -> bool:
        """Whether a track of this source (models.TrackSource) may be published."""
        if self.can_publish_sources:
            return any(SOURCES.get(name) == source for name in self.can_publish_sources)
        return self.can_publish

    def permission(self) -> models.ParticipantPermission:
        """The same as clients are told it."""
        return models.ParticipantPermission(
            can_subscribe=self.can_subscribe,
            can_publish=self.can_publish or bool(self.can_publish_sources),
            can_publish_data=self.can_publish_data,
            can_publish_sources=[SOURCES[name] for name in self.can_publish_sources if name in SOURCES],
            hidden=self.hidden,
            can_update_metadata=self.can_update_own_metadata,
        )


class Tokens:
    """Reads and signs tokens with the key of this installation."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.api_key
        self._key = OctKey.import_key(settings.api_secret.get_secret_value())
        self._lifetime_max_s = settings.token_lifetime_max_s

    def read(self, token: str) -> Grants:
        """The grants of a valid token. Raises TokenRefusedError."""
        if len(token) > TOKEN_LIMIT_BYTES:
            raise TokenRefusedError("token too long")
        try:
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
        except (JoseError, ValueError) as error:
            raise TokenRefusedError("not a token signed by us") from error
        if claims.get("iss") != self._issuer:
            raise TokenRefusedError("unknown issuer")
        issued_at = self._check_times(claims)
        video = claims.get("video") or {}
        if not isinstance(video, dict):
            raise TokenRefusedError("claim video is not an object")
        return _grants(claims, video, issued_at)

    def renew(self, grants: Grants) -> str:
        """A fresh token with the same grants, for the next reconnect of a connected client."""
        video: dict[str, Any] = {
            "room": grants.room,
            "roomJoin": grants.room_join,
            "roomAdmin": grants.room_admin,
            "canPublish": grants.can_publish,
            "canSubscribe": grants.can_subscribe,
            "canPublishData": grants.can_publish_data,
            "canUpdateOwnMetadata": grants.can_update_own_metadata,
            "hidden": grants.hidden,
        }
        if grants.can_publish_sources:
            video["canPublishSources"] = list(grants.can_publish_sources)
        return self._sign(
            {
                "sub": grants.identity,
                "name": grants.name,
                "metadata": grants.metadata,
                "attributes": grants.attributes,
                "video": video,
            },
            min(RENEWED_S, self._lifetime_max_s),
        )

    def vouch(self, sha256: str) -> str:
        """The token of a webhook call: sha256 is the base64 of the hash of its body."""
        return self._sign({"sha256": sha256}, WEBHOOK_S)

    def _sign(self, claims: dict[str, Any], lifetime_s: int) -> str:
        now = int(time.time())
        claims = {"iss": self._issuer, "nbf": now, "exp": now + lifetime_s, **claims}
        return jwt.encode({"alg": "HS256"}, claims, self._key, algorithms=["HS256"])

    def _check_times(self, claims: dict[str, Any]) -> int:
        """Refuse tokens of another time; when it was issued, 0 if it does not say."""
        times = {name: claims.get(name, 0) for name in ("exp", "nbf", "iat")}
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in times.values()):
            raise TokenRefusedError("times are not numbers")
        now = time.time()
        issued_at = max(times["iat"], times["nbf"])
        if times["exp"] < now - LEEWAY_S:
            raise TokenRefusedError("expired")
        if issued_at > now + LEEWAY_S:
            raise TokenRefusedError("not valid yet")
        if times["exp"] - (issued_at or now) > self._lifetime_max_s + LEEWAY_S:
            raise TokenRefusedError(f"valid for more than {self._lifetime_max_s} s")
        return int(issued_at)


def _grants(claims: dict[str, Any], video: dict[str, Any], issued_at: int) -> Grants:
    attributes = claims.get("attributes") or {}
    sources = video.get("canPublishSources") or ()
    if not isinstance(attributes, dict) or not isinstance(sources, list | tuple):
        raise TokenRefusedError("attributes or canPublishSources have the wrong type")
    attributes = {str(name): str(value) for name, value in attributes.items()}
    if sum(len(name) + len(value) for name, value in attributes.items()) > METADATA_LIMIT:
        raise TokenRefusedError("attributes too long")
    identity = _text(claims, "sub", NAME_LIMIT)
    return Grants(
        identity=identity,
        name=_text(claims, "name", NAME_LIMIT),
        metadata=_text(claims, "metadata", METADATA_LIMIT),
        attributes=attributes,
        room=_text(video, "room", NAME_LIMIT),
        issued_at=issued_at,
        room_join=_flag(video, "roomJoin", default=False),
        room_admin=_flag(video, "roomAdmin", default=False),
        room_list=_flag(video, "roomList", default=False),
        room_create=_flag(video, "roomCreate", default=False),
        can_publish=_flag(video, "canPublish", default=True),
        can_publish_sources=tuple(str(source) for source in sources),
        can_subscribe=_flag(video, "canSubscribe", default=True),
        can_publish_data=_flag(video, "canPublishData", default=True),
        can_update_own_metadata=_flag(video, "canUpdateOwnMetadata", default=False),
        hidden=_flag(video, "hidden", default=False),
    )


def _text(claims: dict[str, Any], name: str, limit: int) -> str:
    value = claims.get(name) or ""
    if not isinstance(value, str) or len(value) > limit:
        raise TokenRefusedError(f"claim {name} is not a text of at most {limit} characters")
    return value


def _flag(video: dict[str, Any], name: str, *, default: bool) -> bool:
    value = video.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise TokenRefusedError(f"grant {name} is not true or false")
    return value
