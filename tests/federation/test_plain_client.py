# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Somebody elsewhere who has no Fachwerk but any Matrix client takes part."""

import asyncio
import io
import uuid
import warnings
from collections.abc import AsyncIterator

import pytest

from tests.federation.ministry import Ministry
from tests.federation.talk import Side, new_room, share, until

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what the library's own libraries say of their next versions
    from nio import JoinResponse, RoomMessageText, RoomSendResponse, SyncResponse, UploadResponse
    from nio.client.async_client import AsyncClient

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
async def guest(south: Ministry) -> AsyncIterator[AsyncClient]:
    """An account that an administrator of the southern homeserver has made."""
    name = f"gast{uuid.uuid4().hex[:8]}"
    mxid = await asyncio.to_thread(south.synapse.add_user, name, "geheim")
    client = AsyncClient(south.synapse.address, mxid)
    await client.login("geheim")
    yield client
    await client.close()  # type: ignore[no-untyped-call]


async def invited(guest: AsyncClient) -> str:
    """The room that the guest is asked into."""

    async def look() -> str | None:
        answer = await guest.sync(timeout=100)
        assert isinstance(answer, SyncResponse)
        return next(iter(answer.rooms.invite), None)

    return await until(look)


async def send(guest: AsyncClient, room: str, kind: str, **content: object) -> str:
    answer = await guest.room_send(room, kind, content)
    assert isinstance(answer, RoomSendResponse), answer
    return str(answer.event_id)


async def hears(guest: AsyncClient, room: str, text: str) -> RoomMessageText:
    """The guest's view of a message."""

    async def look() -> RoomMessageText | None:
        answer = await guest.room_messages(room, limit=50)
        return next((e for e in answer.chunk if isinstance(e, RoomMessageText) and e.body == text), None)

    return await until(look)


async def test_a_guest_with_a_plain_client_takes_part(north: Ministry, south: Ministry, guest: AsyncClient) -> None:
    home: Side = await new_room(north, "nora", "Mit Gast")
    await share(home, south, guest.user_id)
    room = await invited(guest)

    async def joined() -> bool:  # the invitation is here a moment before the other homeserver knows of it
        return isinstance(await guest.join(room), JoinResponse)

    await until(joined)

    async def is_open() -> bool:
        return bool((await home.peer())["state"] == "open")

    await until(is_open)
    said = await home.say("Willkommen")
    seen = await hears(guest, room, "Willkommen")
    await until(lambda: home.delivered(said["seq"]))

    hello = await send(guest, room, "m.room.message", msgtype="m.text", body="Danke")
    heard = await home.hears("Danke")
    relation = {"rel_type": "m.replace", "event_id": hello}
    text = {"msgtype": "m.text", "body": "Vielen Dank"}
    await send(guest, room, "m.room.message", **text | {"m.new_content": text, "m.relates_to": relation})
    assert (await home.hears("Vielen Dank"))["id"] == heard["id"]

    answered = {"m.in_reply_to": {"event_id": seen.event_id}}
    await send(guest, room, "m.room.message", msgtype="m.text", body="Gern", **{"m.relates_to": answered})

    async def reply() -> bool:
        page = await home.client.call("GET", f"/messages/{said['id']}/thread")
        return [one["text"] for one in page["items"]] == ["Gern"]

    await until(reply)
    relation = {"rel_type": "m.annotation", "event_id": seen.event_id, "key": "👍"}
    await send(guest, room, "m.reaction", **{"m.relates_to": relation})

    async def reaction() -> bool:
        found = next(one for one in await home.messages() if one["id"] == said["id"])
        return [one["emoji"] for one in found["reactions"]] == ["👍"]

    await until(reaction)
    content = b"%PDF-1.4 " + b"x" * 100_000
    uploaded, _ = await guest.upload(io.BytesIO(content), "application/pdf", "Anlage.pdf", filesize=len(content))
    assert isinstance(uploaded, UploadResponse)
    info = {"mimetype": "application/pdf", "size": len(content)}
    await send(guest, room, "m.room.message", msgtype="m.file", body="Anlage.pdf", url=uploaded.content_uri, info=info)

    async def file() -> dict[str, str] | None:
        return next((one["files"][0] for one in await home.messages() if one.get("files")), None)

    assert await home.download((await until(file))["id"]) == content
    await guest.room_redact(room, hello)

    async def gone() -> bool:
        return any(one["id"] == heard["id"] and one.get("deleted") for one in await home.messages())

    await until(gone)
    assert any("Gast" in name.title() for name in (await home.members()).values())
    await guest.room_leave(room)

    async def alone() -> bool:
        return set((await home.members()).values()) == {"Nora"}

    await until(alone)
