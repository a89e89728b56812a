# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Real Keycloak: sign-ins that are asked for again, in stages of strength, and from two realms."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from keycloak import KeycloakAdmin

from fachwerk.adapters.idp_keycloak_setup import set_up
from fachwerk.core.identity import IdentitySettings, Provider
from fachwerk.core.identity.holding import ask_again
from fachwerk.kernel.clock import SystemClock
from tests.adapters.ministry import identity_settings, wanted
from tests.core.identity.door import PASSWORD, Browser, Door, on_sqlite, open_door, query_of
from tests.core.identity.test_login import refused
from tests.stack.component import Keycloak

pytestmark = [pytest.mark.anyio, on_sqlite]

NAME = "nachbarn"
TOTP_SECRET = secrets.token_bytes(20)
SETTINGS = IdentitySettings(acr_order=("basic", "mfa"), step_up={"session.end": "mfa"})


def account(login: str, **more: Any) -> dict[str, Any]:
    names = {"firstName": login.title(), "lastName": "Beispiel", "email": f"{login}@x.example"}
    password = {"type": "password", "value": PASSWORD, "temporary": False}
    return {"username": login, "enabled": True, **names, "credentials": [password, *more.pop("also", [])], **more}


def new_realm(keycloak: Keycloak, folder: Path) -> KeycloakAdmin:
    """A realm as `idp setup` makes it, with a department and somebody in it."""
    realm = keycloak.realm(f"h{uuid.uuid4().hex[:12]}")
    identity_settings(folder, keycloak.address)
    set_up(realm, wanted("http://127.0.0.1:1", folder, []))
    for name in ("R1", "R2"):
        realm.create_group({"name": name}, parent=realm.get_group_by_path("/departments")["id"])
    realm.create_user(account("ada", groups=["/departments/R1"]))
    return realm


def change(realm: KeycloakAdmin, settings: dict[str, Any]) -> None:
    name = realm.connection.realm_name
    assert name
    realm.update_realm(name, settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, folder: Path) -> KeycloakAdmin:
    return new_realm(keycloak, folder)


@pytest.fixture(scope="module")
def other_realm(keycloak: Keycloak, folder: Path) -> KeycloakAdmin:
    return new_realm(keycloak, folder)


@pytest.fixture
async def door(
    database_url: str, keycloak: Keycloak, realm: KeycloakAdmin, other_realm: KeycloakAdmin, folder: Path
) -> AsyncIterator[Door]:
    def client(of: KeycloakAdmin, origin: str, clock: SystemClock, name: str = "") -> Provider:
        chosen = wanted(origin, folder, [])
        set_up(of, chosen)
        if name:
            known = of.get_client_id(chosen.client_id)
            assert known
            of.update_client(known, {"redirectUris": [f"{origin}/auth/callback/{name}"]})
        issuer = f"{keycloak.address}/realms/{of.connection.realm_name}"
        return Provider(
            issuer=issuer,
            client_id=chosen.client_id,
            client_secret=chosen.client_secret,
            origin=origin,
            clock=clock,
            name=name,
        )

    def elsewhere(origin: str, clock: SystemClock) -> Provider:
        return client(realm, origin, clock)

    def further(origin: str, clock: SystemClock) -> Mapping[str, Provider]:
        return {NAME: client(other_realm, origin, clock, NAME)}

    async with open_door(database_url, settings=SETTINGS, elsewhere=elsewhere, further=further) as door:
        yield door


@pytest.fixture
def browser(door: Door) -> Browser:
    return door.browser()


async def is_in(browser: Browser) -> bool:
    return (await browser.me()).status_code == 200


async def later(door: Door) -> None:
    door.clock.ahead_s += 1
    async with door.database.work() as work:
        connection = await work.db.connection()
        await connection.exec_driver_sql("UPDATE session SET asked_ms = 0")
    await ask_again(door.context, {})


# ---- does the sign-in still hold?


async def test_who_works_on_stays_in(door: Door, browser: Browser) -> None:
    await browser.sign_in("ada")
    for _ in range(3):
        await later(door)
    assert await is_in(browser)


async def test_who_is_disabled_is_out_although_nobody_reads_the_list(
    door: Door, browser: Browser, realm: KeycloakAdmin
) -> None:
    subject = realm.create_user(account(login := f"bea{uuid.uuid4().hex[:6]}"))
    await browser.sign_in(login)
    await asyncio.to_thread(realm.update_user, subject, {"enabled": False})
    await later(door)
    assert not await is_in(browser)


async def test_who_is_signed_out_there_without_a_word_to_us_is_out(
    door: Door, browser: Browser, realm: KeycloakAdmin
) -> None:
    await browser.sign_in("ada")
    client = realm.get_client_id("fachwerk")
    assert client
    realm.update_client(client, {"attributes": {"backchannel.logout.url": ""}})
    subject = realm.get_user_id("ada")
    assert subject
    await asyncio.to_thread(realm.user_logout, subject)
    assert await is_in(browser), "nobody told us"
    await later(door)
    assert not await is_in(browser)


async def test_a_refresh_token_of_one_use_survives_twenty_workers(
    door: Door, browser: Browser, realm: KeycloakAdmin
) -> None:
    """Keycloak ends the whole session when such a token comes a second time."""
    change(realm, {"revokeRefreshToken": True, "refreshTokenMaxReuse": 0})
    try:
        await browser.sign_in("ada")
        for _ in range(2):
            async with door.database.work() as work:
                connection = await work.db.connection()
                await connection.exec_driver_sql("UPDATE session SET asked_ms = 0")
            await asyncio.gather(*(ask_again(door.context, {}) for _ in range(20)))
            assert await is_in(browser)
    finally:
        change(realm, {"revokeRefreshToken": False})


# ---- two realms


async def test_the_same_login_in_another_realm_is_somebody_else(
    door: Door, browser: Browser, other_realm: KeycloakAdmin
) -> None:
    neighbour = door.browser()
    await browser.sign_in("ada")
    await neighbour.sign_in("ada", provider=NAME)
    here, there = (await browser.me()).json(), (await neighbour.me()).json()
    assert here["person"]["id"] != there["person"]["id"]
    subject = other_realm.get_user_id("ada")
    assert subject
    group = other_realm.get_group_by_path("/departments/R2")["id"]
    await asyncio.to_thread(other_realm.group_user_add, subject, group)
    await later(door)
    assert [one["short"] for one in (await neighbour.me()).json()["departments"]] == ["R1", "R2"]
    assert [one["short"] for one in (await browser.me()).json()["departments"]] == ["R1"]


async def test_an_answer_of_one_realm_is_none_of_the_other(browser: Browser) -> None:
    url = await browser.callback_url("ada", provider=NAME)
    assert await refused(browser, url.replace(f"/auth/callback/{NAME}", "/auth/callback")) == "issuer"


# ---- stages of strength


def totp() -> str:
    """RFC 6238 with the usual 30 s and six digits."""
    counter = int(time.time()) // 30
    digest = hmac.digest(TOTP_SECRET, counter.to_bytes(8, "big"), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture(scope="module")
def staged(realm: KeycloakAdmin) -> KeycloakAdmin:
    """The realm asks for a password, and for a one-time code where `mfa` is wished for."""
    base = f"admin/realms/{realm.connection.realm_name}/authentication"

    def post(path: str, body: dict[str, Any]) -> None:
        answer = realm.connection.raw_post(base + path, data=json.dumps(body))
        assert answer.status_code < 300, answer.text

    def flow(into: str, alias: str) -> None:
        body = {"alias": alias, "type": "basic-flow", "provider": "registration-page-form"}
        post(f"/flows/{into}/executions/flow", body)

    post("/flows", {"alias": "stages", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    post("/flows/stages/executions/execution", {"provider": "auth-cookie"})
    flow("stages", "stages-forms")
    for stage, form in (("one", "auth-username-password-form"), ("two", "auth-otp-form")):
        flow("stages-forms", f"stage-{stage}")
        post(f"/flows/stage-{stage}/executions/execution", {"provider": "conditional-level-of-authentication"})
        post(f"/flows/stage-{stage}/executions/execution", {"provider": form})
    levels = iter((("1", "36000"), ("2", "300")))
    for execution in realm.get_authentication_flow_executions("stages"):
        is_condition = execution.get("providerId") == "conditional-level-of-authentication"
        name = execution["displayName"]
        execution["requirement"] = (
            "ALTERNATIVE"
            if execution.get("providerId") == "auth-cookie" or name == "stages-forms"
            else ("CONDITIONAL" if name.startswith("stage-") else "REQUIRED")
        )
        realm.update_authentication_flow_executions(execution, "stages")
        if is_condition:
            level, age = next(levels)
            config = {"loa-condition-level": level, "loa-max-age": age}
            post(f"/executions/{execution['id']}/config", {"alias": f"level {level}", "config": config})
    mapping = json.dumps({"basic": 1, "mfa": 2})
    change(realm, {"browserFlow": "stages", "attributes": {"acr.loa.map": mapping}})
    code = {
        "type": "otp",
        "secretData": json.dumps({"value": base64.b32encode(TOTP_SECRET).decode()}),
        "credentialData": json.dumps(
            {
                "subType": "totp",
                "digits": 6,
                "period": 30,
                "algorithm": "HmacSHA1",
                "counter": 0,
                "secretEncoding": "BASE32",
            }
        ),
    }
    realm.create_user(account("otto", also=[code]))
    return realm


async def test_a_second_factor_is_asked_for_where_it_is_needed(
    door: Door, browser: Browser, staged: KeycloakAdmin
) -> None:
    await browser.sign_in("otto")
    (session,) = (await browser.get("/api/v1/me/sessions")).json()["items"]
    headers = {"Origin": browser.origin}
    weak = await browser._send("DELETE", f"/api/v1/me/sessions/{session['id']}", headers=headers)
    assert (weak.status_code, weak.json()["data"]) == (403, {"acr": "mfa"})
    asked = await browser.get(await browser.authorize_url(acr="mfa"))
    assert 'name="otp"' in asked.text, "the password is not asked for again"
    answered = await browser.fill_in(asked, otp=totp())
    back = await browser.get(answered.headers["location"])
    assert back.headers["location"] == "/"
    (session,) = (await browser.get("/api/v1/me/sessions")).json()["items"]
    strong = await browser._send("DELETE", f"/api/v1/me/sessions/{session['id']}", headers=headers)
    assert strong.status_code == 204


async def test_who_has_no_second_factor_does_not_get_by(door: Door, browser: Browser, staged: KeycloakAdmin) -> None:
    await browser.sign_in("ada")
    asked = await browser.get(await browser.authorize_url(acr="mfa"))
    assert "/auth/callback" not in str(asked.headers.get("location", "")), "Keycloak wants one set up first"
    (session,) = (await browser.get("/api/v1/me/sessions")).json()["items"]
    weak = await browser._send("DELETE", f"/api/v1/me/sessions/{session['id']}", headers={"Origin": browser.origin})
    assert weak.status_code == 403
    assert query_of(await browser.authorize_url(acr="mfa"))["acr_values"] == "mfa"
