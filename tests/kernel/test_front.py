# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every response has, and what operators ask."""

from pathlib import Path

import httpx2
import pytest

from fachwerk.kernel.pages import pages
from tests.house import Client, House, open_house

pytestmark = pytest.mark.anyio


async def test_security_headers_are_on_every_response(house: House, ada: Client) -> None:
    for path in ("/api/v1/me", "/nothing", "/healthz"):
        headers = (await ada.http.get(path)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
    assert (await ada.http.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_operators_learn_how_it_is_and_nothing_about_anybody(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        await socket.send(house.room, "geheim", "client-0001")
    assert (await ada.http.get("/healthz")).text == "ok\n"
    assert (await ada.http.get("/readyz")).status_code == 200
    metrics = (await ada.http.get("/metrics")).text
    assert 'fachwerk_events_total{kind="message.posted"}' in metrics
    assert not any(secret in metrics for secret in (ada.id, house.room, "geheim", "Ada"))


async def test_the_client_is_served_for_its_own_paths_alone(tmp_path: Path, database_url: str) -> None:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>Fachwerk</title>")
    (built / "robots.txt").write_text("no")
    (built / "assets/app-1.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    async with (
        open_house(tmp_path, database_url, http={"web_dir": built}) as house,
        httpx2.AsyncClient(base_url=house.origin) as http,
    ):
        assert "Fachwerk" in (await http.get("/r/some-room")).text
        assert (await http.get("/robots.txt")).text == "no"
        assert "immutable" in (await http.get("/assets/app-1.js")).headers["cache-control"]
        assert (await http.get("/api/v1/nothing")).status_code == 404
        for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"):
            assert "secret" not in (await http.get(path)).text


def test_a_client_that_is_not_built_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no built web client"):
        pages(tmp_path)
