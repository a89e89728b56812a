# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who shows the token may push people, and nothing else; without a token there is no SCIM."""

import shutil
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fachwerk.features.scim import ScimSettings
from tests.house import Client, House, open_house
from tests.house.pusher import ERROR, SCIM_JSON, Pusher, user

pytestmark = pytest.mark.anyio


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What is asked here does not depend on the database's make."""
    return sqlite_url


@pytest.mark.parametrize("change", ["wrong", "", "x", "é"])
async def test_a_wrong_token_is_nobody(house: House, pusher: Pusher, change: str) -> None:
    token = house.house.settings.scim.token() or ""
    wrong = {"wrong": "wrong" * 10, "": "", "x": token + "x", "é": token[:-1] + "\xe9"}[change]
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        headers = [(b"authorization", (b"Bearer " + wrong.encode("latin-1")).strip())]
        response = await http.get("/scim/v2/Users", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == SCIM_JSON
    assert response.json() == {"schemas": [ERROR], "status": "401", "detail": "Please sign in"}


async def test_the_bridge_and_people_with_a_session_may_not(house: House, ada: Client) -> None:
    for headers in (house.bridge().headers, {"Cookie": ada.http.headers["cookie"], "Origin": house.origin}):
        async with httpx2.AsyncClient(base_url=house.origin) as http:
            assert (await http.get("/scim/v2/Users", headers=headers)).status_code == 403
            assert (await http.post("/scim/v2/Users", headers=headers, json=user("lea"))).status_code == 403


async def test_it_can_do_nothing_else(house: House, pusher: Pusher) -> None:
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        for path in ("/api/v1/me", "/api/v1/people", f"/api/v1/rooms/{house.room}/messages", "/api/v1/admin/people"):
            assert (await http.get(path, headers=pusher.headers)).status_code == 403
    with pytest.raises(InvalidStatus) as refused:
        async with connect(house.origin.replace("http", "ws") + "/api/v1/sync", additional_headers=pusher.headers):
            pass
    assert refused.value.response.status_code == 403


async def test_a_token_with_a_session_or_from_a_page_is_refused(house: House, ada: Client, pusher: Pusher) -> None:
    cookie = {"Cookie": ada.http.headers["cookie"]}
    for headers in (cookie, {"Cookie": "any=thing"}, cookie | {"Origin": house.origin}):
        assert (await pusher.ask("GET", "/Users", **headers)).status_code == 403
    for headers in ({"Origin": "https://evil.example"}, cookie | {"Origin": house.origin}):
        assert (await pusher.ask("POST", "/Users", user("lea"), **headers)).status_code == 403


async def test_what_is_not_there_is_refused_in_its_form_whoever_asks(house: House) -> None:
    stranger = Pusher(house.origin, "x" * 48)
    for path in ("/", "/Nothing", "/Users/x/y", "/Bulk", "/Me"):
        assert await stranger.refused("GET", path) == (404, None)
    assert await stranger.refused("PUT", "/Users") == (405, None)
    assert (await stranger.ask("PUT", "/Users")).headers["allow"]
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        assert (await http.get("/scim/v1/Users")).headers["content-type"] == "application/problem+json"


async def test_without_a_token_there_is_none(tmp_path: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url, scim={"token_file": None}) as house:
        await house.settle()
        for token in ("None", "x" * 48):
            assert await Pusher(house.origin, token).refused("GET", "/Users") == (401, None)
        assert (await (await house.client("ada")).call("GET", "/me"))["person"]["name"] == "Ada"


async def test_who_asks_too_fast_is_told_to_wait(tmp_path: Path, sqlite_template: Path) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'fachwerk.db')}"
    async with open_house(tmp_path, url, http={"requests_burst": 2, "requests_per_s": 0.001}) as house:
        pusher = house.pusher()
        answers = [await pusher.ask("GET", "/Users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[-1].json()["status"], answers[-1].headers["retry-after"]) == ("429", "1")


@pytest.mark.parametrize("token", ["short", "é" * 40])
def test_a_token_that_could_be_guessed_stops_the_start(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    with pytest.raises(SystemExit, match="the SCIM client's token needs at least 32 ASCII"):
        ScimSettings(token_file=tmp_path / "token").token()
