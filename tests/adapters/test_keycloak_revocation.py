# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whoever is out in Keycloak is out here, within seconds, whatever was down at that moment."""

import asyncio
import time

import pytest

from tests.adapters.ministry import REVOKED_WITHIN_S, Ministry, becomes, closed, told
from tests.core.identity.door import Browser, on_sqlite
from tests.house import Client
from tests.stack.component import Keycloak

pytestmark = pytest.mark.anyio


async def is_out(client: Client) -> bool:
    return (await client.http.get("/api/v1/me")).status_code == 401


async def test_a_disabled_person_loses_sockets_and_api_and_may_come_back(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    await ministry.hire("tom")
    async with ministry.working():
        lea, tom = await ministry.sign_in("lea"), await ministry.sign_in("tom")
        async with lea.following() as socket:
            since = time.monotonic()
            await asyncio.to_thread(ministry.realm.update_user, subject, {"enabled": False})
            assert await closed(socket) == 4401
            told("disable -> socket closed", since)
        assert await is_out(lea)
        assert not await is_out(tom)

        await asyncio.to_thread(ministry.realm.update_user, subject, {"enabled": True})
        since = time.monotonic()
        browser = Browser(ministry.house.origin, ministry.http)

        async def comes_back() -> bool:
            browser.cookies.clear()
            at = await browser.at_provider(await browser.authorize_url(), "lea", "offen-sesam-offen")
            back = await browser.get(str(at.headers["location"]))
            return "failed" not in str(back.headers["location"])

        await becomes("enable -> may sign in", comes_back, since)


@on_sqlite
async def test_a_deleted_person_loses_sockets_api_and_departments(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    async with ministry.working():
        lea = await ministry.sign_in("lea")
        async with lea.following() as socket:
            since = time.monotonic()
            await asyncio.to_thread(ministry.realm.delete_user, subject)
            assert await closed(socket) == 4401
            told("delete -> socket closed", since)
        assert await is_out(lea)
        bea = await ministry.house.client("bea")
        assert lea.id not in [p["id"] for p in (await bea.call("GET", "/people?q=lea"))["items"]]


@on_sqlite
async def test_a_logout_in_keycloak_closes_the_sockets(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    lea = await ministry.sign_in("lea")  # no worker runs: this is the back channel alone
    async with lea.following() as socket:
        since = time.monotonic()
        await asyncio.to_thread(ministry.realm.user_logout, subject)
        assert await closed(socket) == 4401
        told("logout -> socket closed", since)
    assert await is_out(lea)


@on_sqlite
async def test_a_session_ended_by_its_owner_elsewhere_is_over_in_keycloak_too(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    desk, phone = await ministry.sign_in("lea"), await ministry.sign_in("lea")
    assert len(await asyncio.to_thread(ministry.realm.get_sessions, subject)) == 2
    [lost] = [s["id"] for s in (await phone.call("GET", "/me/sessions"))["items"] if s["current"]]
    async with ministry.working(), phone.following() as socket:
        await desk.call("DELETE", f"/me/sessions/{lost}", status=204)
        assert await closed(socket) == 4401

        async def is_over() -> bool:
            return len(await asyncio.to_thread(ministry.realm.get_sessions, subject)) == 1

        await becomes("own session ended -> over in Keycloak", is_over, time.monotonic())
    assert await is_out(phone)
    assert not await is_out(desk)  # nor did Keycloak's back channel take the other one along


@on_sqlite
async def test_a_group_moves_departments_and_their_rooms(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    groups = {path: ministry.realm.get_group_by_path(path)["id"] for path in ("/departments/H/A", "/departments/H/B")}
    async with ministry.working():
        lea = await ministry.sign_in("lea")
        assert await ministry.departments_of(lea) == ["A"]
        await lea.call("GET", f"/rooms/{ministry.room}/state")
        async with lea.following(ministry.room) as socket:
            since = time.monotonic()
            await asyncio.to_thread(ministry.realm.group_user_remove, subject, groups["/departments/H/A"])
            await socket.until(REVOKED_WITHIN_S, t="closed", a=f"room:{ministry.room}")
            told("group removal -> room closed", since)
        assert await lea.refused("GET", f"/rooms/{ministry.room}/state") == (404, "not-found")
        await asyncio.to_thread(ministry.realm.group_user_add, subject, groups["/departments/H/B"])

        async def moved() -> bool:
            return await ministry.departments_of(lea) == ["B"]

        await becomes("group added -> department", moved, time.monotonic())


@on_sqlite
async def test_a_role_that_is_taken_away_is_gone(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    role = ministry.realm.get_realm_role("fachwerk-admin")
    ministry.realm.assign_realm_roles(subject, [role])
    async with ministry.working():
        lea = await ministry.sign_in("lea")
        assert (await lea.call("GET", "/me"))["roles"] == ["fachwerk-admin"]
        await asyncio.to_thread(ministry.realm.delete_realm_roles_of_user, subject, [role])

        async def gone() -> bool:
            return not (await lea.call("GET", "/me"))["roles"]

        await becomes("role removal", gone, time.monotonic())


async def test_what_happened_while_we_were_down_is_made_up_for(
    ministry: Ministry,
) -> None:
    names = ("lea", "mia", "noa", "tom", "pia")
    clients = {}
    for name in names:
        await ministry.hire(name)
        clients[name] = await ministry.sign_in(name)
    await ministry.hire("ida")
    realm, subjects = ministry.realm, ministry.subjects
    # nobody of us is there: no worker, and the back channel leads nowhere
    client_id = realm.get_client_id("fachwerk")
    assert client_id
    realm.update_client(client_id, {"attributes": {"backchannel.logout.url": "http://127.0.0.1:9/"}})
    realm.update_user(subjects["lea"], {"enabled": False})
    realm.delete_user(subjects["mia"])
    realm.user_logout(subjects["noa"])
    realm.group_user_remove(subjects["tom"], realm.get_group_by_path("/departments/H/A")["id"])
    assert not await is_out(clients["lea"])
    since = time.monotonic()
    async with ministry.working():
        for name in ("lea", "mia", "noa"):

            async def out(client: Client = clients[name]) -> bool:
                return await is_out(client)

            await becomes(f"start -> {name} is out", out, since)

        async def moved() -> bool:
            return await ministry.departments_of(clients["tom"]) == []

        await becomes("start -> department left", moved, since)

        async def arrived() -> bool:
            return bool((await clients["pia"].call("GET", "/people?q=ida"))["items"])

        await becomes("start -> who never signed in is known", arrived, since)
        assert await ministry.departments_of(clients["pia"]) == ["A"]


@on_sqlite
async def test_changes_are_found_although_our_clock_is_an_hour_ahead(ministry: Ministry) -> None:
    await ministry.hire("lea")
    lea = await ministry.sign_in("lea")
    ministry.house.clock.forward(3600)
    async with ministry.working(), lea.following() as socket:
        await asyncio.sleep(5)  # everybody was read meanwhile; what comes now is a change
        await ministry.hire("ida")
        since = time.monotonic()

        async def arrived() -> bool:
            return bool((await lea.call("GET", "/people?q=ida"))["items"])

        await becomes("a clock ahead: hired -> known", arrived, since)
        await asyncio.to_thread(ministry.realm.update_user, ministry.subjects["lea"], {"enabled": False})
        since = time.monotonic()
        assert await closed(socket) == 4401
        told("a clock ahead: disable -> socket closed", since)


@on_sqlite
async def test_a_keycloak_that_hangs_stops_sign_ins_and_nothing_else(ministry: Ministry, keycloak: Keycloak) -> None:
    await ministry.hire("lea")
    async with ministry.working():
        lea = await ministry.sign_in("lea")
        async with lea.following(ministry.room) as socket:
            with keycloak.hanging():
                ministry.house.clock.forward(3601)  # what the provider said about itself is no longer believed
                stranger = Browser(ministry.house.origin, ministry.http)
                response = await ministry.http.get(ministry.house.origin + "/auth/login", timeout=30)
                assert response.headers["location"] == "/?login=failed&reason=unavailable"
                await asyncio.sleep(5)  # some looks of the worker are not answered
                assert (await socket.send(ministry.room, "Wir sind noch da.", "noch-da-0001"))["t"] == "ack"
                assert not await is_out(lea)
            begun = await stranger.get("/auth/login")
            assert begun.headers["location"].startswith(keycloak.address)
            since = time.monotonic()
            await asyncio.to_thread(ministry.realm.update_user, ministry.subjects["lea"], {"enabled": False})
            assert await closed(socket) == 4401
            told("disable after an outage -> socket closed", since)
