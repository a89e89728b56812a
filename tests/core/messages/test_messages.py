# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages as clients meet them, on either store."""

import pytest

from tests.house import Client, House

pytestmark = pytest.mark.anyio


async def test_a_message_reaches_everybody_in_the_room(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(cem, house.room) as mirror, ada.following(house.room) as socket:
        ack = await socket.send(house.room, "Guten Morgen", "client-0001")
    assert ack["t"] == "ack"
    assert [message.text for message in mirror.room["messages"].items] == ["Guten Morgen"]


async def test_the_same_client_id_is_the_same_message(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        first = await socket.send(house.room, "einmal", "client-0001")
        again = await socket.send(house.room, "einmal", "client-0001")
        other = await socket.send(house.room, "anders", "client-0001")
    assert again["message_id"] == first["message_id"]
    assert other["problem"]["type"] == "urn:fachwerk:problem:client-id-used"
    page = await ada.call("GET", f"/rooms/{house.room}/messages")
    assert [m["text"] for m in page["items"]] == ["einmal"]


async def test_http_and_socket_share_the_client_ids(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        ack = await socket.send(house.room, "einmal", "client-0001")
    body = {"client_id": "client-0001", "text": "einmal"}
    message = await ada.call("POST", f"/rooms/{house.room}/messages", body, status=201)
    assert message["id"] == ack["message_id"]


async def test_unread_is_what_others_wrote_since(house: House, ada: Client, cem: Client) -> None:
    async with house.verify(cem), ada.following(house.room) as socket:
        for number in range(3):
            await socket.send(house.room, f"Nachricht {number}", f"client-{number:04d}")
    room = await _row(cem, house.room)
    assert room["posts"] - room["read_posts"] == 3
    assert (own := await _row(ada, house.room))["posts"] == own["read_posts"]
    async with house.verify(cem):
        await cem.call("PUT", f"/rooms/{house.room}/read", {"seq": room["seq"]}, status=204)
    room = await _row(cem, house.room)
    assert room["posts"] == room["read_posts"]


async def test_an_edit_keeps_the_former_text(house: House, ada: Client, cem: Client) -> None:
    message = await post(ada, house.room, "Entwurf")
    async with house.verify(cem, house.room):
        await ada.call("PATCH", f"/messages/{message}", {"text": "Fassung"})
    former = await cem.call("GET", f"/messages/{message}/revisions")
    assert [r["text"] for r in former["items"]] == ["Entwurf"]


async def test_only_its_author_edits_a_message(house: House, ada: Client, bea: Client, dora: Client) -> None:
    message = await post(ada, house.room, "meins")
    assert await bea.refused("PATCH", f"/messages/{message}", {"text": "x"}) == (403, "forbidden")
    assert await dora.refused("PATCH", f"/messages/{message}", {"text": "x"}) == (404, "not-found")


async def test_a_deleted_message_leaves_a_trace_and_no_content(house: House, ada: Client, cem: Client) -> None:
    message = await post(ada, house.room, "geheim")
    await ada.call("PATCH", f"/messages/{message}", {"text": "geheimer"})
    async with house.verify(cem, house.room):
        await ada.call("DELETE", f"/messages/{message}", status=204)
    page = await cem.call("GET", f"/rooms/{house.room}/messages")
    assert [(m["text"], m["deleted"]) for m in page["items"]] == [("", True)]
    async with cem.socket() as socket:  # nor does the log that clients resume from have it
        await socket.hello()
        await socket.follow(house.room, after=0)
        assert "geheim" not in str(socket.heard)
    assert await cem.call("GET", f"/messages/{message}/revisions") == {"items": []}
    assert await ada.refused("PATCH", f"/messages/{message}", {"text": "x"}) == (409, "message-deleted")


async def test_a_reply_belongs_to_its_thread(house: House, ada: Client, cem: Client) -> None:
    root = await post(ada, house.room, "Frage?")
    async with house.verify(ada, house.room):
        await post(cem, house.room, "Antwort", root_id=root)
    thread = await ada.call("GET", f"/messages/{root}/thread")
    assert [m["text"] for m in thread["items"]] == ["Antwort"]
    assert thread["root"]["thread"] == {
        "replies": 1, "last_at": thread["items"][0]["at"], "people": [cem.id], "following": True, "unread": 1,
    }  # fmt: skip
    room = await _row(ada, house.room)
    assert room["posts"] - room["read_posts"] == 0
    async with house.verify(ada, house.room):
        seq = {"seq": thread["items"][0]["seq"]}
        await ada.call("PUT", f"/messages/{root}/thread/read", seq, status=204)


async def test_a_thread_of_many_stays_the_same_for_its_followers(
    house: House, ada: Client, bea: Client, cem: Client, olga: Client
) -> None:
    root = await post(ada, house.room, "Frage?")
    async with house.verify(cem, house.room), house.verify(olga, house.room), house.verify(ada, house.room):
        for number, person in enumerate((cem, bea, olga, cem, ada, bea)):
            await post(person, house.room, f"Antwort {number}", root_id=root)
    replies = (await bea.call("GET", f"/messages/{root}/thread"))["items"]
    async with house.verify(cem, house.room):
        await bea.call("DELETE", f"/messages/{replies[0]['id']}", status=204)


async def test_a_reply_to_a_reply_is_refused(house: House, ada: Client) -> None:
    root = await post(ada, house.room, "Frage?")
    reply = await post(ada, house.room, "Antwort", root_id=root)
    body = {"client_id": "client-9999", "text": "x", "root_id": reply}
    assert await ada.refused("POST", f"/rooms/{house.room}/messages", body) == (404, "not-found")


async def test_older_messages_come_in_pages(house: House, ada: Client) -> None:
    async with ada.following(house.room) as socket:
        for number in range(12):
            await socket.send(house.room, str(number), f"client-{number:04d}")
    page = await ada.call("GET", f"/rooms/{house.room}/messages?limit=5")
    assert [m["text"] for m in page["items"]] == ["7", "8", "9", "10", "11"]
    assert page["more"]
    before = page["items"][0]["seq"]
    page = await ada.call("GET", f"/rooms/{house.room}/messages?limit=50&before={before}")
    assert [m["text"] for m in page["items"]] == [str(n) for n in range(7)]
    assert "more" not in page


async def test_a_reader_and_a_stranger_cannot_write(house: House, rita: Client, dora: Client) -> None:
    body = {"client_id": "client-0001", "text": "x"}
    assert await rita.refused("POST", f"/rooms/{house.room}/messages", body) == (403, "forbidden")
    assert await dora.refused("POST", f"/rooms/{house.room}/messages", body) == (404, "not-found")


async def test_an_empty_message_is_refused(house: House, ada: Client) -> None:
    body = {"client_id": "client-0001", "text": " \n"}
    assert await ada.refused("POST", f"/rooms/{house.room}/messages", body) == (422, "empty-message")


async def test_typing_reaches_those_who_look_at_the_room(house: House, ada: Client, cem: Client) -> None:
    async with ada.following(house.room) as hers, cem.following(house.room) as his:
        await hers.say(t="typing", room=house.room)
        frame = await his.until(kind="typing")
    assert frame["e"] == {"kind": "typing", "person_id": ada.id}
    assert "s" not in frame


async def test_who_was_removed_writes_no_more(house: House, ada: Client, bea: Client) -> None:
    async with ada.following(house.room) as socket:
        await bea.call("DELETE", f"/rooms/{house.room}/members/{ada.id}", status=204)
        await socket.until(t="closed")
        answer = await socket.send(house.room, "noch da?", "client-0001")
    assert answer["problem"]["status"] == 404


async def post(client: Client, room_id: str, text: str, **more: str) -> str:
    """Send a message over HTTP; returns its id."""
    body = {"client_id": f"client-{hash((client.id, text)) & 0xFFFFFFFF:08x}", "text": text, **more}
    message: dict[str, str] = await client.call("POST", f"/rooms/{room_id}/messages", body, status=201)
    return message["id"]


async def _row(client: Client, room_id: str) -> dict[str, int]:
    rows = (await client.call("GET", "/rooms"))["items"]
    row: dict[str, int] = next(row for row in rows if row["id"] == room_id)
    return row
