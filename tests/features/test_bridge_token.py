# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who shows the bridge's token may do what the bridge may, in whose name it may, and nobody else."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fachwerk.core import identity
from fachwerk.features.federation.names import ID_MAX_BYTES, is_room, server_of
from fachwerk.features.federation.settings import FederationSettings, PeerSettings
from fachwerk.kernel.ids import new_id
from tests.house import Client, House, open_house
from tests.house.bridge import Bridge

pytestmark = pytest.mark.anyio
B = "b.example"


@pytest.mark.parametrize("change", ["wrong", "", "x", "é"])
async def test_a_wrong_token_is_nobody(house: House, change: str) -> None:
    token = house.house.settings.federation.token() or ""
    wrong = {"wrong": "wrong" * 10, "": "", "x": token + "x", "é": token[:-1] + "\xe9"}[change]
    async with httpx2.AsyncClient(base_url=house.origin) as http:
        headers = [(b"authorization", (b"Bearer " + wrong.encode("latin-1")).strip())]
        response = await http.get("/api/v1/federation/rooms", headers=headers)
    assert response.status_code == 401


async def test_a_wrong_token_gets_no_socket(house: House) -> None:
    async with Bridge(house.origin, "w" * 48).socket() as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.hear()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4401


async def test_a_token_with_a_session_or_from_a_page_is_refused(house: House, ada: Client) -> None:
    bridge, path = house.bridge(), "/federation/rooms"
    cookie = {"Cookie": ada.http.headers["cookie"]}
    for headers in (cookie, {"Cookie": "any=thing"}, cookie | {"Origin": house.origin}):
        assert (await bridge.ask("GET", path, **headers)).status_code == 403
    body = {"mxid": "@eva:b.example", "name": "Eva"}
    for headers in (cookie, {"Origin": "https://evil.example"}, cookie | {"Origin": house.origin}):
        assert (await bridge.ask("PUT", "/federation/people", body, **headers)).status_code == 403
    url = house.origin.replace("http", "ws") + "/api/v1/sync"
    with pytest.raises(InvalidStatus) as refused:
        async with connect(url, additional_headers=bridge.headers | cookie, origin=house.origin):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_nobody_speaks_for_others_by_a_session(house: House, ada: Client) -> None:
    eva = await house.bridge().person("@eva:b.example")
    response = await ada.http.get("/api/v1/me", headers={"Fachwerk-As": eva})
    assert response.status_code == 403


async def test_the_bridge_speaks_for_externals_only(house: House) -> None:
    bridge = house.bridge()
    await bridge.call("GET", "/federation/rooms")
    async with house.context.database.read() as work:
        machine = await identity.known_machine(work, "matrix-bridge")
    assert machine
    for name in (house.people["ada"], machine.id, new_id(), "", "ada", "@eva:b.example", "x" * 5_000):
        speaking = Bridge(house.origin, house.house.settings.federation.token() or "")
        speaking.headers["Fachwerk-As"] = name
        for method, path in (("GET", f"/rooms/{house.room}/messages"), ("GET", "/federation/rooms")):
            assert await speaking.refused(method, path) == (403, "forbidden")


async def test_an_external_has_no_session_no_socket_and_no_bridge(house: House) -> None:
    eva = house.bridge(await house.bridge().person("@eva:b.example"))
    for method, path in (("GET", "/me"), ("GET", "/rooms"), ("GET", "/federation/rooms"), ("GET", "/federation/peers")):
        assert await eva.refused(method, path) == (403, "forbidden")
    assert await eva.refused("POST", "/rooms", {"name": "Meiner"}) == (403, "forbidden")
    assert await eva.refused("GET", f"/rooms/{house.room}/messages") == (404, "not-found")
    with pytest.raises(InvalidStatus) as refused:
        async with eva.socket():
            pass
    assert refused.value.response.status_code == 403


async def test_a_ministry_taken_out_of_the_settings_is_silent(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "before").mkdir()
    async with open_house(tmp_path / "before", sqlite_url) as house:
        await house.settle()
        eva, room, olga = await house.bridge().person("@eva:b.example"), house.room, await house.client("olga")
        await olga.call("PUT", f"/rooms/{room}/peers/{B}", {"contact": "eva"}, status=204)
        assert (await house.bridge().call("GET", f"/federation/rooms/{room}/events"))["items"] == []
    (tmp_path / "after").mkdir()
    async with open_house(tmp_path / "after", sqlite_url, federation={"peers": []}) as house:
        (shared,) = (await house.bridge().call("GET", "/federation/rooms"))["items"]
        assert [peer["state"] for peer in shared["peers"]] == ["closed"]
        assert await house.bridge().refused("GET", f"/federation/rooms/{room}/events") == (404, "not-found")
        assert await house.bridge(eva).refused("GET", f"/rooms/{new_id()}/messages") == (403, "forbidden")
        body = {"mxid": "@eva:b.example", "name": "Eva"}
        assert await house.bridge().refused("PUT", "/federation/people", body) == (422, "unknown-peer")


async def test_without_a_token_there_is_no_federation(tmp_path: Path, sqlite_url: str) -> None:
    async with open_house(tmp_path, sqlite_url, federation={"token_file": None}) as house:
        await house.settle()
        for token in ("None", "x" * 48):
            assert await Bridge(house.origin, token).refused("GET", "/federation/rooms") == (401, "not-signed-in")
        olga = await house.client("olga")
        assert (await olga.call("GET", "/federation/peers"))["items"] == []
        refused = await olga.refused("PUT", f"/rooms/{house.room}/peers/{B}", {"contact": "eva"})
        assert refused == (422, "unknown-peer")


# ---- Matrix user ids


@pytest.mark.parametrize(
    "mxid",
    ["@eva:b.example", "@_fw_0190:b.example", "@e=2fv+a/x.-_:b.example", "@Eva!#$%&'()*:b.example",
     "@" + "e" * 244 + ":b.example"],
)  # fmt: skip
async def test_a_matrix_user_id_names_one_person(house: House, mxid: str) -> None:
    bridge = house.bridge()
    first, again = await bridge.person(mxid, "Eva"), await bridge.person(mxid, "Eva Neu")
    assert first == again


@pytest.mark.parametrize(
    "mxid",
    ["eva", "@eva", "@:b.example", "@eva:", "eva:b.example", "@eva@b.example", "@ev a:b.example", "@eva:b.example ",
     "@éva:b.example", "@eva:b.exa\u200bmple", "@eva\n:b.example", "@eva:b.example\n", "@" + "e" * 245 + ":b.example",
     "@eva:b.example/../c"],
)  # fmt: skip
async def test_what_is_no_matrix_user_id_is_refused(house: House, mxid: str) -> None:
    body = {"mxid": mxid, "name": "Eva"}
    assert await house.bridge().refused("PUT", "/federation/people", body) == (422, "invalid")


@pytest.mark.parametrize(
    "mxid", ["@eva:evil.example", "@eva:a.example", "@eva:B.EXAMPLE", "@eva:b.example:8448", "@eva:c.example",
             "@x:evil.example:b.example"],
)  # fmt: skip
async def test_nobody_comes_from_a_server_that_is_not_in_the_settings(house: House, mxid: str) -> None:
    body = {"mxid": mxid, "name": "Eva"}
    status, slug = await house.bridge().refused("PUT", "/federation/people", body)
    assert (status, slug) in {(422, "unknown-peer"), (422, "invalid")}


async def test_a_name_from_elsewhere_is_one_line(house: House) -> None:
    bridge = house.bridge()
    eva = await bridge.person("@eva:b.example", "Eva\u202e\n  B\x07")
    async with house.context.database.read() as work:
        person = await identity.person(work, eva)
    assert person
    assert (person.name, person.organisation, person.email, person.roles) == ("Eva B", "Ministerium B", None, [])


@given(st.text(max_size=300))
def test_any_text_is_judged_without_harm(text: str) -> None:
    server = server_of(text)
    assert server is None or text.endswith(f":{server}")
    assert not (server or is_room(text)) or len(text.encode()) <= ID_MAX_BYTES


# ---- settings


@pytest.mark.parametrize(
    "settings",
    [
        {"server_name": B, "peers": [{"server": B, "name": "Wir"}]},
        {"peers": [{"server": B, "name": "B"}, {"server": B, "name": "Noch einmal"}]},
        {"peers": [{"server": "b example", "name": "B"}]},
        {"peers": [{"server": B, "name": ""}]},
        {"peers": [{"server": B, "name": "B", "url": "x"}]},
    ],
)
def test_peers_that_make_no_sense_stop_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FederationSettings.model_validate(settings)


@pytest.mark.parametrize("token", ["short", "é" * 40])
def test_a_token_that_could_be_guessed_stops_the_start(tmp_path: Path, token: str) -> None:
    (tmp_path / "token").write_text(token)
    settings = FederationSettings(token_file=tmp_path / "token", peers=(PeerSettings(server=B, name="B"),))
    with pytest.raises(SystemExit, match="32 ASCII"):
        settings.token()
