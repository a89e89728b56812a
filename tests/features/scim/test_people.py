# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The life of a person who is pushed, and who says what of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed

from fachwerk.core import directory, identity
from fachwerk.core.identity import Account, Notice
from fachwerk.core.identity.watch import reconcile
from fachwerk.kernel.audit import AuditRow
from tests.house import Client, House
from tests.house.pusher import Pusher, user

pytestmark = pytest.mark.anyio
ISSUER = "demo"
"""Of the people who sign in by the provider of a test's house."""


class ProvidersList:
    """The provider's list of people, as the worker reads it."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts = {account.subject: account for account in accounts}

    async def noted_ms(self) -> int:
        return 0

    async def notices(self, *_: Any, **__: Any) -> AsyncIterator[list[Notice]]:
        yield []

    async def account(self, subject: str) -> Account | None:
        return self.accounts.get(subject)

    async def everybody(self) -> AsyncIterator[list[Account]]:
        yield list(self.accounts.values())

    async def close(self) -> None:
        """Nothing is open."""


def account(subject: str, *, enabled: bool = True, name: str = "", groups: tuple[str, ...] = ()) -> Account:
    return Account(subject, name or subject.title(), f"{subject}@anderswo.example", enabled, groups)


async def compare(house: House, *accounts: Account) -> None:
    """What the worker does every quarter of an hour."""
    ports: Any = house.context.ports
    ports[identity.Watch] = identity.Watch(ProvidersList(*accounts), ISSUER, house.clock, directory.unlike)
    await reconcile(house.context, {})


async def person_of(house: House, subject: str) -> identity.Person:
    async with house.context.database.read() as work:
        found = await identity.person_of(work, ISSUER, subject)
    assert found
    return found


async def sign_in(house: House, subject: str) -> Client:
    house.people[subject] = (await person_of(house, subject)).id
    return await house.new_client(subject)


async def acts_of_the_machine(house: House) -> list[tuple[str, str, dict[str, str]]]:
    async with house.context.database.read() as work:
        machine = await identity.known_machine(work, "scim")
        assert machine
        chosen = select(AuditRow).where(col(AuditRow.actor_id) == machine.id).order_by(col(AuditRow.number))
        return [(row.action, row.subject, row.detail) for row in await work.db.exec(chosen)]


async def test_a_whole_life(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    person = await person_of(house, "lea")
    assert (person.id, person.name, person.email) == (lea, "Lea Probe", "lea@ministerium.example")
    assert (person.active, person.roles) == (True, [])
    client = await sign_in(house, "lea")

    await pusher.patch(f"/Users/{lea}", {"op": "replace", "path": "name.familyName", "value": "Probe-Muster"})
    assert (await client.call("GET", "/me"))["person"]["name"] == "Lea Probe-Muster"

    async with client.following() as socket:
        await pusher.patch(f"/Users/{lea}", {"op": "replace", "path": "active", "value": False})
        with pytest.raises(ConnectionClosed) as closed:
            await socket.until(t="never")
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 4401
    assert await client.refused("GET", "/me") == (401, "not-signed-in")
    assert (await pusher.call("GET", f"/Users/{lea}"))["active"] is False

    await pusher.patch(f"/Users/{lea}", {"op": "replace", "path": "active", "value": True})
    assert await client.refused("GET", "/me") == (401, "not-signed-in")  # that session is over
    again = await sign_in(house, "lea")
    assert (await again.call("GET", "/me"))["person"]["id"] == lea

    await pusher.call("DELETE", f"/Users/{lea}", status=204)
    assert await again.refused("GET", "/me") == (401, "not-signed-in")
    for method, body in (("GET", None), ("PUT", user("lea")), ("PATCH", None), ("DELETE", None)):
        sent = body or {"schemas": [], "Operations": [{"op": "add", "path": "active", "value": True}]}
        assert await pusher.refused(method, f"/Users/{lea}", sent) == (404, None)
    assert (await pusher.call("GET", "/Users"))["totalResults"] == 0
    assert (await person_of(house, "lea")).active is False  # nobody is ever removed

    assert await pusher.hire("lea") == lea
    assert (await person_of(house, "lea")).active is True
    for one in (client, again):
        await one.http.aclose()


async def test_what_was_done_is_in_the_trail_under_the_machine_and_without_names(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    await pusher.patch(
        f"/Users/{lea}",
        {"op": "replace", "value": {"active": False, "displayName": "Lea Muster"}},
    )
    await pusher.patch(f"/Users/{lea}", {"op": "replace", "path": "active", "value": False})  # it is already so
    await pusher.call("DELETE", f"/Users/{lea}", status=204)
    acts = await acts_of_the_machine(house)
    assert acts[1:] == [  # the first is that it became known itself
        ("person.scim_create", lea, {}),
        ("person.scim_change", lea, {"changed": "active displayName"}),
        ("person.scim_delete", lea, {}),
    ]


async def test_who_signed_in_before_is_found_by_their_subject_and_not_by_their_address(
    house: House, pusher: Pusher
) -> None:
    async with house.context.database.work() as work:
        before = await identity.upsert_person(work, ISSUER, "lea", "Lea", "lea@ministerium.example", ["fachwerk-admin"])
        other = await identity.upsert_person(work, "test", "mia", "Mia", "mia@ministerium.example", [])
    assert (await pusher.call("GET", "/Users"))["totalResults"] == 0
    assert await pusher.hire("lea") == before.id
    assert (await person_of(house, "lea")).roles == ["fachwerk-admin"]
    assert await pusher.hire("mia") != other.id


async def test_both_must_agree_that_somebody_may_come_in(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    active = {"op": "replace", "path": "active", "value": True}

    await compare(house, account("lea", enabled=False))
    assert not (await person_of(house, "lea")).active
    assert (await pusher.call("GET", f"/Users/{lea}"))["active"] is True  # its own word, so it needs no repeating
    await pusher.call("PUT", f"/Users/{lea}", user("lea", displayName="Lea"))
    assert not (await person_of(house, "lea")).active
    await compare(house, account("lea"))
    assert (await person_of(house, "lea")).active

    await pusher.patch(f"/Users/{lea}", {**active, "value": False})
    before = await acts_of_the_machine(house)
    for _ in range(2):
        await compare(house, account("lea"))
        assert not (await person_of(house, "lea")).active
    assert await acts_of_the_machine(house) == before
    await compare(house, account("lea", enabled=False))
    await pusher.patch(f"/Users/{lea}", active)
    assert not (await person_of(house, "lea")).active
    await compare(house, account("lea"))
    assert (await person_of(house, "lea")).active

    await compare(house)  # gone at the provider
    assert not (await person_of(house, "lea")).active
    await pusher.call("DELETE", f"/Users/{lea}", status=204)
    await compare(house, account("lea"))  # back there, and still deleted here
    assert not (await person_of(house, "lea")).active


async def test_nothing_goes_back_and_forth(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea", displayName="Dr. Lea Probe")
    async with house.context.database.read() as work:
        before = len((await work.db.exec(select(AuditRow.id))).all())
    for _ in range(3):
        await compare(house, account("lea", name="Lea P.", groups=("/departments/H/A",)))
        person = await person_of(house, "lea")
        assert (person.name, person.email) == ("Dr. Lea Probe", "lea@ministerium.example")
        await pusher.call("PUT", f"/Users/{lea}", user("lea", displayName="Dr. Lea Probe"))
    async with house.context.database.read() as work:
        assert len((await work.db.exec(select(AuditRow.id))).all()) == before


async def test_of_whom_it_tells_no_more_the_provider_tells_again(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    await pusher.call("DELETE", f"/Users/{lea}", status=204)
    await compare(house, account("lea", name="Lea P."))
    person = await person_of(house, "lea")
    assert (person.name, person.email, person.active) == ("Lea P.", "lea@anderswo.example", False)


async def test_they_read_what_is_said_of_them(house: House, pusher: Pusher) -> None:
    await pusher.hire("lea")
    client = await sign_in(house, "lea")
    counts = {one["kind"]: one["count"] for one in (await client.call("GET", "/me/data"))["items"]}
    assert counts["scim"] == 1
    await client.http.aclose()


async def test_two_changes_at_the_same_time_both_count(house: House, pusher: Pusher) -> None:
    lea = await pusher.hire("lea")
    values = {"displayName": "Dr. Lea", "name.givenName": "Lea-Maria", "userName": "lea.neu", "active": False}
    changes = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    await asyncio.gather(*(pusher.patch(f"/Users/{lea}", change) for change in changes))
    after = await pusher.call("GET", f"/Users/{lea}")
    assert (after["displayName"], after["userName"], after["active"]) == ("Dr. Lea", "lea.neu", False)
    assert after["name"] == {"givenName": "Lea-Maria", "familyName": "Probe"}


async def test_the_same_at_the_same_time_is_one_person(house: House, pusher: Pusher) -> None:
    answers = await asyncio.gather(*(pusher.ask("POST", "/Users", user("lea")) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert (await pusher.call("GET", "/Users"))["totalResults"] == 1
