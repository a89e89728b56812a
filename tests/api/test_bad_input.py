# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What does not fit is refused with its place, and nothing else is harmed."""

import json
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from fachwerk.core.identity.jobs import sweep
from tests.house import Client, House, open_house

pytestmark = pytest.mark.anyio
TEXT_MAX = 16_000


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"client_id": "client-0001"}, ""),
        ({"client_id": "client-0001", "text": 7}, "/text"),
        ({"client_id": "client-0001", "text": "x", "colour": "red"}, "/colour"),
        ({"client_id": "client-0001", "text": "x", "file_ids": ["no id"]}, "/file_ids/0"),
        ({"client_id": "client-0001", "text": "x" * (TEXT_MAX + 1)}, "/text"),
        ({"client_id": "short", "text": "x"}, "/client_id"),
        ([], ""),
    ],
)
async def test_a_body_that_does_not_fit_names_the_place(house: House, ada: Client, body: Any, pointer: str) -> None:
    response = await ada.http.post(f"/api/v1/rooms/{house.room}/messages", json=body)
    problem = response.json()
    assert (response.status_code, problem["type"]) == (422, "urn:fachwerk:problem:invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert problem["request_id"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"text": NaN}', b"\xff\xfe"])
async def test_a_body_that_is_no_json_is_told_so(house: House, ada: Client, raw: bytes) -> None:
    response = await ada.http.post(f"/api/v1/rooms/{house.room}/messages", content=raw)
    assert (response.status_code, response.json()["type"]) == (400, "urn:fachwerk:problem:bad-request")


async def test_a_body_beyond_the_limit_is_not_read(house: House, ada: Client) -> None:
    response = await ada.http.post(f"/api/v1/rooms/{house.room}/messages", content=b" " * (300 * 1024))
    assert (response.status_code, response.json()["data"]) == (413, {"limit_bytes": 256 * 1024})


@pytest.mark.parametrize(
    "path", ["/rooms/x/state", "/rooms/%2e%2e/state", "/nothing", "/rooms/" + "a" * 5_000 + "/state"]
)
async def test_a_path_that_names_nothing_is_a_404(ada: Client, path: str) -> None:
    assert await ada.refused("GET", path) == (404, "not-found")


async def test_a_wrong_method_says_which_are_right(ada: Client) -> None:
    response = await ada.http.put("/api/v1/me")
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert response.json()["type"] == "urn:fachwerk:problem:method-not-allowed"


async def test_a_query_that_does_not_fit_names_the_place(house: House, ada: Client) -> None:
    response = await ada.http.get(f"/api/v1/rooms/{house.room}/messages?limit=1000&befor=3")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] in {"/limit", "/befor"}


FRAMES = [
    ("not json", "bad-request"),
    ("[" * 10_000, "invalid"),
    ('{"t": "fly"}', "invalid"),
    ('{"text": "no t"}', "invalid"),
    ('{"t": "send", "room": 7, "text": "x", "id": "client-0001"}', "invalid"),
    ('{"t": "ping", "extra": 1}', "invalid"),
    ('{"t": "sub", "a": "room:nothing"}', "invalid"),
    ('{"t": "sub", "a": "user:00000000-0000-7000-8000-000000000000"}', "not-found"),
    (json.dumps({"t": "typing", "room": "00000000-0000-7000-8000-000000000000"}), "not-found"),
]


@pytest.mark.parametrize(("frame", "slug"), FRAMES)
async def test_a_frame_that_does_not_fit_leaves_the_socket_usable(
    house: House, ada: Client, frame: str, slug: str
) -> None:
    async with ada.following(house.room) as socket:
        await socket.connection.send(frame)
        refused = await socket.until(t="problem")
        assert refused["problem"]["type"] == f"urn:fachwerk:problem:{slug}"
        assert (await socket.send(house.room, "geht noch", "client-0009"))["t"] == "ack"


async def test_an_overlong_text_is_answered_by_its_id(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        refused = await socket.send(house.room, "x" * (TEXT_MAX + 1), "client-0001")
        assert refused["problem"]["errors"][0]["pointer"] == "/text"
        assert not refused["retry"]


async def test_a_binary_frame_is_refused(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        await socket.connection.send(b"\x00\x01")
        assert (await socket.until(t="problem"))["problem"]["status"] == 400


async def test_an_oversized_frame_ends_the_socket_and_nothing_else(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        await socket.connection.send("x" * (2 << 20))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.until(t="never")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009
    async with ada.following(house.room) as again:
        assert (await again.send(house.room, "wieder da", "client-0001"))["t"] == "ack"


async def test_commands_before_hello_are_refused(house: House, ada: Client) -> None:
    async with ada.socket() as socket:
        await socket.say(t="ping", id="early")
        assert (await socket.until(t="problem"))["problem"]["status"] == 409
        await socket.hello()


async def test_a_made_up_or_foreign_session_gets_no_socket(house: House, ada: Client) -> None:
    for cookie in ("made-up", ada.cookie[:-1], ada.cookie + "x"):
        stranger = Client(house.origin, cookie, "")
        async with stranger.socket() as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await socket.hear()
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401
        await stranger.http.aclose()


async def test_logging_out_closes_this_session_and_no_other(house: House, ada: Client) -> None:
    other = await house.new_client("ada")
    async with ada.following() as mine, other.following() as kept:
        await ada.call("POST", "/logout")
        with pytest.raises(ConnectionClosed) as closed:
            await mine.until(t="never")
        await kept.say(t="ping", id="still")
        await kept.until(t="pong")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4401
    assert await ada.refused("GET", "/me") == (401, "not-signed-in")
    await other.http.aclose()


async def test_a_session_that_expires_closes_its_socket(house: House, ada: Client) -> None:
    async with ada.following() as socket:
        house.clock.forward(25 * 3600)
        async with house.context.database.work() as work:
            await sweep(work, {})
        with pytest.raises(ConnectionClosed) as closed:
            await socket.until(t="never")
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4401


async def test_a_person_has_only_so_many_sockets(house: House, ada: Client) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(house.house.settings.sync.sockets_per_person):
            socket = await stack.enter_async_context(ada.socket())
            await socket.hello()
        one_more = await stack.enter_async_context(ada.socket())
        with pytest.raises(ConnectionClosed) as closed:
            await one_more.hear()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4429


async def test_who_asks_too_fast_is_told_to_wait(tmp_path: Path, sqlite_template: Path) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'fachwerk.db')}"
    slow = {
        "http": {"requests_burst": 3, "requests_per_s": 0.001},
        "sync": {"commands_burst": 2, "commands_per_s": 0.001},
    }
    async with open_house(tmp_path, url, **slow) as house:
        await house.settle()
        ada = await house.client("ada")
        answers = [await ada.http.get("/api/v1/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].headers["retry-after"] == "1"
        async with ada.socket() as socket:
            await socket.hello()
            await socket.say(t="ping", id="second")
            await socket.until(t="pong")
            await socket.say(t="ping", id="third")
            assert (await socket.until(t="problem"))["retry"]
