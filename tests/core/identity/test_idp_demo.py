# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The demo provider keeps to itself and to the rules."""

import base64
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fachwerk.adapters.idp_demo import DemoPerson, DemoProvider
from fachwerk.adapters.idp_demo_page import login_page
from tests.core.identity.door import PASSWORD, PEOPLE, Browser, Door, TurnedClock, query_of, with_query

CLIENT = base64.b64encode(b"fachwerk:geheim-fuer-den-test").decode()
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One store is enough here: the provider keeps nothing in it."""
    return f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'fachwerk.db')}"


def provider(origin: str, bind: str, password: str = PASSWORD) -> DemoProvider:
    return DemoProvider(origin, bind, "fachwerk", "geheim", password, PEOPLE, TurnedClock())


@pytest.mark.parametrize(
    ("origin", "bind"),
    [
        ("http://127.0.0.1:8480", "0.0.0.0"),  # noqa: S104 -- what must be refused
        ("http://127.0.0.1:8480", "::"),
        ("http://127.0.0.1:8480", "10.0.0.1"),
        ("http://127.0.0.1:8480", ""),
        ("https://fachwerk.example", "127.0.0.1"),
        ("http://127.0.0.1.evil.example:8480", "127.0.0.1"),
        ("http://localhost.evil.example", "127.0.0.1"),
    ],
)
def test_it_refuses_to_be_reachable_from_elsewhere(origin: str, bind: str) -> None:
    with pytest.raises(SystemExit, match="this machine only"):
        provider(origin, bind)


@pytest.mark.parametrize(
    ("origin", "bind"),
    [("http://127.0.0.1:8480", "127.0.0.1"), ("http://localhost:1", "localhost"), ("http://[::1]:8480", "::1")],
)
def test_it_serves_this_machine(origin: str, bind: str) -> None:
    assert provider(origin, bind).issuer == origin + "/demo-idp"


def test_it_refuses_to_go_without_a_password() -> None:
    with pytest.raises(SystemExit, match="password"):
        provider("http://127.0.0.1:1", "127.0.0.1", "")


# ---- the form


async def test_the_form_is_german_and_runs_nothing(browser: Browser) -> None:
    page = await browser.get(await browser.authorize_url())
    assert '<html lang="de">' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert PASSWORD not in page.text
    style = await browser.get("/demo-idp/style.css")
    assert style.headers["content-type"].startswith("text/css")


def test_names_are_text_and_nothing_else() -> None:
    evil = '"><script>alert(1)</script>'
    page = login_page("/demo-idp", f"/a?{evil}", [(evil, evil, evil)], evil, error=evil)
    assert "<script" not in bytes(page.body).decode()


@pytest.mark.parametrize("changes", [{"client_id": "other"}, {"redirect_uri": "https://evil.example/cb"}])
async def test_an_unknown_client_is_never_led_back_to(browser: Browser, changes: Mapping[str, str]) -> None:
    response = await browser.get(with_query(await browser.authorize_url(), **changes))
    assert response.status_code == 400
    assert "location" not in response.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_what_it_does_not_do_is_said_in_the_answer(
    door: Door, browser: Browser, changes: Mapping[str, str | None], error: str
) -> None:
    url = await browser.authorize_url()
    response = await browser.get(with_query(url, **changes))
    answer = query_of(response.headers["location"])
    assert answer == {"error": error, "state": query_of(url)["state"], "iss": door.demo.issuer}


async def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    url = await browser.authorize_url()
    fields = {"person": "ada", "password": PASSWORD, "csrf": "made-up"}
    assert (await browser.post(url, data=fields)).status_code == 403
    browser.cookies["__Host-demo-idp"] = ""
    assert (await browser.post(url, data={**fields, "csrf": ""})).status_code == 403
    assert browser.set_cookies["__Host-demo-idp"]["samesite"] == "Strict"


@pytest.mark.parametrize("who", ["ada", "nobody", ""])
async def test_a_wrong_password_is_told_without_saying_which_part(browser: Browser, who: str) -> None:
    response = await browser.at_provider(await browser.authorize_url(), who, "falsch" if who == "ada" else PASSWORD)
    assert response.status_code == 401
    assert 'role="alert"' in response.text
    assert "Person oder Kennwort stimmt nicht." in response.text


async def test_guessing_is_slow(door: Door, browser: Browser) -> None:
    url = await browser.authorize_url()
    for _ in range(10):
        assert (await browser.at_provider(url, "ada", "falsch")).status_code == 401
    blocked = await browser.at_provider(url)
    assert blocked.status_code == 429
    assert blocked.headers["retry-after"] == "60"
    door.clock.ahead_s = 60
    assert (await browser.at_provider(url)).status_code == 303


async def test_a_long_form_is_not_read(browser: Browser) -> None:
    response = await browser.post(await browser.authorize_url(), content=b"x" * 100_000)
    assert response.status_code == 403


# ---- codes


async def redeemed(browser: Browser, url: str, *, basic: str = CLIENT, **changes: str) -> int:
    fields = {
        "grant_type": "authorization_code",
        "code": query_of(url)["code"],
        "redirect_uri": browser.origin + "/auth/callback",
        "code_verifier": "v" * 43,
    }
    headers = {"Authorization": f"Basic {basic}"} if basic else {}
    response = await browser.http.post(browser.origin + "/demo-idp/token", data={**fields, **changes}, headers=headers)
    return response.status_code


async def code_url(browser: Browser) -> str:
    """An answer whose code belongs to the verifier "vvv..."."""
    url = with_query(await browser.authorize_url(), code_challenge=CHALLENGE)
    return str((await browser.at_provider(url)).headers["location"])


async def test_a_code_is_good_once(browser: Browser) -> None:
    url = await code_url(browser)
    assert [await redeemed(browser, url) for _ in range(2)] == [200, 400]


async def test_a_code_is_good_for_a_minute(door: Door, browser: Browser) -> None:
    url = await code_url(browser)
    door.clock.ahead_s = 61
    assert await redeemed(browser, url) == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"basic": "", "client_id": "fachwerk", "client_secret": "geheim-fuer-den-test"}, 200),
        ({"code_verifier": "w" * 43}, 400),
        ({"code_verifier": ""}, 400),
        ({"redirect_uri": "https://evil.example/cb"}, 400),
        ({"grant_type": "password"}, 400),
        ({"code": "unknown"}, 400),
        ({"basic": base64.b64encode(b"fachwerk:wrong").decode()}, 401),
        ({"basic": base64.b64encode(b"other:geheim-fuer-den-test").decode()}, 401),
        ({"basic": "%%%"}, 401),
        ({"basic": "/w=="}, 401),
        ({"basic": ""}, 401),
    ],
)
async def test_a_code_is_given_to_our_client_with_its_verifier(
    browser: Browser, changes: dict[str, str], status: int
) -> None:
    assert await redeemed(browser, await code_url(browser), **changes) == status


async def test_the_bearer_of_a_token_learns_who_they_are(door: Door, browser: Browser) -> None:
    url = await code_url(browser)
    fields = {
        "grant_type": "authorization_code", "code": query_of(url)["code"], "code_verifier": "v" * 43,
        "redirect_uri": browser.origin + "/auth/callback",
    }  # fmt: skip
    answer = await browser.http.post(
        door.demo.issuer + "/token", data=fields, headers={"Authorization": f"Basic {CLIENT}"}
    )
    token = answer.json()["access_token"]

    async def ask(authorization: str) -> int:
        response = await browser.http.get(door.demo.issuer + "/userinfo", headers={"Authorization": authorization})
        return response.status_code

    assert [await ask(f"Bearer {token}"), await ask(f"Basic {token}"), await ask("Bearer x"), await ask("")] == [
        200, 401, 401, 401,
    ]  # fmt: skip
    door.clock.ahead_s = 301
    assert await ask(f"Bearer {token}") == 401


async def test_signing_out_leads_home_or_nowhere(door: Door, browser: Browser) -> None:
    home = await browser.get("/demo-idp/logout?post_logout_redirect_uri=" + door.origin + "/")
    assert home.headers["location"] == door.origin + "/"
    for elsewhere in ("https://evil.example/", door.origin + "/other", ""):
        response = await browser.get("/demo-idp/logout?post_logout_redirect_uri=" + elsewhere)
        assert response.status_code == 200
        assert "Abgemeldet" in response.text


def test_a_person_may_have_no_address() -> None:
    person = DemoPerson("x", "X")
    assert "email" not in provider("http://localhost:1", "::1").claims(person, None)
    assert "email" in provider("http://localhost:1", "::1").claims(replace(person, email="x@y.example"), None)
