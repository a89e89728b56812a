# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""ID tokens that must not be believed."""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from fachwerk.core.identity.tokens import (
    LEEWAY_S,
    LOGOUT_EVENT,
    Expected,
    IdToken,
    TokenRefused,
    UnknownKey,
    check_id_token,
    check_logout_token,
)
from tests.core.identity.door import Browser, Door, on_sqlite, query_of
from tests.core.identity.lying import LyingProvider

NOW_S = 1_800_000_000
KEY = ECKey.generate_key("P-256", {"use": "sig", "kid": "k1"})
RSA = RSAKey.generate_key(2048, {"use": "sig", "kid": "k2"})
KEYS = KeySet([KEY, RSA])
EXPECTED = Expected("https://login.example", "fachwerk")
CLAIMS: Mapping[str, object] = {
    "iss": "https://login.example", "aud": "fachwerk", "sub": "ada", "nonce": "n-1",
    "iat": NOW_S, "exp": NOW_S + 300, "auth_time": NOW_S - 5,
}  # fmt: skip


def signed(changes: Mapping[str, object], **header: str) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({"alg": "ES256", "kid": "k1", **header}, claims, KEY)


def check(raw: str, expected: Expected = EXPECTED) -> IdToken:
    return check_id_token(raw, KEYS, expected, nonce="n-1", now_s=NOW_S)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["fachwerk"]},
        {"aud": ["fachwerk", "other"], "azp": "fachwerk"},
        {"exp": NOW_S - LEEWAY_S + 1},
        {"iat": NOW_S + LEEWAY_S},
        {"auth_time": NOW_S + LEEWAY_S},
        {"auth_time": NOW_S - 86_400 - LEEWAY_S},
        {"groups": ["/departments/R1"], "roles": ["admin"], "unknown": {"a": 1}},
    ],
)
def test_a_good_token_is_believed(changes: dict[str, object]) -> None:
    assert check(signed(changes)).sub == "ada"


def test_rsa_signatures_are_believed_too() -> None:
    for algorithm in ("RS256", "PS256"):
        raw = jwt.encode({"alg": algorithm, "kid": "k2"}, dict(CLAIMS), RSA, algorithms=[algorithm])
        assert check(raw).sub == "ada"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "claim-iss"),
        ({"iss": "https://login.example/"}, "claim-iss"),
        ({"iss": ["https://login.example"]}, "claim-iss"),
        ({"iss": None}, "claim-iss"),
        ({"aud": "other"}, "claim-aud"),
        ({"aud": []}, "claim-aud"),
        ({"aud": None}, "claim-aud"),
        ({"aud": ["fachwerk", "other"]}, "audience"),
        ({"aud": ["fachwerk", "other"], "azp": "other"}, "audience"),
        ({"azp": "other"}, "audience"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": NOW_S - LEEWAY_S}, "claim-exp"),
        ({"exp": None}, "claim-exp"),
        ({"exp": "soon"}, "claim-exp"),
        ({"exp": math.nan}, "claims"),
        ({"exp": True}, "claim-exp"),
        ({"iat": NOW_S + LEEWAY_S + 1}, "claim-iat"),
        ({"iat": None}, "claim-iat"),
        ({"nbf": NOW_S + LEEWAY_S + 1}, "claim-nbf"),
        ({"auth_time": None}, "claims"),
        ({"auth_time": NOW_S + LEEWAY_S + 1}, "auth-time"),
        ({"auth_time": 0}, "auth-time"),
        ({"auth_time": NOW_S - 86_400 - LEEWAY_S - 1}, "auth-time"),
        ({"sub": None}, "claim-sub"),
        ({"sub": 7}, "claim-sub"),
        ({"sub": "x" * 256}, "subject"),
        ({"roles": "admin"}, "claims"),
        ({"name": "Ada\x00"}, "claims"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        check(signed(changes))
    assert refused.value.reason == reason


def test_the_configured_acr_is_compared() -> None:
    expected = Expected("https://login.example", "fachwerk", acr=("mfa", "card"))
    for acr in ("mfa", "card"):
        assert check(signed({"acr": acr}), expected).acr == acr
    for weaker in ("basic", None):
        with pytest.raises(TokenRefused, match="acr"):
            check(signed({"acr": weaker}), expected)


def test_a_token_without_a_signature_is_refused() -> None:
    for algorithm in ("none", "None", "NONE"):
        for signature in ("", "AAAA"):
            raw = f"{part({'alg': algorithm, 'kid': 'k1'})}.{part(dict(CLAIMS))}.{signature}"
            with pytest.raises(TokenRefused, match="signature"):
                check(raw)


def test_the_public_key_is_no_shared_secret() -> None:
    for key in (KEY, RSA):
        for form in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
            secret = OctKey.import_key(base64.urlsafe_b64encode(form).decode())
            for secret_bytes in (form, secret.raw_value):
                raw = _hs256(secret_bytes, str(key.kid))
                with pytest.raises(TokenRefused, match="signature"):
                    check(raw)


def _hs256(secret: bytes, kid: str) -> str:
    body = f"{part({'alg': 'HS256', 'kid': kid})}.{part(dict(CLAIMS))}"
    tag = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


def test_a_foreign_key_of_the_same_name_is_refused() -> None:
    foreign = ECKey.generate_key("P-256", {"kid": "k1"})
    with pytest.raises(TokenRefused, match="signature"):
        check(jwt.encode({"alg": "ES256", "kid": "k1"}, dict(CLAIMS), foreign))


def test_a_key_brought_along_in_the_header_is_not_used() -> None:
    foreign = ECKey.generate_key("P-256")
    for header in ({"jwk": foreign.as_dict(private=False)}, {"jwk": foreign.as_dict(private=False), "kid": "k1"}):
        raw = jwt.encode({"alg": "ES256", **header}, dict(CLAIMS), foreign)
        with pytest.raises(TokenRefused):
            check(raw)


def test_an_unknown_key_is_told_apart() -> None:
    with pytest.raises(UnknownKey):
        check(signed({}, kid="k9"))


def test_an_id_token_of_a_refresh_needs_no_nonce_and_all_the_rest() -> None:
    assert check_id_token(signed({"nonce": None}), KEYS, EXPECTED, nonce=None, now_s=NOW_S).sub == "ada"
    with pytest.raises(TokenRefused, match="audience"):
        check_id_token(signed({"nonce": None, "azp": "other"}), KEYS, EXPECTED, nonce=None, now_s=NOW_S)


def test_a_logout_token_is_no_id_token() -> None:
    logout = {"events": {LOGOUT_EVENT: {}}, "jti": "1"}
    with pytest.raises(TokenRefused, match="type"):
        check(signed(logout, typ="logout+jwt"))
    bare = signed({**logout, "nonce": None, "auth_time": None})
    for nonce in ("n-1", None):
        with pytest.raises(TokenRefused, match="claims"):
            check_id_token(bare, KEYS, EXPECTED, nonce=nonce, now_s=NOW_S)
    with pytest.raises(TokenRefused, match="claims"):
        check_logout_token(signed({"jti": "1"}), KEYS, EXPECTED, now_s=NOW_S)


@given(st.one_of(st.text(max_size=60), st.builds("{}.{}.{}".format, st.text(), st.text(), st.text())))
def test_whatever_comes_is_refused_in_one_way(raw: str) -> None:
    with pytest.raises(TokenRefused):
        check(raw)


JSON = st.sampled_from(
    [None, True, 0, -1, 1 << 70, 0.5, math.nan, math.inf, -math.inf, "", "x", "\ud800", [], [1], ["x"], {}, {"x": 1}]
)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "azp", "acr", "sid", "name", "roles", "groups"]), JSON, max_size=3))
def test_signed_nonsense_is_refused_in_one_way(changes: dict[str, object]) -> None:
    raw = _es256({**CLAIMS, **changes})
    try:
        believed = check(raw)
    except TokenRefused:
        return
    assert believed.nonce == "n-1"


def _es256(claims: dict[str, object]) -> str:
    """Signed with our key, but without the library's checks of what is signed."""
    return jws.serialize_compact({"alg": "ES256", "kid": "k1"}, json.dumps(claims).encode(), KEY)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "zip", "enc"]), JSON, max_size=4))
def test_a_header_of_nonsense_is_refused_in_one_way(header: dict[str, object]) -> None:
    body = signed({}).split(".")
    with pytest.raises(TokenRefused):
        check(f"{part(header)}.{body[1]}.{body[2]}")


# ---- through the whole login


@on_sqlite
@pytest.mark.parametrize(
    "lies",
    [{"iss": "https://evil.example"}, {"aud": "other"}, {"nonce": "another"}, {"exp": 1_000_000}, {"auth_time": None}],
)
async def test_a_login_with_such_a_token_fails_softly(
    liar: LyingProvider, browser: Browser, lies: dict[str, object]
) -> None:
    liar.lies = lies
    response = await browser.get(await browser.callback_url())
    assert query_of(response.headers["location"]) == {"login": "failed", "reason": "token"}
    assert (await browser.me()).status_code == 401


async def test_a_login_with_an_unsigned_token_fails_softly(liar: LyingProvider, browser: Browser) -> None:
    liar.forge = lambda raw: f"{part({'alg': 'none'})}.{raw.split('.')[1]}."
    response = await browser.get(await browser.callback_url())
    assert query_of(response.headers["location"])["reason"] == "token"


async def test_new_keys_of_the_provider_are_learned(door: Door, liar: LyingProvider, browser: Browser) -> None:
    await browser.sign_in()
    liar.key = ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True)
    early = await browser.get(await browser.callback_url())
    assert query_of(early.headers["location"])["reason"] == "token", "keys were read a moment ago"
    door.clock.ahead_s = 6
    await browser.sign_in()
