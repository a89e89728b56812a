# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How long a session lasts and what ends it."""

import msgspec
import pytest
from sqlmodel import select

from fachwerk.core import identity
from fachwerk.core.identity import Person, Session
from fachwerk.core.identity.jobs import sweep
from fachwerk.core.identity.tokens import LOGOUT_EVENT
from tests.core.identity.door import Browser, Door, on_sqlite, query_of
from tests.core.identity.lying import LyingProvider

HOUR_S = 3600


async def used_ms(door: Door) -> int:
    async with door.database.read() as work:
        return (await work.db.exec(select(Session.used_ms))).one()


def ended(door: Door) -> list[tuple[str, str]]:
    """(audience, session id) of every end that was told."""
    told = [(audience, msgspec.json.decode(body)) for audience, body in door.delivered]
    return [(audience, event["session_id"]) for audience, event in told if event["kind"] == "session.ended"]


async def of_session(door: Door) -> tuple[str, str]:
    async with door.database.read() as work:
        session = (await work.db.exec(select(Session))).one()
        return f"user:{session.person_id}", session.id


# ---- time


async def test_an_unused_session_ends(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    door.clock.ahead_s = 4 * HOUR_S - 60
    assert (await browser.me()).status_code == 200
    door.clock.ahead_s += 4 * HOUR_S
    response = await browser.me()
    assert response.status_code == 401
    assert response.json()["type"] == "urn:fachwerk:problem:not-signed-in"


async def test_even_a_session_in_use_ends(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    for hour in range(1, 12):
        door.clock.ahead_s = hour * HOUR_S
        assert (await browser.me()).status_code == 200
    door.clock.ahead_s = 12 * HOUR_S
    assert (await browser.me()).status_code == 401


async def test_use_is_written_down_once_a_minute(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    first = await used_ms(door)
    door.clock.ahead_s = 50
    await browser.me()
    assert await used_ms(door) == first
    door.clock.ahead_s = 70
    await browser.me()
    second = await used_ms(door)
    assert second - first >= 60_000
    await browser.me()
    assert await used_ms(door) == second


async def test_the_sweep_closes_what_is_over_and_nothing_else(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    session = await of_session(door)
    await browser.authorize_url()
    async with door.database.work() as work:
        await sweep(work, {})
    assert ended(door) == []
    door.clock.ahead_s = 13 * HOUR_S
    async with door.database.work() as work:
        await sweep(work, {})
    assert ended(door) == [session]


# ---- people


async def test_an_inactive_person_is_out_at_once_and_cannot_come_back(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    async with door.database.work() as work:
        person = (await work.db.exec(select(Person))).one()
        person.active = False
        work.db.add(person)
    assert (await browser.me()).status_code == 401
    response = await browser.get(await browser.callback_url())
    assert query_of(response.headers["location"]) == {"login": "failed", "reason": "inactive"}
    assert (await browser.me()).status_code == 401


async def test_all_sessions_of_a_person_can_be_ended(door: Door, browser: Browser) -> None:
    other, stranger = door.browser(), door.browser()
    for one, who in ((browser, "ada"), (other, "ada"), (stranger, "bea")):
        await one.sign_in(who)
    ada = (await browser.me()).json()["person"]["id"]
    async with door.database.work() as work:
        sessions = {session.id: session.person_id for session in await work.db.exec(select(Session))}
        assert await identity.still_valid(work, set(sessions)) == set(sessions)
        assert await identity.end_sessions(work, ada) == 2
        assert await identity.still_valid(work, set(sessions)) == {s for s, who in sessions.items() if who != ada}
        assert await identity.still_valid(work, []) == set()
    assert sorted(ended(door)) == sorted((f"user:{ada}", s) for s, who in sessions.items() if who == ada)
    assert [(await one.me()).status_code for one in (browser, other, stranger)] == [401, 401, 200]


async def test_people_are_found_by_id_in_order_of_name(door: Door, browser: Browser) -> None:
    async with door.database.work() as work:
        zoe = await identity.upsert_person(work, "demo", "zoe", "Zoë", None, [])
        abel = await identity.upsert_person(work, "demo", "abel", "Äbel", None, [])
        assert [p.id for p in await identity.people(work, [zoe.id, abel.id, "nobody"])] == [abel.id, zoe.id]
        assert await identity.people(work, []) == []
        assert await identity.person(work, "nobody") is None
        assert (await identity.upsert_person(work, "elsewhere", "zoe", "Zoë", None, [])).id != zoe.id


# ---- cookies


@on_sqlite
@pytest.mark.parametrize("value", ["", "x", "x" * 129, "x" * 10_000, "' OR 1=1 --", "\u00e4"])
async def test_a_made_up_cookie_is_nobody_s(browser: Browser, value: str) -> None:
    response = await browser.http.get(
        browser.origin + "/api/v1/me", headers=[(b"Cookie", f"__Host-fachwerk={value}".encode("latin-1"))]
    )
    assert response.status_code == 401


# ---- signing out


async def test_signing_out_ends_the_session_here_and_at_the_provider(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    session, value = await of_session(door), browser.cookies["__Host-fachwerk"]
    response = await browser.post("/api/v1/logout")
    assert response.status_code == 200
    assert "__Host-fachwerk" not in browser.cookies
    assert ended(door) == [session]
    browser.cookies["__Host-fachwerk"] = value
    assert (await browser.me()).status_code == 401
    there = await browser.get(response.json()["redirect"])
    assert there.headers["location"] == door.origin + "/"
    assert set(query_of(response.json()["redirect"])) == {"client_id", "post_logout_redirect_uri", "id_token_hint"}


async def test_a_foreign_page_cannot_sign_anybody_out(browser: Browser) -> None:
    await browser.sign_in()
    assert (await browser.post("/api/v1/logout", origin="https://evil.example")).status_code == 403
    assert (await browser.me()).status_code == 200


# ---- the provider signs somebody out


def logout_token(liar: LyingProvider, **claims: object) -> str:
    base: dict[str, object] = {"jti": "1", "events": {LOGOUT_EVENT: {}}, "sid": None}
    liar.lies = {**base, **claims}
    token = liar.sign(liar.claims(liar.people[0], None))
    liar.lies = {}
    return token


async def test_the_provider_ends_one_session(door: Door, liar: LyingProvider, browser: Browser) -> None:
    liar.lies = {"sid": "there-1"}
    await browser.sign_in()
    session = await of_session(door)
    liar.lies = {"sid": "there-2"}
    other = door.browser()
    await other.sign_in()
    form = {"logout_token": logout_token(liar, sid="there-1")}
    response = await browser.http.post(door.origin + "/auth/backchannel-logout", data=form)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert ended(door) == [session]
    assert [(await one.me()).status_code for one in (browser, other)] == [401, 200]


async def test_the_provider_ends_all_sessions_of_a_person_but_only_once_a_token(
    door: Door, liar: LyingProvider, browser: Browser
) -> None:
    await browser.sign_in()
    bea = door.browser()
    await bea.sign_in("bea")
    form = {"logout_token": logout_token(liar)}
    assert (await browser.http.post(door.origin + "/auth/backchannel-logout", data=form)).status_code == 200
    assert [(await one.me()).status_code for one in (browser, bea)] == [401, 200]
    await browser.sign_in()
    again = await browser.http.post(door.origin + "/auth/backchannel-logout", data=form)
    assert again.status_code == 400
    assert again.json()["type"] == "urn:fachwerk:problem:logout-token-refused"
    assert (await browser.me()).status_code == 200


@on_sqlite
@pytest.mark.parametrize(
    "claims",
    [
        {"events": {}},
        {"events": {LOGOUT_EVENT: "yes"}},
        {"events": None},
        {"nonce": "n"},
        {"jti": None},
        {"sub": None},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"iat": 1_000_000},
    ],
)
async def test_what_is_no_logout_token_ends_nothing(
    door: Door, liar: LyingProvider, browser: Browser, claims: dict[str, object]
) -> None:
    await browser.sign_in()
    form = {"logout_token": logout_token(liar, **claims)}
    assert (await browser.http.post(door.origin + "/auth/backchannel-logout", data=form)).status_code == 400
    assert (await browser.me()).status_code == 200


@on_sqlite
@pytest.mark.parametrize("body", [b"", b"logout_token=", b"logout_token=a.b.c", b"\xff\xfe", b"{}"])
async def test_a_body_without_a_token_is_refused(door: Door, browser: Browser, body: bytes) -> None:
    response = await browser.http.post(door.origin + "/auth/backchannel-logout", content=body)
    assert response.status_code == 400
