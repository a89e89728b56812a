# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in of whom a system of the house has told."""

import dataclasses
from typing import Literal

import pytest

from fachwerk.core import directory, identity
from fachwerk.core.identity import Account, IdentitySettings
from tests.conftest import async_url
from tests.core.identity.door import Browser, Door, open_door
from tests.core.identity.lying import LyingProvider

pytestmark = pytest.mark.anyio


async def push(door: Door, *, active: bool = True) -> identity.Person:
    async with door.database.work() as work:
        return await identity.push(work, "demo", "ada", "Dr. Ada Muster", "ada@haus.example", active=active)


async def test_who_was_told_of_signs_in_as_that_person_with_the_name_that_was_told(
    door: Door, browser: Browser
) -> None:
    pushed = await push(door)
    await browser.sign_in()
    me = (await browser.me()).json()
    assert (me["person"]["id"], me["person"]["name"]) == (pushed.id, "Dr. Ada Muster")
    async with door.database.read() as work:
        person = await identity.person(work, pushed.id)
    assert person
    assert person.email == "ada@haus.example"


async def test_who_signed_in_before_is_told_of_as_the_same_person(door: Door, browser: Browser) -> None:
    await browser.sign_in()
    before = (await browser.me()).json()["person"]
    assert before["name"] != "Dr. Ada Muster"
    assert (await push(door)).id == before["id"]
    assert (await browser.me()).json()["person"] == before | {"name": "Dr. Ada Muster"}


async def test_who_is_barred_is_out_and_stays_out_whatever_the_provider_says(door: Door, browser: Browser) -> None:
    await push(door)
    await browser.sign_in()
    await push(door, active=False)
    assert (await browser.me()).status_code == 401
    response = await browser.get(await browser.callback_url())
    assert response.headers["location"] == "/?login=failed&reason=inactive"
    await push(door)
    await browser.sign_in()
    assert (await browser.me()).status_code == 200


@pytest.mark.parametrize(("says", "places"), [("provider", ["A"]), ("scim", ["R1"])])
async def test_one_of_the_two_says_where_they_belong(
    database_url: str, says: Literal["provider", "scim"], places: list[str]
) -> None:
    async with open_door(database_url, LyingProvider, IdentitySettings(departments=says)) as door:
        pushed = await push(door)
        async with door.database.work() as work:
            departments = {one.short: one.id for one in await directory.all_departments(work)}
            await directory.add_member(work, departments["R1"], pushed.id)
        assert isinstance(door.demo, LyingProvider)
        door.demo.lies = {"groups": ["/departments/A"]}
        browser = door.browser()
        await browser.sign_in()
        assert [one["short"] for one in (await browser.me()).json()["departments"]] == places


async def test_two_who_speak_at_the_same_time_let_nobody_in_whom_one_keeps_out(postgres_url: str) -> None:
    async with open_door(async_url(postgres_url)) as door:
        pushed = await push(door)
        account = Account("ada", "Ada", None, enabled=False, groups=())
        async with door.database.work() as work:
            await identity.take_over(work, "demo", "ada", account, arrives=False)
        async with door.database.work() as work:
            known = await identity.person_of(work, "demo", "ada")  # as the provider's word finds her
            assert known
            assert (known.enabled, known.barred) == (False, False)
            await push(door, active=False)
            enabled = dataclasses.replace(account, enabled=True)
            assert not await identity.take_over(work, "demo", "ada", enabled, arrives=False)
        async with door.database.read() as work:
            person = await identity.person(work, pushed.id)
        assert person
        assert (person.enabled, person.barred, person.active) == (True, True, False)
