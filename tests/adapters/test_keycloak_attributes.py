# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who has an attribute in Keycloak is in the rooms whose rules ask for it, and out within seconds of losing it."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fachwerk.adapters.idp_keycloak_realm import KeycloakRealm
from fachwerk.adapters.idp_keycloak_setup import set_up
from fachwerk.features.provisioning import Office, read_org
from fachwerk.kernel.ids import new_id
from tests.adapters.ministry import Ministry, becomes, open_ministry, wanted
from tests.core.identity.door import on_sqlite
from tests.house import Client
from tests.stack.component import Keycloak

pytestmark = pytest.mark.anyio
PROFESSION = {"name": "beruf", "de": "Beruf", "en": "Profession", "rules": "owners"}


@pytest.fixture
async def ministry(tmp_path: Path, database_url: str, keycloak: Keycloak) -> AsyncIterator[Ministry]:
    """With an attribute that is taken over, and a room for all physicians of department A."""
    async with open_ministry(tmp_path, database_url, keycloak, attributes=[PROFESSION]) as ministry:
        olga = await ministry.house.client("olga")
        rule = {
            "department_id": ministry.house.departments["A"],
            "attribute": {"name": "beruf", "value": "aerztin"},
        }
        await olga.call("PUT", f"/rooms/{ministry.house.room}/rules", {"rules": [rule]})
        yield ministry


async def say(ministry: Ministry, subject: str, *professions: str) -> float:
    """What an administrator of Keycloak writes down. Returns when (monotonic)."""
    user = await asyncio.to_thread(ministry.realm.get_user, subject)
    attributes = user.get("attributes", {}) | {"beruf": list(professions)}
    await asyncio.to_thread(ministry.realm.update_user, subject, user | {"attributes": attributes})
    return time.monotonic()


async def is_in(ministry: Ministry, client: Client) -> bool:
    return (await client.http.get(f"/api/v1/rooms/{ministry.house.room}/state")).status_code == 200


async def test_an_attribute_brings_into_the_room_and_its_loss_takes_out(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    async with ministry.working():
        lea = await ministry.sign_in("lea")
        assert not await is_in(ministry, lea)
        since = await say(ministry, subject, "Juristin", "Ärztin")
        await becomes("attribute -> in the room", lambda: is_in(ministry, lea), since)
        async with lea.following(ministry.house.room) as socket:
            since = await say(ministry, subject, "Juristin")
            await socket.until(60, t="closed", a=f"room:{ministry.house.room}")
            await becomes("attribute gone -> out of the room", lambda: is_out(ministry, lea), since)
        since = await say(ministry, subject, "Juristin", "Ärztin")
        await becomes("attribute -> in the room", lambda: is_in(ministry, lea), since)
        since = await say(ministry, subject)
        await becomes("attribute gone -> out of the room", lambda: is_out(ministry, lea), since)


async def is_out(ministry: Ministry, client: Client) -> bool:
    return not await is_in(ministry, client)


@on_sqlite
async def test_everybody_is_compared_when_a_worker_starts(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    lea = await ministry.sign_in("lea")
    await say(ministry, subject, "Ärztin")
    async with ministry.working():
        await becomes("worker starts -> attribute", lambda: is_in(ministry, lea), time.monotonic())


@on_sqlite
async def test_a_sign_in_says_it_at_once(ministry: Ministry) -> None:
    subject = await ministry.hire("lea")
    await say(ministry, subject, "Ärztin")
    assert await is_in(ministry, await ministry.sign_in("lea")), "no worker runs: the ID token alone says so"


@on_sqlite
async def test_nobody_writes_their_own_attributes(ministry: Ministry) -> None:
    profile = ministry.realm.get_realm_users_profile()
    [ours] = [one for one in profile["attributes"] if one["name"] == "beruf"]
    assert ours["permissions"]["edit"] == ["admin"]
    ours["permissions"]["edit"] = ["admin", "user"]
    ministry.realm.update_realm_users_profile(profile)
    asked = wanted(ministry.house.origin, ministry.folder, [], ["beruf"])
    assert set_up(ministry.realm, asked) == ["corrected the attribute beruf: permissions.edit"]
    assert set_up(ministry.realm, asked) == []


@on_sqlite
async def test_a_plan_writes_it_to_keycloak_and_reads_it_back(ministry: Ministry) -> None:
    issuer = ministry.house.house.settings.identity.issuer
    assert issuer
    office = Office(ministry.house.context.database, KeycloakRealm(ministry.realm, ["beruf"]), issuer, new_id())

    async def steps(cell: str) -> int:
        table = (
            "kind;key;name;given_name;parent;email;beruf\n"
            "department;H;Abteilung H;;;;\ndepartment;A;Abteilung A;;H;;\n"
            f"person;lea;Probe;Lea;A;lea@ministerium.example;{cell}\n"
        )
        made, _ = await office.plan(read_org(table.encode(), ["beruf"]), complete=False)
        if made.steps:
            await office.apply(made, "file", lambda _: None)
        return len(made.steps)

    async def there() -> object:
        [user] = await asyncio.to_thread(ministry.realm.get_users, {"username": "lea"})
        return user.get("attributes", {}).get("beruf")

    assert await steps("Juristin|Ärztin") > 0
    assert await there() == ["Juristin", "Ärztin"]
    assert await steps("Juristin|Ärztin") == 0
    assert await steps("Juristin") == 1
    assert await there() == ["Juristin"]
    assert await steps("") == 1
    assert await there() is None
    assert await steps("") == 0
