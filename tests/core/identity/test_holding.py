# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whether the sign-in behind a session still holds is asked again and again."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select, update

from fachwerk.core.identity import IdentitySettings, Session
from fachwerk.core.identity.holding import BATCH, ask_again, claim
from tests.core.identity.door import Browser, Door, open_door
from tests.core.identity.refreshing import RefreshingProvider

WAIT_S = IdentitySettings().ask_again_s


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with open_door(database_url, RefreshingProvider) as door:
        yield door


@pytest.fixture
def provider(door: Door) -> RefreshingProvider:
    assert isinstance(door.demo, RefreshingProvider)
    return door.demo


async def is_in(browser: Browser) -> bool:
    return (await browser.me()).status_code == 200


async def later(door: Door) -> None:
    """The next time that is asked."""
    door.clock.ahead_s += WAIT_S + 1
    await ask_again(door.context, {})


async def test_who_may_not_come_in_any_more_is_out_and_nobody_else(door: Door, provider: RefreshingProvider) -> None:
    ada, bea = door.browser(), door.browser()
    await ada.sign_in("ada")
    await bea.sign_in("bea")
    provider.ended.add("ada")
    await ask_again(door.context, {})
    assert await is_in(ada), "they were asked for when they came"
    door.delivered.clear()
    await later(door)
    assert not await is_in(ada)
    assert await is_in(bea)
    assert [body for _, body in door.delivered if b"session.ended" in body], "and the sockets close"


async def test_each_refresh_token_is_used_once(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    for _ in range(3):
        await later(door)
    assert await is_in(browser)
    assert len(provider.used) == len(set(provider.used)) == 3


async def test_twenty_workers_ask_once_for_each_session(door: Door, provider: RefreshingProvider) -> None:
    browsers = [door.browser() for _ in range(5)]
    for browser in browsers:
        await browser.sign_in()
    door.clock.ahead_s += WAIT_S + 1
    await asyncio.gather(*(ask_again(door.context, {}) for _ in range(20)))
    assert len(provider.used) == len(set(provider.used)) == len(browsers)
    assert all([await is_in(browser) for browser in browsers])


async def test_more_sessions_than_one_batch_are_all_asked_for(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    async with door.database.work() as work:
        one = (await work.db.exec(select(Session))).one()
        for number in range(BATCH):
            token = provider._new(provider.people[0])
            copy = one.model_dump() | {"id": f"{number:036}", "token_hash": f"{number:064}", "refresh_token": token}
            work.db.add(Session(**copy))
    await later(door)
    assert len(provider.used) == BATCH + 1
    async with door.database.read() as work:
        assert len((await work.db.exec(select(Session))).all()) == BATCH + 1


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "temporarily_unavailable"])
async def test_a_refusal_that_speaks_of_us_throws_nobody_out(
    door: Door, provider: RefreshingProvider, error: str
) -> None:
    browser = door.browser()
    await browser.sign_in()
    provider.error = error
    await later(door)
    assert await is_in(browser)


async def test_an_outage_throws_nobody_out(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    provider.broken = True
    await later(door)
    assert await is_in(browser)
    assert not provider.used
    provider.broken = False
    provider.ended.add("ada")
    await later(door)
    assert not await is_in(browser)


async def test_an_answer_about_somebody_else_ends_the_session(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    provider.lies = {"sub": "eve"}
    await later(door)
    assert not await is_in(browser)


@pytest.mark.parametrize("lie", [{"iss": "https://evil.example"}, {"aud": "somebody-else"}, {"exp": 1_000_000}])
async def test_a_token_that_is_not_believed_says_nothing(
    door: Door, provider: RefreshingProvider, lie: dict[str, object]
) -> None:
    """The provider stands by the sign-in, and our clock may be the wrong one."""
    browser = door.browser()
    await browser.sign_in()
    provider.lies = lie | {"name": "Jemand anders"}
    await later(door)
    assert (await browser.me()).json()["person"]["name"] == "Ada Körner"


async def test_what_is_told_again_is_taken_over(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in("ada")
    provider.lies = {"name": "Ada von Körner", "groups": ["/departments/Abteilung/R2"], "roles": []}
    await later(door)
    me = (await browser.me()).json()
    assert (me["person"]["name"], me["roles"]) == ("Ada von Körner", [])
    assert [department["short"] for department in me["departments"]] == ["R2"]


async def test_a_session_that_ended_meanwhile_stays_so(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    door.clock.ahead_s += WAIT_S + 1
    async with door.database.work() as work:
        (due,) = await claim(work, work.now_ms - int(WAIT_S * 1000), BATCH)
    await browser.post("/api/v1/logout")
    assert due.refresh_token in provider.living
    await ask_again(door.context, {})
    assert not await is_in(browser)


async def test_sessions_without_a_refresh_token_are_left_alone(door: Door, provider: RefreshingProvider) -> None:
    browser = door.browser()
    await browser.sign_in()
    async with door.database.work() as work:
        await work.db.exec(update(Session).values(refresh_token=None))
    provider.ended.add("ada")
    await later(door)
    assert await is_in(browser)
    assert not provider.used
