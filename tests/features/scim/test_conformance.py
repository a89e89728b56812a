# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A conformance tester's view of the running server (scim2-tester), and a strict client's (scim2-client).

The tester reads what the server says of itself, then makes, reads, lists, searches, replaces, patches and deletes users
with values of its own and holds every answer against RFC 7643 and 7644: discovery, errors, `attributes`, each
attribute added, removed and replaced by PATCH. It makes the groups that it wants to try, which we refuse; the client
reads and changes ours instead.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Context, ListResponse, PatchOp
from scim2_tester import Status, check_server

from fachwerk.features.scim.schema import PROVIDER, Group, User
from tests.house import House
from tests.house.client import WAIT_S
from tests.house.pusher import Pusher, op

pytestmark = pytest.mark.anyio
T = TypeVar("T")
KNOWN = {
    # a search over users and groups at once, which RFC 7644 (3.4.2.1) leaves open
    ("search_with_attributes", "There is no such thing, or you may not see it"),
    # whether somebody is active is always known; unsaid, it stays as it is
    ("check_remove_attribute", "Attribute 'active' was not removed"),
}
CHECKS_MIN = 40


async def as_client(pusher: Pusher, act: Callable[[SyncSCIMClient], T], *, described: bool) -> T:
    """described: the client knows our schemas beforehand, and does not read them from the server."""

    def run() -> T:
        headers = {"Authorization": pusher.headers["Authorization"]}
        with httpx2.Client(base_url=f"{pusher.origin}/scim/v2", headers=headers, timeout=WAIT_S) as http:
            return act(SyncSCIMClient(http, provider=PROVIDER) if described else SyncSCIMClient(http))

    return await asyncio.to_thread(run)


async def test_a_tester_finds_nothing_but_what_is_known(pusher: Pusher) -> None:
    results = await as_client(pusher, lambda client: check_server(client, resource_types=["User"]), described=False)
    faults = {(one.title, one.reason) for one in results if one.status not in {Status.SUCCESS, Status.COMPLIANT}}
    assert faults == KNOWN
    assert len(results) >= CHECKS_MIN


async def test_a_strict_client_reads_and_changes_groups(house: House, pusher: Pusher) -> None:
    department, lea = house.departments["B"], await pusher.hire("lea")

    def act(client: SyncSCIMClient) -> None:
        listed = client.query(Group)
        assert isinstance(listed, ListResponse)
        assert listed.total_results == len(house.departments)
        change = PatchOp[Group].model_validate(
            {"Operations": [op("add", "members", value=[{"value": lea}])]}, scim_ctx=Context.RESOURCE_PATCH_REQUEST
        )
        client.modify(Group, department, change)
        read = client.query(Group, department)
        assert isinstance(read, Group)
        assert [member.value for member in read.members or ()] == [lea]
        user = client.query(User, lea)
        assert isinstance(user, User)
        assert [place.value for place in user.groups or ()] == [department]

    await as_client(pusher, act, described=True)
