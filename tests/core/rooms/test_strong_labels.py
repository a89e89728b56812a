# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A label that needs a stronger sign-in: a weak one reads and hears nothing of what is said under it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.house import Client, House, open_house

pytestmark = pytest.mark.anyio
STRONG = {"acr_order": ["basic", "mfa"], "step_up": {"label:confidential": "mfa"}}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with open_house(tmp_path, database_url, identity=STRONG) as house:
        await house.settle()
        yield house


@asynccontextmanager
async def device(house: House, name: str, acr: str) -> AsyncIterator[Client]:
    client = await house.new_client(name, acr)
    yield client
    await client.http.aclose()


@pytest.fixture
async def weak(house: House) -> AsyncIterator[Client]:
    async with device(house, "ada", "basic") as client:
        yield client


@pytest.fixture
async def strong(house: House) -> AsyncIterator[Client]:
    async with device(house, "ada", "mfa") as client:
        yield client


@pytest.fixture
async def leader(house: House) -> AsyncIterator[Client]:
    async with device(house, "bea", "mfa") as client:
        yield client


async def label(leader: Client, house: House, wanted: str) -> None:
    await leader.call("PUT", f"/rooms/{house.room}/label", {"label": wanted})


async def test_a_weak_session_loses_the_room_and_a_strong_one_keeps_it(
    house: House, weak: Client, strong: Client, leader: Client
) -> None:
    message = {"client_id": "client-0001", "text": "nur für Ohren mit zweitem Faktor"}
    async with weak.following(house.room) as shut, strong.following(house.room) as open_:
        await label(leader, house, "confidential")
        await shut.until(t="closed", a=f"room:{house.room}", shut=True)
        await leader.call("POST", f"/rooms/{house.room}/messages", message, status=201)
        assert (await open_.until(kind="message.posted"))["e"]["message"]["text"] == message["text"]
        assert (await open_.send(house.room, "gehört", "client-0002"))["t"] == "ack"
        refused = await shut.send(house.room, "ich auch", "client-0003")
        assert refused["problem"]["type"].endswith(":step-up-needed")
        assert refused["problem"]["data"] == {"acr": "mfa"}
        await shut.say(t="ping")
        await shut.until(t="pong")
        assert message["text"] not in str(shut.heard)


async def test_nothing_that_was_said_is_read_by_a_weak_session(house: House, weak: Client, leader: Client) -> None:
    message = {"client_id": "client-0001", "text": "Vertrauliches"}
    posted = await leader.call("POST", f"/rooms/{house.room}/messages", message, status=201)
    await label(leader, house, "confidential")
    for path in (
        f"/rooms/{house.room}/state",
        f"/rooms/{house.room}/messages",
        f"/messages/{posted['id']}/thread",
        f"/messages/{posted['id']}/revisions",
        f"/rooms/{house.room}/readers",
    ):
        assert await weak.refused("GET", path) == (403, "step-up-needed"), path
    for path in (f"/rooms/{house.room}/call", f"/rooms/{house.room}/uploads", f"/messages/{posted['id']}/forward"):
        status, _ = await weak.refused("POST", path)
        assert status >= 400, path
    assert await weak.refused("POST", f"/rooms/{house.room}/call") == (403, "step-up-needed")


async def test_who_comes_with_a_weak_sign_in_sees_the_room_and_hears_nothing(
    house: House, weak: Client, leader: Client
) -> None:
    await label(leader, house, "confidential")
    async with weak.socket() as socket:
        hello = await socket.hello()
        assert [room["label"] for room in hello["state"]["rooms"]["items"]] == ["confidential"]
        await socket.say(t="sub", id="1", a=f"room:{house.room}")
        refused = (await socket.until(id="1"))["problem"]
        assert (refused["type"].rpartition(":")[2], refused["data"]) == ("step-up-needed", {"acr": "mfa"})
        message = {"client_id": "client-0001", "text": "Vertrauliches"}
        await leader.call("POST", f"/rooms/{house.room}/messages", message, status=201)
        await socket.say(t="ping")
        await socket.until(t="pong")
        assert "Vertrauliches" not in str(socket.heard)
        await label(leader, house, "internal")
        await socket.until(kind="room.opened")
        await socket.follow(house.room)
        await leader.call("POST", f"/rooms/{house.room}/messages", message | {"client_id": "client-0002"}, status=201)
        await socket.until(kind="message.posted")


async def test_an_invitation_can_be_seen_and_taken_up_only_with_a_strong_sign_in(
    house: House, weak: Client, strong: Client, leader: Client
) -> None:
    room = await leader.call("POST", "/rooms", {"name": "Plan", "label": "confidential"}, status=201)
    await leader.call("POST", f"/rooms/{room['id']}/members", {"person_id": weak.id}, status=204)
    assert await weak.refused("POST", f"/rooms/{room['id']}/join") == (403, "step-up-needed")
    await strong.call("POST", f"/rooms/{room['id']}/join")
    assert await weak.refused("GET", f"/rooms/{room['id']}/state") == (403, "step-up-needed")


async def test_other_rooms_go_on(house: House, weak: Client, leader: Client) -> None:
    await leader.call("POST", "/rooms", {"name": "Plan", "label": "confidential"}, status=201)
    async with weak.following(house.room) as socket:
        assert (await socket.send(house.room, "hier schon", "client-0001"))["t"] == "ack"
