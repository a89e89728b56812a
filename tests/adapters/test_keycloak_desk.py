# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A plan that an administrator has carried out in the web, against a real Keycloak and with the least rights."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakError

from fachwerk.adapters.idp_keycloak_setup import set_up
from fachwerk.core import directory, identity
from fachwerk.core.identity import GroupWanted
from tests.adapters.ministry import Ministry, open_ministry, wanted
from tests.house import Client
from tests.stack.component import Keycloak

pytestmark = pytest.mark.anyio
CLIENT = "fachwerk-organisation"
FORBIDDEN = 403
FILE = (
    "kind;key;name;given_name;parent;email;lead\n"
    "department;N;Abteilung N;;;;\n"
    "person;ida;Roth;Ida;N;ida@ministerium.example;x\n"
    "person;jan;Vogt;Jan;N;jan@ministerium.example;\n"
)


@dataclass
class Desk:
    """client_secret: of the account that changes people and groups."""

    ministry: Ministry
    ulf: Client
    client_secret: str

    async def planned(self, content: str) -> dict[str, Any]:
        answer = await self.ulf.http.post("/api/v1/provisioning/drafts?name=haus.csv", content=content.encode())
        return await self.worked(answer.json()["draft"]["id"])

    async def worked(self, draft_id: str) -> dict[str, Any]:
        await self.ministry.house.run_due_jobs()
        draft: dict[str, Any] = (await self.ulf.call("GET", f"/provisioning/drafts/{draft_id}"))["draft"]
        assert draft["state"] == "planned", draft
        return draft

    async def apply(self, draft: dict[str, Any]) -> dict[str, Any]:
        body = {"removals": draft["removals"]}
        begun = await self.ulf.call("POST", f"/provisioning/drafts/{draft['id']}/apply", body)
        await self.ministry.house.run_due_jobs()
        plan: dict[str, Any] = (await self.ulf.call("GET", f"/provisioning/plans/{begun['plan']}"))["plan"]
        return plan

    async def groups_of(self, login: str) -> list[str] | None:
        realm = self.ministry.realm
        subject = await asyncio.to_thread(realm.get_user_id, login)
        if subject is None:
            return None
        return sorted(group["path"] for group in await asyncio.to_thread(realm.get_user_groups, subject))


@pytest.fixture
async def desk(keycloak: Keycloak, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    file = tmp_path / "organisation.secret"
    file.write_text(secrets.token_urlsafe(36))
    async with open_ministry(tmp_path, sqlite_url, keycloak, org_client_secret_file=file) as ministry:
        house = ministry.house
        async with house.context.database.work() as work:
            groups = [GroupWanted(d.id, d.parent_id, d.short) for d in await directory.all_departments(work)]
        more = replace(wanted(house.origin, tmp_path, groups), org_client_id=CLIENT, org_client_secret=file.read_text())
        did = await asyncio.to_thread(set_up, ministry.realm, more)
        assert did[0] == f"made the client {CLIENT}"
        assert await asyncio.to_thread(set_up, ministry.realm, more) == []
        subject = await ministry.hire("ulf", None)
        role = await asyncio.to_thread(ministry.realm.get_realm_role, identity.ADMIN)
        await asyncio.to_thread(ministry.realm.assign_realm_roles, subject, [role])
        yield Desk(ministry, await ministry.sign_in("ulf"), file.read_text())


async def test_a_file_becomes_accounts_and_groups_and_is_taken_back(desk: Desk) -> None:
    draft = await desk.planned(FILE)
    assert await desk.groups_of("ida") is None, "a plan changes nothing"
    plan = await desk.apply(draft)
    assert (plan["left"], plan["failure"]) == (0, [])
    assert await desk.groups_of("ida") == ["/departments/N"]
    assert await desk.groups_of("jan") == ["/departments/N"]
    again = await desk.planned(FILE)
    assert again["steps"] == 0
    back = await desk.ulf.call("POST", f"/provisioning/plans/{plan['number']}/undo", {})
    undone = await desk.apply(await desk.worked(back["id"]))
    assert (undone["left"], undone["failure"]) == (0, [])
    assert await desk.groups_of("ida") is None
    groups = await asyncio.to_thread(desk.ministry.realm.get_group_by_path, "/departments")
    assert groups["subGroupCount"] == 1, "only that of H"


async def test_an_address_that_somebody_took_meanwhile_stops_the_plan(desk: Desk) -> None:
    draft = await desk.planned(FILE)
    account = {"username": "other", "enabled": True, "email": "jan@ministerium.example"}
    other = str(await asyncio.to_thread(desk.ministry.realm.create_user, account))
    plan = await desk.apply(draft)
    assert [one["name"] for one in plan["failure"]] == ["refused"]
    assert "jan" in plan["failure"][0]["about"]["text"]
    await asyncio.to_thread(desk.ministry.realm.delete_user, other)
    await desk.ulf.call("POST", f"/provisioning/plans/{plan['number']}/resume", status=204)
    await desk.ministry.house.run_due_jobs()
    plan = (await desk.ulf.call("GET", f"/provisioning/plans/{plan['number']}"))["plan"]
    assert (plan["left"], plan["failure"]) == (0, [])
    assert await desk.groups_of("jan") == ["/departments/N"]


async def test_the_account_can_change_people_and_nothing_else(desk: Desk) -> None:
    realm = desk.ministry.realm.connection.realm_name
    connection = KeycloakOpenIDConnection(
        server_url=desk.ministry.realm.connection.server_url,
        realm_name=realm,
        client_id=CLIENT,
        client_secret_key=desk.client_secret,
    )
    account = KeycloakAdmin(connection=connection)
    assert realm
    assert await asyncio.to_thread(account.users_count) >= 0
    for change in (
        lambda: account.update_realm(realm, {"bruteForceProtected": False}),
        lambda: account.create_client({"clientId": "mine"}),
        lambda: account.create_realm_role({"name": "mine"}),
    ):
        with pytest.raises(KeycloakError) as refused:
            await asyncio.to_thread(change)
        assert refused.value.response_code == FORBIDDEN
