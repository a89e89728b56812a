# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Parts fall in the middle of a conversation: everything arrives once and in order, and what people read is true."""

import asyncio
import time

from tests.federation.ministry import Ministry
from tests.federation.talk import Side, Talk, until

LONG_S = 150.0
HANG_S = 60.0


async def arrives(there: Side, texts: list[str]) -> None:
    """All of them are there, each once and in this order."""

    async def all_there() -> bool:
        return len([text for text in await there.texts() if text in texts]) >= len(texts)

    await until(all_there, LONG_S)
    await asyncio.sleep(2)  # what came twice would come now
    assert [text for text in await there.texts() if text in texts] == texts


async def is_true(here: Side, there: Side) -> int:
    """What people read as delivered is there. Returns how many that are."""
    peer = await here.peer()
    said = await here.messages()
    delivered = [one["text"] for one in said if peer["opened_seq"] < one["seq"] <= peer["delivered_seq"]]
    assert set(delivered) <= set(await there.texts())
    return len(delivered)


async def test_an_outage_of_the_other_homeserver_loses_and_doubles_nothing(talk: Talk, south: Ministry) -> None:
    texts = [f"Nachricht {number}" for number in range(200)]
    for text in texts[:70]:
        await talk.north.say(text)
    assert await is_true(talk.north, talk.south) <= 70
    await asyncio.to_thread(south.synapse.stop)
    for text in texts[70:]:
        await talk.north.say(text)

    async def unreachable() -> bool:
        return not (await talk.north.peer())["reachable"]

    await until(unreachable)
    assert await is_true(talk.north, talk.south) < 200
    await asyncio.to_thread(south.synapse.start)
    await arrives(talk.south, texts)

    async def everything() -> bool:
        return await is_true(talk.north, talk.south) == 200 and (await talk.north.peer())["reachable"]

    await until(everything)


async def test_a_homeserver_that_hangs_for_a_minute_holds_up_what_crosses_and_nothing_else(
    talk: Talk, south: Ministry
) -> None:
    await talk.north.say("davor")
    await talk.south.hears("davor")
    out, back = ["davor"], list[str]()
    with south.synapse.hanging():
        until_s = time.monotonic() + HANG_S
        while (left := until_s - time.monotonic()) > 0:
            for side, said in ((talk.north, out), (talk.south, back)):
                said.append(f"noch {left:.0f} s, {side.ministry.key}")
                posted = await side.say(said[-1])
                assert said[-1] in await side.texts(), "one's own house is not held up"
                assert not await side.delivered(posted["seq"])
            await asyncio.sleep(min(left, HANG_S / 6))
        assert not (await talk.north.peer())["reachable"]
    await arrives(talk.south, out)
    await arrives(talk.north, back)


async def test_bridges_that_are_killed_go_on_where_they_were(talk: Talk, north: Ministry, south: Ministry) -> None:
    texts = [f"Zeile {number}" for number in range(60)]
    for number, text in enumerate(texts):
        await talk.north.say(text)
        for at, bridge in ((20, north.bridge), (40, south.bridge)):
            if number == at:
                bridge.kill()
                await asyncio.to_thread(bridge.start)
    await arrives(talk.south, texts)


async def test_messages_wait_while_our_own_server_is_away(talk: Talk, north: Ministry) -> None:
    texts = [f"Antwort {number}" for number in range(30)]
    for text in texts[:10]:
        await talk.south.say(text)
    north.server.stop()
    for text in texts[10:]:
        await talk.south.say(text)
    await asyncio.to_thread(north.server.start)
    await arrives(talk.north, texts)


async def test_our_own_homeserver_may_be_away_too(talk: Talk, north: Ministry) -> None:
    await asyncio.to_thread(north.synapse.stop)
    texts = [f"Entwurf {number}" for number in range(20)]
    for text in texts:
        await talk.north.say(text)
    await asyncio.to_thread(north.synapse.start)
    await arrives(talk.south, texts)


async def test_a_bridge_that_lost_its_database_finds_its_rooms_again(talk: Talk, north: Ministry) -> None:
    said = await talk.north.say("Vorher")
    seen = await talk.south.hears("Vorher")
    await talk.south.say("Gelesen")
    await talk.north.hears("Gelesen")
    await until(lambda: talk.north.delivered(said["seq"]))
    north.bridge.stop()
    north.forget_bridge()
    await asyncio.to_thread(north.bridge.start)
    await talk.north.say("Nachher")
    await talk.south.say("Auch nachher")
    await talk.south.hears("Nachher")
    await talk.north.hears("Auch nachher")
    await talk.north.client.call("PATCH", f"/messages/{said['id']}", {"text": "Vorher, verbessert"})
    assert (await talk.south.hears("Vorher, verbessert"))["id"] == seen["id"]
    for side in (talk.north, talk.south):
        assert sorted(await side.texts()) == ["Auch nachher", "Gelesen", "Nachher", "Vorher, verbessert"]
