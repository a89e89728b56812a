# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What stays in the house is not shared with another ministry, whichever of the two is asked for first."""

import asyncio

import pytest

from tests.house import Client, House
from tests.house.house import PEERS

pytestmark = pytest.mark.anyio
PEER, OTHER = PEERS
CONTACT = {"contact": "eva"}


@pytest.mark.parametrize("label", ["internal", "confidential"])
async def test_a_room_that_stays_in_the_house_is_shared_with_nobody(house: House, olga: Client, label: str) -> None:
    await olga.call("PUT", f"/rooms/{house.room}/label", {"label": label})
    assert await olga.refused("PUT", f"/rooms/{house.room}/peers/{PEER}", CONTACT) == (409, "label-forbids")
    await olga.call("PUT", f"/rooms/{house.room}/label", {"label": "open"})
    await olga.call("PUT", f"/rooms/{house.room}/peers/{PEER}", CONTACT, status=204)


async def test_a_shared_room_stays_open_until_every_sharing_has_ended(house: House, olga: Client) -> None:
    for server in (PEER, OTHER):
        await olga.call("PUT", f"/rooms/{house.room}/peers/{server}", CONTACT, status=204)
    for server, name in ((PEER, "Ministerium B, Ministerium C"), (OTHER, "Ministerium C")):
        answer = await olga.http.put(f"/api/v1/rooms/{house.room}/label", json={"label": "internal"})
        assert answer.status_code == 409
        assert answer.json()["data"] == {"ministries": name}
        await olga.call("DELETE", f"/rooms/{house.room}/peers/{server}", status=204)
    async with house.verify(olga, house.room):
        await olga.call("PUT", f"/rooms/{house.room}/label", {"label": "internal"})


async def test_of_two_at_once_one_is_refused(house: House, olga: Client, bea: Client) -> None:
    """Otherwise a room could end up shared and internal."""
    for _ in range(10):
        answers = await asyncio.gather(
            olga.http.put(f"/api/v1/rooms/{house.room}/peers/{PEER}", json=CONTACT),
            bea.http.put(f"/api/v1/rooms/{house.room}/label", json={"label": "internal"}),
        )
        assert sorted(answer.status_code for answer in answers) in ([200, 409], [204, 409]), answers
        if answers[0].is_success:
            await olga.call("DELETE", f"/rooms/{house.room}/peers/{PEER}", status=204)
        await bea.call("PUT", f"/rooms/{house.room}/label", {"label": "open"})
