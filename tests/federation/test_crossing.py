# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What people do in a shared room crosses, both ways."""

import asyncio
import hashlib
import os
from functools import partial
from typing import Any

import pytest

from fachwerk_matrix.lanes import PAUSE_MAX_S
from tests.federation.ministry import Ministry
from tests.federation.talk import Side, Talk, arrived, becomes, new_room, share, until


def both(talk: Talk, way: str) -> tuple[Side, Side]:
    """(who does something, who sees it)"""
    return (talk.north, talk.south) if way == "out" else (talk.south, talk.north)


async def names_in(side: Side) -> set[str]:
    """Who is in the room, as this side calls them."""
    return set((await side.members()).values())


async def is_closed(side: Side) -> bool:
    """Whether the room is closed to the other ministry."""
    return bool((await side.peer())["state"] == "closed")


async def is_closed_or_refused(side: Side) -> bool:
    """The same; closed there before it was known here that it was taken in, that was a refusal."""
    peer = await side.peer()
    return peer["state"] == "closed" or (peer["state"], peer["reason"]) == ("refused", "closed-here")


@pytest.mark.parametrize("way", ["out", "back"])
async def test_what_is_written_edited_answered_and_deleted_crosses(talk: Talk, way: str) -> None:
    here, there = both(talk, way)
    said = await here.say("Guten Morgen")
    seen = await there.hears("Guten Morgen")
    assert seen["sender_id"] in await there.members()
    await here.say("Zur Sache", root=said["id"])

    async def answered() -> list[dict[str, Any]]:
        page = await there.client.call("GET", f"/messages/{seen['id']}/thread")
        return [reply for reply in page["items"] if reply["text"] == "Zur Sache"]

    await until(answered)
    await here.client.call("PATCH", f"/messages/{said['id']}", {"text": "Guten Abend"})
    assert (await there.hears("Guten Abend"))["id"] == seen["id"]
    await here.client.call("DELETE", f"/messages/{said['id']}", status=204)

    async def gone() -> bool:
        return any(one["id"] == seen["id"] and one.get("deleted") for one in await there.messages())

    await until(gone)


@pytest.mark.parametrize("way", ["out", "back"])
async def test_a_reaction_crosses_and_so_does_taking_it_back(talk: Talk, way: str) -> None:
    here, there = both(talk, way)
    said = await here.say("Wer kommt?")
    seen = await there.hears("Wer kommt?")

    async def reactions(side: Side, message_id: str) -> list[str]:
        return [r["emoji"] for one in await side.messages() if one["id"] == message_id for r in one["reactions"]]

    await here.client.call("PUT", f"/messages/{said['id']}/reactions/👍", status=204)
    await becomes(lambda: reactions(there, seen["id"]), ["👍"])
    await there.client.call("PUT", f"/messages/{seen['id']}/reactions/🎉", status=204)
    await becomes(lambda: reactions(here, said["id"]), ["👍", "🎉"])
    await here.client.call("DELETE", f"/messages/{said['id']}/reactions/👍", status=204)
    await becomes(lambda: reactions(there, seen["id"]), ["🎉"])
    await there.client.call("DELETE", f"/messages/{seen['id']}/reactions/🎉", status=204)
    await becomes(lambda: reactions(here, said["id"]), list[str]())


@pytest.mark.parametrize("way", ["out", "back"])
async def test_files_arrive_with_every_byte_in_one_message(talk: Talk, way: str) -> None:
    here, there = both(talk, way)
    contents = [os.urandom(1_500_000), b"Vermerk"]
    ids = [await here.upload(f"Anlage {number}.bin", content) for number, content in enumerate(contents)]
    await here.say("Zwei Anlagen", file_ids=ids)
    files = (await there.hears("Zwei Anlagen"))["files"]
    assert [file["name"] for file in files] == ["Anlage 0.bin", "Anlage 1.bin"]
    for file, content in zip(files, contents, strict=True):
        assert hashlib.sha256(await there.download(file["id"])).digest() == hashlib.sha256(content).digest()


async def test_a_file_beyond_the_limit_is_named_and_not_carried(talk: Talk) -> None:
    large = await talk.north.upload("Film.mp4", os.urandom(3_100_000))
    await talk.north.say("Seht selbst: ", file_ids=[large])
    seen = await talk.south.hears("Seht selbst: [Die Datei „Film.mp4“ (3 MB) ist zu groß für die Übertragung.]")
    assert "files" not in seen


async def test_a_long_text_arrives_whole(talk: Talk) -> None:
    text = "Ä" * 15_000 + "\n" + '"' * 900
    await talk.north.say(text)
    assert await talk.south.hears(text)


@pytest.mark.parametrize(("way", "newcomer"), [("out", "nils"), ("back", "sven")])
async def test_whoever_joins_or_leaves_does_so_on_the_other_side_too(talk: Talk, way: str, newcomer: str) -> None:
    here, there = both(talk, way)
    names = partial(names_in, there)
    await becomes(names, {"Sara", "Nora"})
    client = here.ministry.client(newcomer)
    await here.client.call("POST", f"/rooms/{here.room}/members", {"person_id": client.id}, status=204)
    assert newcomer.title() not in await names()
    await client.call("POST", f"/rooms/{here.room}/join")
    await becomes(names, {"Sara", "Nora", newcomer.title()})
    await client.call("POST", f"/rooms/{here.room}/leave", status=204)
    await becomes(names, {"Sara", "Nora"})


async def test_only_what_is_written_after_opening_crosses(north: Ministry, south: Ministry) -> None:
    home = await new_room(north, "nora", "Erst intern")
    await home.say("Nur für uns")
    await share(home, south, south.mail("sara"))
    await home.say("Für alle")
    sara = south.client("sara")
    away = Side(south, sara, await arrived(sara, "Erst intern"))
    await away.hears("Für alle")
    assert await away.texts() == ["Für alle"]


async def test_a_contact_that_nobody_knows_is_refused_and_says_so(north: Ministry, south: Ministry) -> None:
    home = await new_room(north, "nora", "Wohin")
    await share(home, south, "niemand@sued.example")

    async def refused() -> bool:
        peer = await home.peer()
        return bool(peer["state"] == "refused" and peer["reason"] == "unknown-contact")

    await until(refused)


async def test_rooms_opened_and_closed_at_once_are_so_on_both_sides(north: Ministry, south: Ministry) -> None:
    sara = south.client("sara")

    async def open_and_close(number: int) -> None:
        home = await new_room(north, "nora", f"Zugleich {number}")
        await share(home, south, south.mail("sara"))
        away = Side(south, sara, await arrived(sara, f"Zugleich {number}"))
        if number % 2:
            for side in (home, away):
                await becomes(partial(names_in, side), {"Sara", "Nora"})
        await sara.call("DELETE", f"/rooms/{away.room}/peers/{north.server_name}", status=204)
        await until(lambda: is_closed_or_refused(home))
        await becomes(partial(names_in, home), {"Nora"})

    async with asyncio.TaskGroup() as group:
        for number in range(10):
            group.create_task(open_and_close(number))

    async def is_settled() -> bool:
        """The bridges have nothing left to try again."""
        before = await failures()
        await asyncio.sleep(PAUSE_MAX_S + 1)
        return await failures() == before

    async def failures() -> float:
        return sum([await one.figure("fachwerk_bridge_failures_total") for one in (north, south)])

    await until(is_settled)


async def test_closing_ends_it_on_both_sides(talk: Talk, south: Ministry) -> None:
    said = await talk.north.say("Zum Schluss")
    await talk.south.hears("Zum Schluss")
    await until(lambda: talk.north.delivered(said["seq"]))
    await talk.north.client.call("DELETE", f"/rooms/{talk.north.room}/peers/{south.server_name}", status=204)

    await until(lambda: is_closed(talk.south))
    assert set((await talk.south.members()).values()) == {"Sara"}
    assert set((await talk.north.members()).values()) == {"Nora"}
    await talk.north.say("Unter uns")
    await talk.south.say("Ins Leere")
    assert "Unter uns" not in await talk.south.texts()
    assert "Ins Leere" not in await talk.north.texts()


async def test_a_portal_that_its_contact_closes_is_closed_at_home(talk: Talk, north: Ministry) -> None:
    await talk.south.client.call("DELETE", f"/rooms/{talk.south.room}/peers/{north.server_name}", status=204)

    await until(lambda: is_closed_or_refused(talk.north))
    await becomes(partial(names_in, talk.north), {"Nora"})
