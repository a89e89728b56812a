# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People see where they are signed in, and end it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest
from sqlmodel import col, select, update
from websockets.exceptions import ConnectionClosed

from fachwerk.core.identity import Session
from fachwerk.core.identity.sessions import END_AT_PROVIDER
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.jobs import JobRow
from tests.house import Client, House

pytestmark = pytest.mark.anyio


Device = Callable[[], Awaitable[Client]]


@pytest.fixture
async def device(house: House) -> AsyncIterator[Device]:
    """Ada on one more device."""
    made: list[Client] = []

    async def make() -> Client:
        made.append(await house.new_client("ada"))
        return made[-1]

    yield make
    for client in made:
        await client.http.aclose()


async def sessions(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.call("GET", "/me/sessions"))["items"]
    return items


async def is_in(client: Client) -> bool:
    return (await client.http.get("/api/v1/me")).status_code == 200


async def name_at_provider(house: House, client: Client, sid: str) -> None:
    """As if this session had come from the provider's session `sid`."""
    current = next(item["id"] for item in await sessions(client) if item["current"])
    async with house.context.database.work() as work:
        named = update(Session).where(col(Session.id) == current).values(idp_sid=sid, id_token=f"token of {sid}")
        await work.db.exec(named)


async def told_to_provider(house: House) -> list[str]:
    async with house.context.database.read() as work:
        bodies = (await work.db.exec(select(JobRow.body).where(col(JobRow.name) == END_AT_PROVIDER))).all()
    return sorted(body["id_token"] for body in bodies)


async def test_a_person_sees_their_own_sessions_alone(device: Device, ada: Client, bea: Client) -> None:
    phone = await device()
    seen = await sessions(phone)
    assert [item["current"] for item in seen].count(True) == 1
    assert len(seen) == 2
    assert {item["id"] for item in seen} == {item["id"] for item in await sessions(ada)}
    assert not {item["id"] for item in seen} & {item["id"] for item in await sessions(bea)}


async def test_a_session_ended_elsewhere_loses_its_socket_and_the_rest_goes_on(
    house: House, device: Device, ada: Client
) -> None:
    phone, tablet = await device(), await device()
    [lost] = [item["id"] for item in await sessions(phone) if item["current"]]
    async with phone.following() as socket:
        response = await ada.http.delete(f"/api/v1/me/sessions/{lost}")
        assert response.status_code == 204
        with pytest.raises(ConnectionClosed) as closed:
            await socket.until(t="never")
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401
    assert [await is_in(client) for client in (ada, phone, tablet)] == [True, False, True]
    assert (await ada.http.delete(f"/api/v1/me/sessions/{lost}")).status_code == 404
    async with house.context.database.read() as work:
        noted = select(AuditRow.actor_id).where(col(AuditRow.action) == "session.end", col(AuditRow.subject) == lost)
        assert (await work.db.exec(noted)).all() == [ada.id]


async def test_all_others_end_at_once(device: Device, ada: Client, bea: Client) -> None:
    others = [await device() for _ in range(3)]
    assert (await ada.http.delete("/api/v1/me/sessions")).status_code == 204
    assert await is_in(ada)
    assert not any([await is_in(client) for client in others])
    assert await is_in(bea)
    assert len(await sessions(ada)) == 1


async def test_nobody_ends_or_finds_what_is_not_theirs(house: House, ada: Client, bea: Client) -> None:
    [hers] = [item["id"] for item in await sessions(ada)]
    for name in (hers, "01900000-0000-7000-8000-000000000000", "nonsense"):
        answer: httpx2.Response = await bea.http.delete(f"/api/v1/me/sessions/{name}")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:fachwerk:problem:not-found")
    assert await is_in(ada)


async def test_the_provider_hears_of_it_unless_a_living_session_needs_its_own(
    house: House, device: Device, ada: Client
) -> None:
    same, other = await device(), await device()
    await name_at_provider(house, ada, "desk")
    await name_at_provider(house, same, "desk")
    await name_at_provider(house, other, "phone")
    await ada.call("DELETE", "/me/sessions", status=204)
    assert await told_to_provider(house) == ["token of phone"]
