# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reactions, on either store."""

import pytest

from tests.core.messages.test_messages import post
from tests.house import Client, House

pytestmark = pytest.mark.anyio
HEART = "%E2%9D%A4%EF%B8%8F"


async def test_a_reaction_shows_and_goes(house: House, ada: Client, cem: Client) -> None:
    message = await post(ada, house.room, "Kuchen in der Küche")
    async with house.verify(ada, house.room) as mirror:
        await cem.call("PUT", f"/messages/{message}/reactions/{HEART}", status=204)
        await ada.call("PUT", f"/messages/{message}/reactions/{HEART}", status=204)
        await ada.call("PUT", f"/messages/{message}/reactions/{HEART}", status=204)
    assert [r.person_ids for r in mirror.room["reactions"][message]] == [[cem.id, ada.id]]
    page = await ada.call("GET", f"/rooms/{house.room}/messages")
    assert page["extra"]["reactions"][message] == [{"emoji": "❤️", "person_ids": [cem.id, ada.id]}]
    async with house.verify(ada, house.room):
        await cem.call("DELETE", f"/messages/{message}/reactions/{HEART}", status=204)


async def test_deleting_a_message_takes_its_reactions_along(house: House, ada: Client, cem: Client) -> None:
    message = await post(ada, house.room, "weg damit")
    await cem.call("PUT", f"/messages/{message}/reactions/{HEART}", status=204)
    async with house.verify(cem, house.room) as mirror:
        await ada.call("DELETE", f"/messages/{message}", status=204)
    assert mirror.room["reactions"] == {}
    assert await cem.refused("PUT", f"/messages/{message}/reactions/{HEART}") == (409, "message-deleted")


@pytest.mark.parametrize("emoji", ["ja", "1", "a%F0%9F%8E%89", "%F0%9F%8E%89%20", "%F0%9F%8E%89" * 13])
async def test_only_emojis_are_reactions(house: House, ada: Client, emoji: str) -> None:
    message = await post(ada, house.room, "na?")
    assert await ada.refused("PUT", f"/messages/{message}/reactions/{emoji}") == (422, "not-an-emoji")
