# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tokens: what the stock library makes is understood, everything else is refused with a reason."""

import datetime
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey
from livekit import api
from livekit.protocol import models
from pydantic import SecretStr

from fachwerk_media.denials import REMEMBERED, Denials
from fachwerk_media.settings import Settings
from fachwerk_media.tokens import TOKEN_LIMIT_BYTES, Grants, TokenRefusedError, Tokens
from tests.media.process import KEY, SECRET

SETTINGS = Settings(api_key=KEY, api_secret=SecretStr(SECRET))
TOKENS = Tokens(SETTINGS)


def sign(claims: Any, secret: str = SECRET, alg: str = "HS256") -> str:
    return jwt.encode({"alg": alg}, claims, OctKey.import_key(secret), algorithms=[alg])


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    video = {"room": "r1", "roomJoin": True}
    return {"iss": KEY, "sub": "ada", "nbf": now, "exp": now + 3600, "video": video, **changed}


def test_the_stock_librarys_token_is_understood() -> None:
    video = api.VideoGrants(
        room_join=True, room="r1", can_publish_sources=["microphone"], can_subscribe=False, can_publish_data=False
    )
    made = api.AccessToken(KEY, SECRET).with_identity("ada").with_name("Ada").with_grants(video)
    grants = TOKENS.read(made.with_ttl(datetime.timedelta(minutes=10)).to_jwt())
    assert (grants.identity, grants.name, grants.room) == ("ada", "Ada", "r1")
    assert grants.room_join
    assert not grants.can_subscribe
    assert not grants.can_publish_data
    assert grants.may_publish(models.TrackSource.MICROPHONE)
    assert not grants.may_publish(models.TrackSource.CAMERA)
    assert abs(grants.issued_at - time.time()) < 3


def test_what_is_not_said_is_as_livekit_has_it() -> None:
    grants = TOKENS.read(sign(claims()))
    assert grants.can_publish
    assert grants.can_subscribe
    assert grants.can_publish_data
    assert not grants.room_admin
    assert grants.may_publish(models.TrackSource.SCREEN_SHARE)


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "empty": (lambda: "", "signed"),
    "no JSON": (lambda: "a.b.c", "signed"),
    "not ASCII": (lambda: "é" * 50, "signed"),
    "too long": (lambda: "x" * (TOKEN_LIMIT_BYTES + 1), "too long"),
    "another secret": (lambda: sign(claims(), secret="another secret of at least 32 bytes"), "signed"),
    "another algorithm": (lambda: sign(claims(), alg="HS512"), "signed"),
    "another issuer": (lambda: sign(claims(iss="other")), "issuer"),
    "over": (lambda: sign(claims(exp=int(time.time()) - 60)), "expired"),
    "without an end": (lambda: sign({key: value for key, value in claims().items() if key != "exp"}), "expired"),
    "not yet": (lambda: sign(claims(nbf=int(time.time()) + 3000)), "not valid yet"),
    "too far off": (lambda: sign(claims(exp=int(time.time()) + 10 * 86400)), "more than"),
    "end in words": (lambda: sign(claims(exp="tomorrow")), "numbers"),
    "end a truth value": (lambda: sign(claims(exp=True)), "numbers"),
    "video a list": (lambda: sign(claims(video=[1])), "not an object"),
    "roomJoin a word": (lambda: sign(claims(video={"roomJoin": "yes"})), "roomJoin"),
    "room a number": (lambda: sign(claims(video={"room": 5})), "room"),
    "sources a number": (lambda: sign(claims(video={"canPublishSources": 5})), "wrong type"),
    "long sub": (lambda: sign(claims(sub="x" * 300)), "sub"),
    "large attributes": (lambda: sign(claims(attributes={"a": "x" * 5000})), "attributes"),
}
"""Tokens and why they are refused. Made when they are needed: one of an hour is over before a long run comes to it."""


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_with_a_reason(name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(TokenRefusedError, match=reason):
        TOKENS.read(make())


@given(st.text(max_size=200))
def test_any_text_is_refused_without_harm(text: str) -> None:
    with pytest.raises(TokenRefusedError):
        TOKENS.read(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 40), 1 << 40) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["sub", "name", "metadata", "attributes", "video", "exp", "nbf", "iat", "iss"]), JSON)
def test_any_signed_claim_is_understood_or_refused(name: str, value: Any) -> None:
    token = sign(claims(**{name: value}))
    try:
        understood = isinstance(TOKENS.read(token), Grants)
    except TokenRefusedError:
        understood = False
    assert understood in {True, False}


def test_a_renewed_token_grants_the_same() -> None:
    video = {"room": "r1", "roomJoin": True, "canPublish": False, "canPublishSources": ["camera"], "hidden": True}
    before = TOKENS.read(sign(claims(video=video, attributes={"a": "b"}, name="Ada")))
    after = TOKENS.read(TOKENS.renew(before))
    assert after == before


class Clock:
    def __init__(self) -> None:
        self.now = 1000.5

    def __call__(self) -> float:
        return self.now


def grants(issued_at: int, identity: str = "ada", room: str = "r1") -> Grants:
    return Grants(identity=identity, name="", metadata="", attributes={}, room=room, issued_at=issued_at)


def test_a_token_from_before_the_removal_is_denied_and_one_from_after_is_not() -> None:
    denials = Denials(3600, Clock())
    denials.add("r1", "ada")
    assert denials.denies(grants(999))
    assert denials.denies(grants(1000))
    assert denials.denies(grants(0))
    assert not denials.denies(grants(1001))
    assert not denials.denies(grants(999, identity="bea"))
    assert not denials.denies(grants(999, room="r2"))


def test_a_deleted_room_denies_everybody() -> None:
    denials = Denials(3600, Clock())
    denials.add("r1", None)
    assert denials.denies(grants(999, identity="anybody"))
    assert not denials.denies(grants(1001))


def test_a_removal_is_forgotten_when_no_token_from_before_can_be_valid() -> None:
    clock = Clock()
    denials = Denials(3600, clock)
    denials.add("r1", "ada")
    clock.now += 3600
    assert denials.denies(grants(999))
    clock.now += 1
    assert not denials.denies(grants(999))


def test_removals_are_bounded() -> None:
    denials = Denials(3600, Clock())
    for number in range(REMEMBERED + 10):
        denials.add("r1", str(number))
    assert len(denials._removed_at) == REMEMBERED
    assert denials.denies(grants(999, identity=str(REMEMBERED)))
