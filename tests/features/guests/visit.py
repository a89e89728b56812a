# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Inviting a guest, and being one."""

from http.cookies import SimpleCookie
from typing import Any

import httpx2

from fachwerk.core.identity import COOKIE
from tests.house import Client, House
from tests.house.client import WAIT_S

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def invite(sponsor: Client, room: str, **more: Any) -> dict[str, Any]:
    """The answer to an invitation."""
    body = {"name": "Gina", "organisation": "Planungsbüro Nord"} | more
    made: dict[str, Any] = await sponsor.call("POST", f"/rooms/{room}/guests", body, status=201)
    return made


def secret_of(link: dict[str, Any]) -> str:
    return str(link["link"].split("#")[1])


async def follow(house: House, secret: str, *, cookie: str = "") -> httpx2.Response:
    """What a browser gets that opens a link and accepts."""
    headers = {"Origin": house.origin, "User-Agent": AGENT}
    if cookie:
        headers["Cookie"] = f"{COOKIE}={cookie}"
    async with httpx2.AsyncClient(base_url=house.origin, timeout=WAIT_S) as http:
        return await http.post("/api/v1/guest-links/accept", json={"secret": secret}, headers=headers)


async def slug(house: House, secret: str, path: str = "accept") -> tuple[int, str]:
    """How a link is refused."""
    async with httpx2.AsyncClient(base_url=house.origin, timeout=WAIT_S) as http:
        answer = await http.post(
            f"/api/v1/guest-links/{path}", json={"secret": secret}, headers={"Origin": house.origin}
        )
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].rsplit(":")[-1]


async def enter(house: House, link: dict[str, Any]) -> Client:
    """Follow a link; a guest with a session."""
    answer = await follow(house, secret_of(link))
    assert answer.status_code == 200, answer.text
    cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE].value
    guest = Client(house.origin, cookie, link["person_id"])
    house.keep(guest)
    return guest


async def guests_of(client: Client, room: str) -> list[dict[str, Any]]:
    """The guests of a room, as this person is told of them."""
    found: list[dict[str, Any]] = (await client.call("GET", f"/rooms/{room}/guests"))["items"]
    return found
