# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a token of the provider must look like before we believe it. Pure: keys and time are arguments."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from joserfc import jws, jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

T = TypeVar("T")

ALGORITHMS = ("ES256", "ES384", "PS256", "RS256")
"""Signatures we accept. No `none`, and none with a shared secret (RFC 8725, section 3.1)."""
LEEWAY_S = 30
"""How far the provider's clock may be from ours."""
SIGN_IN_MAX_AGE_S = 86_400
"""A sign-in at the provider longer ago than this has to be repeated there."""
LOGOUT_TOKEN_AGE_S = 300
"""A logout token that was issued longer ago is refused."""
TOKEN_MAX_CHARS = 32_768
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class TokenRefused(Exception):
    """The token is not what it must be. reason: one word for the log and for the sign-in page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownKey(TokenRefused):
    """Signed by a key that is not in the set; perhaps the provider has a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What every token must say. acr: the accepted ones, the weakest first; empty for any."""

    issuer: str
    client_id: str
    acr: tuple[str, ...] = ()


class IdToken(msgspec.Struct, frozen=True):
    """The claims of an ID token that are used once its times are checked (OpenID Connect Core 1.0, 2 and 5.1).

    attributes: an object with a text or a list of texts for each, if the provider was told to send it; a claim of ours,
    so that one that is something else says nothing instead of keeping everybody out.
    """

    sub: str
    aud: str | list[str]
    auth_time: float
    nonce: str | None = None
    azp: str | None = None
    acr: str | None = None
    sid: str | None = None
    name: str | None = None
    preferred_username: str | None = None
    email: str | None = None
    roles: list[str] = []
    groups: list[str] | None = None
    attributes: Any = msgspec.field(default=None, name="fachwerk_attributes")


class LogoutToken(msgspec.Struct, frozen=True):
    """The claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.4)."""

    jti: str
    iat: float
    events: dict[str, Any]
    sub: str | None = None
    sid: str | None = None


def check_id_token(raw: str, keys: KeySet, expected: Expected, *, nonce: str | None, now_s: int) -> IdToken:
    """Verify an ID token (OpenID Connect Core 1.0, section 3.1.3.7). Raises TokenRefused or UnknownKey.

    nonce: the one that was sent; None if none was.
    """
    claims = _verify(raw, keys, expected, now_s=now_s, essential=("sub", "exp", "iat"), types=(None, "JWT"))
    token = _read(claims, IdToken)
    if not 0 < len(token.sub) <= 255:  # noqa: PLR2004 -- the longest `sub` of section 2
        raise TokenRefused("subject")
    several = isinstance(token.aud, list) and len(token.aud) > 1
    if (several and token.azp is None) or token.azp not in (None, expected.client_id):
        raise TokenRefused("audience")
    if nonce is not None and not hmac.compare_digest((token.nonce or "").encode(), nonce.encode()):
        raise TokenRefused("nonce")
    if not -SIGN_IN_MAX_AGE_S <= token.auth_time - now_s + LEEWAY_S <= 2 * LEEWAY_S:
        raise TokenRefused("auth-time")
    # A provider treats the acr asked for as a wish and may return a weaker one without an error.
    if expected.acr and token.acr not in expected.acr:
        raise TokenRefused("acr")
    return token


def check_logout_token(raw: str, keys: KeySet, expected: Expected, *, now_s: int) -> LogoutToken:
    """Verify a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6). Raises as `check_id_token`."""
    types = (None, "JWT", "logout+jwt")
    claims = _verify(raw, keys, expected, now_s=now_s, essential=("iat", "jti"), types=types)
    token = _read(claims, LogoutToken)
    if "nonce" in claims or not isinstance(token.events.get(LOGOUT_EVENT), dict):
        raise TokenRefused("not-a-logout")
    if token.sub is None and token.sid is None:
        raise TokenRefused("subject")
    if token.iat < now_s - LOGOUT_TOKEN_AGE_S:
        raise TokenRefused("expired")
    return token


def _verify(
    raw: str,
    keys: KeySet,
    expected: Expected,
    *,
    now_s: int,
    essential: Collection[str],
    types: Collection[str | None],
) -> dict[str, Any]:
    """Signature, type, issuer, audience and times."""
    if len(raw) > TOKEN_MAX_CHARS:
        raise TokenRefused("too-long")
    try:
        signed = jws.deserialize_compact(raw, keys, ALGORITHMS)
    except InvalidKeyIdError as error:
        raise UnknownKey("key") from error
    except (JoseError, ValueError, TypeError) as error:  # TypeError: header fields of unforeseen types
        raise TokenRefused("signature") from error
    if signed.headers().get("typ") not in types:
        raise TokenRefused("type")
    try:  # stricter than Python's own reader: no NaN, no halves of surrogate pairs
        payload = signed.payload or b""
        claims = msgspec.json.decode(payload, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise TokenRefused("claims") from error
    if rb"\u0000" in payload:
        raise TokenRefused("claims")  # PostgreSQL cannot keep it
    registry = jwt.JWTClaimsRegistry(
        now=now_s,
        leeway=LEEWAY_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        **{name: jwt.ClaimsOption(essential=True) for name in essential},
    )
    try:
        registry.validate(claims)
    except ClaimError as error:
        raise TokenRefused(f"claim-{error.claim}") from error
    return claims


def _read(claims: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(claims, kind)
    except msgspec.ValidationError as error:
        raise TokenRefused("claims") from error
