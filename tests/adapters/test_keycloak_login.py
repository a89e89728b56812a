# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in through a real Keycloak: the statements of the demo provider's suite, and what only Keycloak does."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from keycloak import KeycloakAdmin

from fachwerk.adapters.idp_keycloak_setup import set_up
from fachwerk.core.identity import IdentitySettings, Provider
from fachwerk.kernel.clock import SystemClock
from tests.adapters.ministry import becomes, identity_settings, wanted
from tests.core.identity.door import PASSWORD, Browser, Door, on_sqlite, open_door, query_of, with_query
from tests.core.identity.test_login import (
    refused,
    test_a_missing_state_is_refused,
    test_a_person_signs_in_and_comes_back_to_where_they_wanted,
    test_a_repeated_parameter_is_refused,
    test_a_silent_login_of_somebody_unknown_there_comes_back_without_a_word,
    test_a_wrong_state_is_refused,
    test_an_answer_counts_once,
    test_another_login_s_code_is_refused,
    test_the_answer_is_refused_in_another_browser_and_still_good_in_the_right_one,
    test_the_cookie_s_value_is_not_in_the_database,
    test_the_session_cookie_is_bound_to_this_host_and_hidden_from_scripts,
)
from tests.core.identity.test_sessions import test_a_foreign_page_cannot_sign_anybody_out
from tests.stack.component import Keycloak

pytestmark = [pytest.mark.anyio, on_sqlite]  # both databases are tried with the demo provider

__all__ = [  # the same tests, whose door leads to Keycloak here
    "test_a_foreign_page_cannot_sign_anybody_out",
    "test_a_missing_state_is_refused",
    "test_a_person_signs_in_and_comes_back_to_where_they_wanted",
    "test_a_repeated_parameter_is_refused",
    "test_a_silent_login_of_somebody_unknown_there_comes_back_without_a_word",
    "test_a_wrong_state_is_refused",
    "test_an_answer_counts_once",
    "test_another_login_s_code_is_refused",
    "test_the_answer_is_refused_in_another_browser_and_still_good_in_the_right_one",
    "test_the_cookie_s_value_is_not_in_the_database",
    "test_the_session_cookie_is_bound_to_this_host_and_hidden_from_scripts",
]

ACCOUNTS = (("ada", "Ada", "Körner", "/departments/R1"), ("bea", "Bea", "Strauß", "/departments/R2"))


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> KeycloakAdmin:
    """A realm for the tests of this module, with two people; each test corrects the addresses of its client."""
    realm = keycloak.realm(f"l{uuid.uuid4().hex[:12]}")
    folder = tmp_path_factory.mktemp("secrets")
    identity_settings(folder, keycloak.address)
    set_up(realm, wanted("http://127.0.0.1:1", folder, []))
    for name, first, last, group in ACCOUNTS:
        realm.create_group({"name": group.rpartition("/")[2]}, parent=realm.get_group_by_path("/departments")["id"])
        account = {
            "username": name,
            "enabled": True,
            "firstName": first,
            "lastName": last,
            "email": f"{name}@x.example",
        }
        person = realm.create_user(
            account | {"credentials": [{"type": "password", "value": PASSWORD}], "groups": [group]}
        )
        if name == "ada":
            realm.assign_realm_roles(person, [realm.get_realm_role("fachwerk-admin")])
    return realm


@pytest.fixture(params=[None])
def acr(request: pytest.FixtureRequest) -> str | None:
    """The acr that the settings ask for."""
    found: str | None = request.param
    return found


@pytest.fixture
async def door(
    database_url: str, keycloak: Keycloak, realm: KeycloakAdmin, tmp_path: Path, acr: str | None
) -> AsyncIterator[Door]:
    issuer = f"{keycloak.address}/realms/{realm.connection.realm_name}"
    identity_settings(tmp_path, issuer)
    settings = wanted("", tmp_path, [])

    def elsewhere(origin: str, clock: SystemClock) -> Provider:
        set_up(realm, wanted(origin, tmp_path, []))
        return Provider(
            issuer=issuer,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            origin=origin,
            clock=clock,
            acr=(acr,) if acr else (),
        )

    async with open_door(database_url, settings=IdentitySettings(acr=acr), elsewhere=elsewhere) as door:
        yield door


@pytest.fixture
def browser(door: Door) -> Browser:
    return door.browser()


async def test_name_departments_and_roles_are_keycloak_s(browser: Browser) -> None:
    await browser.sign_in("bea")
    me = (await browser.me()).json()
    assert (me["person"]["name"], me["roles"]) == ("Bea Strauß", [])
    assert [d["short"] for d in me["departments"]] == ["R2"]


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
async def test_a_mixed_up_issuer_is_refused(browser: Browser, issuer: str | None) -> None:
    assert await refused(browser, with_query(await browser.callback_url(), iss=issuer)) == "issuer"


async def test_keycloak_insists_on_pkce_and_on_our_address(browser: Browser) -> None:
    url = await browser.authorize_url()
    answer = await browser.get(with_query(url, code_challenge=None, code_challenge_method=None))
    assert query_of(answer.headers["location"])["error"] == "invalid_request"
    plain = await browser.get(with_query(url, code_challenge_method="plain"))
    assert query_of(plain.headers["location"])["error"] == "invalid_request"
    assert (await browser.get(with_query(url, redirect_uri="https://evil.example/auth/callback"))).status_code == 400


@pytest.mark.parametrize("acr", ["mfa"], indirect=True)
async def test_a_weaker_sign_in_than_wished_for_is_refused_here(browser: Browser, acr: str) -> None:
    """For Keycloak the wish is none of its business: it answers as if nothing had been asked."""
    assert query_of(await browser.authorize_url())["acr_values"] == acr
    assert await refused(browser, await browser.callback_url()) == "acr"


async def test_who_is_signed_in_there_comes_in_silently(browser: Browser) -> None:
    await browser.sign_in()
    browser.cookies.pop("__Host-fachwerk")
    assert (await browser.me()).status_code == 401
    begun = await browser.get("/auth/login?prompt=none")
    answered = await browser.get(begun.headers["location"])
    assert (await browser.get(answered.headers["location"])).headers["location"] == "/"
    assert (await browser.me()).status_code == 200


async def test_signing_out_here_signs_out_there(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    there = (await browser.post("/api/v1/logout")).json()["redirect"]
    back = await browser.get(there)
    assert back.headers["location"].rstrip("/") == door.origin
    assert (await browser.get(await browser.authorize_url())).status_code == 200, "Keycloak asks for the password again"


async def test_a_logout_token_is_obeyed_once_and_an_id_token_is_none(
    door: Door, browser: Browser, realm: KeycloakAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str] = []
    believe = Provider.logout_token

    async def note(provider: Provider, raw: str) -> object:
        tokens.append(raw)
        return await believe(provider, raw)

    monkeypatch.setattr(Provider, "logout_token", note)
    await browser.sign_in()
    subject = realm.get_user_id("ada")
    assert subject
    await asyncio.to_thread(realm.user_logout, subject)

    async def out() -> bool:
        return (await browser.me()).status_code == 401

    await becomes("logout -> API refuses", out, time.monotonic())
    await browser.sign_in()
    for token in (tokens[0], id_token(there := (await browser.post("/api/v1/logout")).json()["redirect"])):
        response = await browser.http.post(door.origin + "/auth/backchannel-logout", data={"logout_token": token})
        assert response.status_code == 400
        assert response.json()["type"] == "urn:fachwerk:problem:logout-token-refused"
    assert urlsplit(there).path.endswith("/logout")


def id_token(url: str) -> str:
    return query_of(url)["id_token_hint"]
