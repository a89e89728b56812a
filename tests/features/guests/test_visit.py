# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""From the invitation to the last day, over HTTP and the socket."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed

from fachwerk.core import identity
from fachwerk.core.identity import Session
from fachwerk.features.guests.model import Guest
from fachwerk.kernel.audit import AuditRow
from fachwerk.kernel.clock import rfc3339
from tests.core.files.test_in_the_house import upload
from tests.features.guests.visit import enter, follow, guests_of, invite, secret_of, slug
from tests.house import Client, House, SocketClient
from tests.house.house import DAY_MS

pytestmark = pytest.mark.anyio


async def last_words(socket: SocketClient) -> tuple[list[str], int | None]:
    """(events until the socket closes, its close code)."""
    kinds: list[str] = []
    try:
        while True:
            frame = await socket.hear(within_s=5)
            kinds.append((frame.get("e") or {}).get("kind", ""))
    except ConnectionClosed as closed:
        return kinds, closed.rcvd.code if closed.rcvd else None


async def trail(house: House) -> list[tuple[str, str, dict[str, str]]]:
    async with house.context.database.read() as work:
        rows = (await work.db.exec(select(AuditRow).order_by(col(AuditRow.number)))).all()
    return [(row.action, row.actor_id, row.detail) for row in rows if row.action.startswith("guest.")]


# ---- coming in


async def test_a_guest_comes_in_by_the_link_and_talks(house: House, olga: Client, ada: Client) -> None:
    async with house.verify(ada, house.room) as mirror:
        link = await invite(olga, house.room, email="gina@nord.example")
        assert link["link"].startswith(f"{house.origin}/gast#")
        gina = await enter(house, link)
        sent = {"client_id": "client-0001", "text": "Guten Tag"}
        await gina.call("POST", f"/rooms/{house.room}/messages", sent, status=201)
    (shown,) = mirror.room["guests"].items
    assert (shown.person_id, shown.sponsor_id, shown.accepted) == (gina.id, olga.id, True)
    page = await gina.call("GET", f"/rooms/{house.room}/messages")
    assert page["items"][-1]["text"] == "Guten Tag"
    file = await upload(gina, house.room)
    await gina.call(
        "POST",
        f"/rooms/{house.room}/messages",
        {"client_id": "client-0002", "text": "", "file_ids": [file]},
        status=201,
    )
    assert (await ada.http.get(f"/api/v1/files/{file}/content")).status_code == 200
    assert await trail(house) == [
        ("guest.invite", olga.id, {"room": house.room}),
        ("guest.accept", gina.id, {"room": house.room}),
    ]


async def test_the_link_says_who_invites_where_and_until_when(house: House, olga: Client) -> None:
    ends_ms = house.clock.now_ms() + 3 * DAY_MS
    link = await invite(olga, house.room, ends_ms=ends_ms)
    answer = await olga.call("POST", "/guest-links/look", {"secret": secret_of(link)})
    assert (answer["name"], answer["by"], answer["room"]) == ("Gina", "Olga", "Haus")
    assert (await olga.call("POST", "/guest-links/look", {"secret": secret_of(link)})) == answer, "it changes nothing"


async def test_the_secret_stands_in_no_table_and_the_session_is_like_any_other(house: House, olga: Client) -> None:
    link = await invite(olga, house.room)
    answer = await follow(house, secret_of(link))
    kept = answer.headers["set-cookie"]
    assert kept.startswith("__Host-fachwerk=")
    for rule in ("Path=/", "Secure", "HttpOnly", "SameSite=Lax"):
        assert rule in kept
    assert answer.headers["cache-control"] == "no-store"
    async with house.context.database.read() as work:
        guest = (await work.db.exec(select(Guest))).one()
        session = (await work.db.exec(select(Session).where(Session.person_id == guest.person_id))).one()
    assert secret_of(link) not in repr(guest.model_dump())
    assert (session.expires_ms, session.idp_sid, session.id_token) == (guest.ends_ms, None, None)
    assert (session.browser, session.system) == ("Firefox", "Linux")


async def test_a_session_that_the_browser_had_as_a_guest_ends(house: House, olga: Client) -> None:
    first = await enter(house, await invite(olga, house.room))
    other = await invite(olga, house.room, name="Gustav")
    assert (await follow(house, secret_of(other), cookie=first.cookie)).status_code == 200
    assert await first.refused("GET", "/me") == (401, "not-signed-in")


async def test_who_is_signed_in_does_not_use_up_the_link(house: House, olga: Client) -> None:
    link = await invite(olga, house.room)
    assert await olga.refused("POST", "/guest-links/accept", {"secret": secret_of(link)}) == (409, "signed-in-already")
    await olga.call("GET", "/me")
    await enter(house, link)


# ---- links


async def test_a_link_works_once_and_a_new_one_ends_what_the_first_began(house: House, olga: Client) -> None:
    link = await invite(olga, house.room)
    gina = await enter(house, link)
    assert await slug(house, secret_of(link)) == (409, "guest-link-used")
    async with gina.following(house.room) as socket:
        again = await olga.call("POST", f"/guests/{gina.id}/link", status=201)
        _, code = await last_words(socket)
    assert code == 4401
    assert await gina.refused("GET", "/me") == (401, "not-signed-in")
    assert await slug(house, secret_of(link)) == (404, "guest-link-unknown")
    assert (await guests_of(olga, house.room))[0]["link_until"] == again["until"]
    back = await enter(house, again)
    assert back.id == gina.id
    await back.call("GET", f"/rooms/{house.room}/state")


async def test_of_two_who_follow_a_link_one_comes_in(house: House, olga: Client) -> None:
    secret = secret_of(await invite(olga, house.room))
    answers = await asyncio.gather(*(follow(house, secret) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_unknown_and_withdrawn_links_look_alike_and_expired_ones_say_so(house: House, olga: Client) -> None:
    withdrawn = await invite(olga, house.room)
    await olga.call("DELETE", f"/guests/{withdrawn['person_id']}", status=204)
    late = await invite(olga, house.room, ends_ms=house.clock.now_ms() + 30 * DAY_MS)
    over = await invite(olga, house.room, ends_ms=house.clock.now_ms() + DAY_MS)
    for path in ("look", "accept"):
        assert await slug(house, secret_of(withdrawn), path) == (404, "guest-link-unknown")
        assert await slug(house, "x" * 43, path) == (404, "guest-link-unknown")
    house.clock.forward(DAY_MS / 1000 + 1)
    assert await slug(house, secret_of(over)) == (409, "guest-link-expired")
    await house.run_due_jobs()
    assert await slug(house, secret_of(over)) == (409, "guest-link-expired")
    house.clock.forward(7 * DAY_MS / 1000)
    assert await slug(house, secret_of(late)) == (409, "guest-link-expired")


async def test_who_tries_links_is_slowed_down_and_a_right_one_still_works(house: House, olga: Client) -> None:
    link = await invite(olga, house.room)
    tried = [await slug(house, f"{number:043}") for number in range(12)]
    assert tried == [(404, "guest-link-unknown")] * 10 + [(429, "too-many-requests")] * 2
    await enter(house, link)


# ---- what a guest is to others


async def test_a_guest_finds_nobody_and_is_found_by_nobody(house: House, olga: Client, ada: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    for path in ("/people?q=a", "/departments", "/rooms/open", f"/policies/{house.departments['A']}"):
        assert (await gina.refused("GET", path))[0] == 403
    assert await gina.refused("POST", "/direct", {"person_id": ada.id}) == (403, "forbidden")
    async with gina.socket() as socket:
        state = (await socket.hello())["state"]
    assert state["directory"]["departments"] == []
    assert [room["id"] for room in state["rooms"]["items"]] == [house.room]
    me = await gina.call("GET", "/me")
    assert (me["person"]["guest"], me["person"]["organisation"], me["departments"]) == ("Planungsbüro Nord", None, [])
    assert me["actions"] == []
    dora = house.people["dora"]  # of no room of hers
    known = await gina.call("GET", f"/people/by-id?id={ada.id}&id={dora}")
    assert [person["id"] for person in known["items"]] == [ada.id]
    assert (await ada.call("GET", "/people?q=Gina"))["items"] == []
    assert (await ada.refused("POST", "/direct", {"person_id": gina.id})) == (422, "invalid")
    (card,) = (await ada.call("GET", f"/people/by-id?id={gina.id}"))["items"]
    assert card["guest"] == "Planungsbüro Nord"
    dora_client = await house.client("dora")
    assert (await dora_client.call("GET", f"/people/by-id?id={gina.id}"))["items"] == []


async def test_a_guest_is_named_apart_by_who_can_read_this(house: House, olga: Client, ada: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    groups = (await ada.call("GET", f"/rooms/{house.room}/readers"))["groups"]
    assert [group["person_ids"] for group in groups if group["guest"]] == [[gina.id]]
    assert all(gina.id not in group["person_ids"] for group in groups if not group["guest"])


async def test_a_guest_leads_no_room(house: House, olga: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    path = f"/rooms/{house.room}/members/{gina.id}"
    assert await olga.refused("PUT", path, {"role": "moderator"}) == (422, "invalid")
    await olga.call("PUT", path, {"role": "reader"}, status=204)
    sent = {"client_id": "client-0001", "text": "x"}
    assert await gina.refused("POST", f"/rooms/{house.room}/messages", sent) == (403, "forbidden")


async def test_only_who_looks_after_guests_sees_their_address_and_what_can_be_done(
    house: House, olga: Client, bea: Client, ada: Client
) -> None:
    await invite(bea, house.room, email="gina@nord.example")
    for client, email, allowed in (
        (bea, "gina@nord.example", ["guest.renew", "guest.extend", "guest.end"]),
        (olga, "gina@nord.example", ["guest.end"]),
        (ada, None, []),
    ):
        (row,) = await guests_of(client, house.room)
        assert (row["sponsor"], row["email"], row["allowed"]) == ("Bea", email, allowed)


async def test_a_guest_signs_out_without_the_provider(house: House, olga: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    assert await gina.call("POST", "/logout") == {"redirect": None}
    assert await gina.refused("GET", "/me") == (401, "not-signed-in")


# ---- the end


@pytest.mark.parametrize("how", ["sponsor", "owner", "removed"])
async def test_an_ended_guest_hears_why_and_is_out_at_once(house: House, olga: Client, bea: Client, how: str) -> None:
    gina = await enter(house, await invite(bea, house.room))
    async with house.verify(olga, house.room) as mirror, gina.following(house.room) as socket:
        if how == "removed":
            await olga.call("DELETE", f"/rooms/{house.room}/members/{gina.id}", status=204)
        else:
            await (bea if how == "sponsor" else olga).call("DELETE", f"/guests/{gina.id}", status=204)
        kinds, code = await last_words(socket)
    assert "guest.ended" in kinds
    assert code == 4401
    assert await gina.refused("GET", "/me") == (401, "not-signed-in")
    assert mirror.room["guests"].items == []
    assert gina.id not in {member.person_id for member in mirror.room["rooms"].members}
    why = "removed" if how == "removed" else "ended"
    assert (await trail(house))[-1] == ("guest.end", (bea if how == "sponsor" else olga).id, {"why": why})
    await bea.call("DELETE", f"/guests/{gina.id}", status=204)
    assert await bea.refused("POST", f"/guests/{gina.id}/link") == (409, "guest-ended")


async def test_a_guest_whose_time_is_over_is_refused_from_that_moment_and_soon_hears_it(
    house: House, olga: Client
) -> None:
    ends_ms = house.clock.now_ms() + DAY_MS
    gina = await enter(house, await invite(olga, house.room, ends_ms=ends_ms, email="gina@nord.example"))
    async with gina.following(house.room) as socket:
        house.clock.forward(DAY_MS / 1000 + 1)
        assert await gina.refused("GET", "/me") == (401, "not-signed-in")
        await house.run_due_jobs()
        kinds, code = await last_words(socket)
    assert "guest.ended" in kinds
    assert code == 4401
    async with house.context.database.read() as work:
        guest = (await work.db.exec(select(Guest))).one()
        person = await identity.person(work, gina.id)
    assert guest.why == "expired"
    assert person
    assert (person.name, person.email, person.active) == ("Gina", None, False), "the name stays with what was said"


async def test_an_extended_guest_stays_and_no_longer_than_allowed(house: House, olga: Client) -> None:
    gina = await enter(house, await invite(olga, house.room, ends_ms=house.clock.now_ms() + DAY_MS))
    path, now = f"/guests/{gina.id}/end", house.clock.now_ms()
    longest = house.house.settings.guests.max_ms
    for wrong in (now - 1, now + longest + 60_000):
        assert await olga.refused("PUT", path, {"ends_ms": wrong}) == (422, "invalid")
    async with house.verify(olga, house.room) as mirror:
        await olga.call("PUT", path, {"ends_ms": now + 3 * DAY_MS}, status=204)
    house.clock.forward(2 * DAY_MS / 1000)
    await house.run_due_jobs()
    await gina.call("GET", "/me")
    assert (await trail(house))[-1][0] == "guest.extend"
    assert mirror.room["guests"].items[0].ends_at == rfc3339(now + 3 * DAY_MS)


async def test_a_guest_who_leaves_is_none_any_more(house: House, olga: Client) -> None:
    gina = await enter(house, await invite(olga, house.room))
    await gina.call("POST", f"/rooms/{house.room}/leave", status=204)
    assert await gina.refused("GET", "/me") == (401, "not-signed-in")
    assert await guests_of(olga, house.room) == []


async def test_an_invitation_that_is_taken_back_is_worth_nothing(house: House, olga: Client) -> None:
    link = await invite(olga, house.room)
    await olga.call("DELETE", f"/rooms/{house.room}/members/{link['person_id']}", status=204)
    assert await slug(house, secret_of(link)) == (404, "guest-link-unknown")


async def test_the_guests_of_a_sponsor_who_is_disabled_end(house: House, olga: Client, bea: Client) -> None:
    gina = await enter(house, await invite(bea, house.room))
    async with house.context.database.work() as work:
        person = await identity.person(work, bea.id)
        assert person
        assert await identity.take_over(work, person.issuer, person.subject, None, arrives=False)
    assert await gina.refused("GET", "/me") == (401, "not-signed-in")
    assert (await trail(house))[-1] == ("guest.end", bea.id, {"why": "sponsor"})
    assert await guests_of(olga, house.room) == []


async def test_an_administrator_lists_all_guests_and_ends_one(house: House, olga: Client) -> None:
    first, second = await invite(olga, house.room), await invite(olga, house.room, name="Gustav")
    async with house.context.database.work() as work:
        ulf = await identity.upsert_person(work, "test", "ulf", "Ulf", None, [identity.ADMIN])
        house.people["ulf"] = ulf.id
    admin = await house.client("ulf")
    page: dict[str, Any] = await admin.call("GET", "/guests")
    assert [row["person_id"] for row in page["items"]] == [first["person_id"], second["person_id"]]
    assert [row["allowed"] for row in page["items"]] == [["guest.end"]] * 2
    await admin.call("DELETE", f"/guests/{first['person_id']}", status=204)
    assert [row["name"] for row in (await admin.call("GET", "/guests"))["items"]] == ["Gustav"]
    assert (await admin.call("GET", f"/guests?cursor={second['person_id']}")) == {"items": [], "next": None}
