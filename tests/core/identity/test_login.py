# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in through the demo provider, as a browser does it, and what must not lead to a session."""

from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from fachwerk.core.identity import IdentitySettings, Session
from fachwerk.core.identity.logins import LOGIN_MS, local_path
from fachwerk.core.identity.service import hashed
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.errors import Invalid
from tests.core.identity.door import Browser, Door, on_sqlite, open_door, query_of, with_query
from tests.core.identity.lying import LyingProvider


async def refused(browser: Browser, url: str) -> str:
    """Follow the provider's answer, expect no session; the reason that the start page is told."""
    response = await browser.get(url)
    assert response.status_code == 303, response.text
    where = response.headers["location"]
    assert where.startswith("/?login=failed&")
    assert "__Host-fachwerk" not in browser.cookies
    assert (await browser.me()).status_code == 401
    return query_of(where)["reason"]


# ---- the way in


async def test_a_person_signs_in_and_comes_back_to_where_they_wanted(browser: Browser) -> None:
    await browser.sign_in("ada", "/r/42?x=1#unten")
    me = (await browser.me()).json()
    assert me["person"]["name"] == "Ada Körner"
    assert me["roles"] == ["fachwerk-admin"]


async def test_who_signs_in_at_the_demo_provider_is_told_so(browser: Browser) -> None:
    await browser.sign_in()
    assert (await browser.me()).json()["demo"] is True


async def test_the_session_cookie_is_bound_to_this_host_and_hidden_from_scripts(browser: Browser) -> None:
    response = await browser.sign_in()
    cookie = browser.set_cookies["__Host-fachwerk"]
    assert (cookie["path"], cookie["domain"], cookie["samesite"], cookie["max-age"]) == ("/", "", "Lax", "43200")
    assert cookie["secure"]
    assert cookie["httponly"]
    assert len(cookie.value) == 43
    assert response.headers["cache-control"] == "no-store"
    login = browser.set_cookies["__Host-fachwerk-login"]
    assert (login["path"], login["samesite"], login["max-age"]) == ("/", "Lax", "600")
    assert login["secure"]
    assert login["httponly"]


async def test_the_cookie_s_value_is_not_in_the_database(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    async with door.database.read() as work:
        row = (await work.db.exec(select(Session))).one().model_dump()
        acts = {act.action for act in await work.db.exec(select(AuditRow))}
    assert row["token_hash"] == hashed(browser.cookies["__Host-fachwerk"])
    assert browser.cookies["__Host-fachwerk"] not in str(row)
    assert {"person.create", "session.begin"} <= acts


async def test_signing_in_again_gives_a_new_value_and_ends_the_old_session(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    old = browser.cookies["__Host-fachwerk"]
    door.delivered.clear()
    await browser.sign_in("bea")
    assert (await browser.me()).json()["person"]["name"] == "Bea Strauß"
    assert browser.cookies["__Host-fachwerk"] != old
    thief = door.browser()
    thief.cookies["__Host-fachwerk"] = old
    assert (await thief.me()).status_code == 401
    assert [body for _, body in door.delivered if b"session.ended" in body]


async def test_another_browser_keeps_its_session_when_one_signs_in(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    other = door.browser()
    await other.sign_in()
    assert (await browser.me()).status_code == (await other.me()).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "back"),
    [("/", "/?login=needed"), ("/r/1?x=2#m", "/r/1?x=2&login=needed#m"), ("/.//x", "/.//x?login=needed")],
)
async def test_a_silent_login_of_somebody_unknown_there_comes_back_without_a_word(
    browser: Browser, wanted: str, back: str
) -> None:
    begun = await browser.get("/auth/login?" + urlencode({"return": wanted, "prompt": "none"}))
    assert query_of(begun.headers["location"])["prompt"] == "none"
    answered = await browser.get(begun.headers["location"])
    assert (await browser.get(answered.headers["location"])).headers["location"] == back
    assert (await browser.me()).status_code == 401


async def test_two_tabs_of_a_browser_can_sign_in_at_the_same_time(browser: Browser) -> None:
    first = await browser.callback_url("ada", "/first")
    second = await browser.callback_url("ada", "/second")
    assert (await browser.get(first)).headers["location"] == "/first"
    assert (await browser.get(second)).headers["location"] == "/second"


async def test_a_changed_name_is_taken_over(door: Door, liar: LyingProvider, browser: Browser) -> None:
    await browser.sign_in()
    before = (await browser.me()).json()["person"]["id"]
    liar.lies = {"name": "  Ada \n von Körner "}
    await browser.sign_in()
    assert (await browser.me()).json()["person"] | {"department": ""} == {
        "id": before, "name": "Ada von Körner", "department": "", "active": True, "organisation": None, "guest": None,
    }  # fmt: skip


# ---- answers of the provider that are not for this browser, or not answers


async def test_a_wrong_state_is_refused(browser: Browser) -> None:
    assert await refused(browser, with_query(await browser.callback_url(), state="x" * 43)) == "state"


async def test_a_missing_state_is_refused(browser: Browser) -> None:
    assert await refused(browser, with_query(await browser.callback_url(), state=None)) == "state"


async def test_the_answer_is_refused_in_another_browser_and_still_good_in_the_right_one(
    door: Door, browser: Browser
) -> None:
    url = await browser.callback_url()
    stranger = door.browser()
    assert await refused(stranger, url) == "state"
    await stranger.authorize_url()  # has a cookie of its own now
    assert await refused(stranger, url) == "state"
    assert (await browser.get(url)).headers["location"] == "/"


async def test_an_answer_counts_once(door: Door, browser: Browser) -> None:
    url = await browser.callback_url()
    assert (await browser.get(url)).headers["location"] == "/"
    again = await browser.get(url)
    assert "reason=state" in again.headers["location"]
    assert (await browser.me()).status_code == 200, "the first session is not touched"


async def test_another_login_s_code_is_refused(door: Door, browser: Browser) -> None:
    """An attacker puts a stolen code into a login that they began themselves: PKCE and nonce do not fit."""
    stolen = query_of(await browser.callback_url())["code"]
    attacker = door.browser()
    own = await attacker.callback_url("bea")
    assert await refused(attacker, with_query(own, code=stolen)) == "code"


@on_sqlite
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"code": None}, "code"),
        ({"code": "x" * 5000}, "code"),
        ({"code": "unknown"}, "code"),
        ({"error": "access_denied"}, "denied"),
        ({"error": "server_error"}, "provider"),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused(
    browser: Browser, changes: dict[str, str | None], reason: str
) -> None:
    assert await refused(browser, with_query(await browser.callback_url(), **changes)) == reason


async def test_a_repeated_parameter_is_refused(browser: Browser) -> None:
    assert await refused(browser, await browser.callback_url() + "&code=again") == "repeated"


async def test_an_issuer_is_compared_even_if_it_was_not_announced(liar: LyingProvider, browser: Browser) -> None:
    liar.metadata_lies = {"authorization_response_iss_parameter_supported": False}
    assert await refused(browser, with_query(await browser.callback_url(), iss="https://evil.example")) == "issuer"
    response = await browser.get(with_query(await browser.callback_url(), iss=None))
    assert response.headers["location"] == "/"


async def test_a_login_does_not_wait_for_ever(door: Door, browser: Browser) -> None:
    url = await browser.callback_url()
    door.clock.ahead_s = LOGIN_MS / 1000
    assert await refused(browser, url) == "state"


async def test_a_weaker_sign_in_than_the_configured_one_is_refused(database_url: str) -> None:
    async with open_door(database_url, LyingProvider, IdentitySettings(acr="mfa")) as door:
        browser = door.browser()
        assert query_of(await browser.authorize_url())["acr_values"] == "mfa"
        assert isinstance(door.demo, LyingProvider)
        door.demo.lies = {"acr": "basic"}
        assert await refused(browser, await browser.callback_url()) == "acr"
        door.demo.lies = {}
        await browser.sign_in()


# ---- the provider is away or talks nonsense


async def test_a_provider_that_is_away_is_told_at_our_own_page(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    door.provider.issuer = "http://127.0.0.1:9/demo-idp"
    door.clock.ahead_s = 6  # nobody is sent to a provider that has not answered a moment ago
    assert await refused(door.browser(), "/auth/login") == "unavailable"
    assert (await browser.me()).status_code == 200, "who is signed in goes on working"
    door.clock.ahead_s = 3700  # what it said about itself is no longer believed
    assert (await browser.post("/api/v1/logout")).json() == {"redirect": None}
    assert (await browser.me()).status_code == 401


@on_sqlite
@pytest.mark.parametrize("lie", [{"issuer": "https://evil.example"}, {"token_endpoint": 7}])
async def test_a_description_that_makes_no_sense_is_none(
    liar: LyingProvider, browser: Browser, lie: dict[str, object]
) -> None:
    liar.metadata_lies = lie
    assert await refused(browser, "/auth/login") == "unavailable"


async def test_a_broken_token_endpoint_is_told_and_the_next_try_works(liar: LyingProvider, browser: Browser) -> None:
    url = await browser.callback_url()
    liar.broken = True
    assert await refused(browser, url) == "unavailable"
    liar.broken = False
    await browser.sign_in()


async def test_an_oversized_answer_of_the_provider_is_not_read(
    door: Door, liar: LyingProvider, browser: Browser
) -> None:
    liar.metadata_lies = {"padding": "x" * (1 << 21)}
    assert await refused(browser, "/auth/login") == "unavailable"


# ---- where a login may lead back to


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "", "evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "/a\\b",
        "https://evil.example", "https:/evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example",
        "/a\r\nSet-Cookie: x=y", " /", "/ x", "/\u00e4", "/\u2028", "/x\x00", "/x\n", "/" + "x" * 512,
    ],
)  # fmt: skip
async def test_a_login_never_leads_to_another_site(browser: Browser, path: str) -> None:
    response = await browser.http.get(browser.origin + "/auth/login", params={"return": path})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/return"


@pytest.mark.parametrize("path", ["/", "/r/1", "/r/1?x=%2F%2Fevil#m-2", "/.//x", "/@evil.example", "/?q=https://x/"])
def test_a_path_of_this_site_is_kept(path: str) -> None:
    assert local_path(path) == path


@given(st.text(alphabet="/\\:@?#.% \t\n\r\x0bab", max_size=12))
def test_whatever_passes_stays_on_this_host(path: str) -> None:
    try:
        passed = local_path("/" + path)
    except Invalid:
        return
    stripped = passed.translate({9: None, 10: None, 13: None}).replace("\\", "/")  # as browsers read it
    assert urlsplit(urljoin("https://fachwerk.example/auth/callback", stripped)).netloc == "fachwerk.example"


def test_an_issuer_without_encryption_is_for_loopback_only() -> None:
    for issuer in ("http://login.example", "ftp://127.0.0.1", "http://127.0.0.1.evil.example"):
        with pytest.raises(ValueError, match="https"):
            IdentitySettings(issuer=issuer)
    for allowed in ("https://login.example/realms/x", "http://127.0.0.1:8080/realms/x", "http://[::1]:1", None):
        assert IdentitySettings(issuer=allowed).issuer == allowed
