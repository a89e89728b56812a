# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Polls, on either store."""

from typing import Any

import pytest

from tests.house import Client, House

pytestmark = pytest.mark.anyio
NEW = {"question": "Mittag?", "options": ["Linsen", "Spätzle"]}


async def test_opening_a_poll_tells_the_room_and_counts_as_unread(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(cem, house.room) as mirror:
        poll = await open_poll(ada, house.room)
    assert mirror.room["polls"][poll["id"]].counts == [0, 0]
    rows = (await cem.call("GET", "/rooms"))["items"]
    assert [row["posts"] - row["read_posts"] for row in rows] == [1]


async def test_voting_again_moves_the_vote_on_all_devices(house: House, ada: Client, cem: Client) -> None:
    poll = (await open_poll(ada, house.room))["id"]
    async with house.verify(cem, house.room) as mirror, house.verify(ada, house.room):
        await cem.call("PUT", f"/polls/{poll}/vote", {"option": 0}, status=204)
        await cem.call("PUT", f"/polls/{poll}/vote", {"option": 1}, status=204)
    seen = mirror.room["polls"][poll]
    assert (seen.counts, seen.voters, seen.mine) == ([0, 1], 1, 1)


@pytest.mark.parametrize(("who", "status"), [("ada", 204), ("bea", 204), ("cem", 403), ("dora", 404)])
async def test_only_the_author_and_moderators_close_a_poll(house: House, ada: Client, who: str, status: int) -> None:
    poll = (await open_poll(ada, house.room))["id"]
    async with house.verify(ada, house.room):
        response = await (await house.client(who)).http.post(f"/api/v1/polls/{poll}/close")
    assert response.status_code == status


async def test_a_closed_poll_refuses_votes(house: House, ada: Client, cem: Client) -> None:
    poll = (await open_poll(ada, house.room))["id"]
    await ada.call("POST", f"/polls/{poll}/close", status=204)
    assert await cem.refused("PUT", f"/polls/{poll}/vote", {"option": 0}) == (409, "poll-closed")


async def test_an_option_that_is_not_there_is_refused(house: House, ada: Client) -> None:
    poll = (await open_poll(ada, house.room))["id"]
    assert await ada.refused("PUT", f"/polls/{poll}/vote", {"option": 2}) == (422, "invalid")
    double = {"question": "?", "options": ["a", " a"]}
    assert await ada.refused("POST", f"/rooms/{house.room}/polls", double) == (422, "invalid")


async def open_poll(client: Client, room_id: str) -> dict[str, Any]:
    poll: dict[str, Any] = await client.call("POST", f"/rooms/{room_id}/polls", NEW, status=201)
    return poll
