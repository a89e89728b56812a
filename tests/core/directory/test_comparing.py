# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provider's long list is old when its end is read: what was changed meanwhile stays."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from fachwerk.core import directory, identity
from fachwerk.core.identity import Account, Notice
from fachwerk.core.identity.watch import follow, reconcile
from tests.house import House
from tests.house.house import NAMESPACE, PEOPLE
from tests.house.queries import statements

pytestmark = pytest.mark.anyio
A, B = ("/departments/H/A",), ("/departments/H/B",)


class Provider:
    """An `identity.Accounts`. listed: what the long list says, page by page; now: who is asked for singly."""

    def __init__(self, *listed: Account) -> None:
        self.listed = [listed]
        self.now = {account.subject: account for account in listed}
        self.told: list[Notice] = []
        self.asked: list[str] = []
        self.held: asyncio.Event | None = None
        """The next answer is made now and arrives when this is set."""

    async def noted_ms(self) -> int:
        return 0

    async def notices(self, *_: Any, **__: Any) -> AsyncIterator[list[Notice]]:
        yield self.told

    async def account(self, subject: str) -> Account | None:
        self.asked.append(subject)
        answer = self.now.get(subject)
        if held := self.held:
            self.held = None
            await held.wait()
        return answer

    async def everybody(self) -> AsyncIterator[list[Account]]:
        for page in self.listed:
            yield list(page)

    async def close(self) -> None:
        """Nothing is open."""


def account(subject: str, groups: tuple[str, ...], *, enabled: bool = True) -> Account:
    return Account(subject, PEOPLE.get(subject, subject.title()), None, enabled, groups)


@pytest.fixture
def provider(house: House) -> Provider:
    """Says of everybody what is so here."""
    provider = Provider(*(account(key, B if key == "dora" else A) for key in PEOPLE))
    ports: Any = house.context.ports
    ports[identity.Watch] = identity.Watch(provider, NAMESPACE, house.clock, directory.unlike)
    return provider


async def places_of(house: House, subject: str) -> list[str]:
    async with house.context.database.read() as work:
        departments = {one.id: one.short for one in await directory.all_departments(work)}
        person = await identity.person_of(work, NAMESPACE, subject)
        return [departments[at] for who, at, _ in await directory.all_members(work) if person and who == person.id]


async def test_who_is_as_the_list_says_is_not_asked_for_and_costs_a_page_three_queries(
    house: House, provider: Provider
) -> None:
    with statements() as said:
        await reconcile(house.context, {})
    assert provider.asked == []
    assert len([one for one in said if "FROM person" in one or "FROM department" in one]) == 1 + 3


async def test_who_has_other_attributes_is_asked_for_once(house: House, provider: Provider) -> None:
    everybody = [replace(account(key, B if key == "dora" else A), attributes={"standort": ()}) for key in PEOPLE]
    provider.listed = [(replace(everybody[0], attributes={"standort": ("Fulda", "Kassel")}), *everybody[1:])]
    provider.now[everybody[0].subject] = provider.listed[0][0]
    for _ in range(2):
        await reconcile(house.context, {})
        assert provider.asked == [everybody[0].subject]
    provider.listed = [tuple(everybody)]
    provider.now[everybody[0].subject] = everybody[0]
    for _ in range(2):
        await reconcile(house.context, {})
        assert provider.asked == [everybody[0].subject] * 2


async def test_who_was_moved_while_the_list_was_read_stays_where_they_are(house: House, provider: Provider) -> None:
    async with house.context.database.work() as work:
        await directory.remove_member(work, house.departments["A"], house.people["ada"])
        await directory.add_member(work, house.departments["B"], house.people["ada"])
    provider.now["ada"] = account("ada", B)
    await reconcile(house.context, {})
    assert provider.asked == ["ada"]
    assert await places_of(house, "ada") == ["B"]


async def test_who_was_disabled_while_the_list_was_read_stays_out_and_loses_what_the_provider_took(
    house: House, provider: Provider
) -> None:
    provider.now["ada"] = account("ada", (), enabled=False)
    async with house.context.database.work() as work:
        await identity.take_over(work, NAMESPACE, "ada", account("ada", A, enabled=False), arrives=False)
    assert await places_of(house, "ada") == ["A"], "a department is kept as long as the provider says so"
    await reconcile(house.context, {})
    async with house.context.database.read() as work:
        person = await identity.person_of(work, NAMESPACE, "ada")
    assert person
    assert not person.active
    assert await places_of(house, "ada") == []


async def test_of_two_answers_about_somebody_the_later_one_stays(house: House, provider: Provider) -> None:
    """The reading of everybody has asked, and before its answer arrives a change is told of."""
    provider.listed = [(account("ada", ()),)]
    provider.now["ada"] = account("ada", ())
    answer = provider.held = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(reconcile(house.context, {}))
        while not provider.asked:  # noqa: ASYNC110 -- the other task's doing
            await asyncio.sleep(0.01)
        provider.now["ada"] = account("ada", B)
        provider.told = [Notice("n1", 1, subject="ada")]
        following = group.create_task(follow(house.context, {}))
        await asyncio.sleep(0.05)
        assert not following.done()
        answer.set()
    assert await places_of(house, "ada") == ["B"]


async def test_who_was_never_here_is_taken_in_from_the_list_and_asked_for_afterwards(
    house: House, provider: Provider
) -> None:
    ida, jan = account("ida", A), account("jan", A)
    provider.listed = [(ida, jan, account("fremd", ()), account("fort", A, enabled=False))]
    provider.now |= {"ida": replace(ida, groups=B), "jan": jan}
    await reconcile(house.context, {})
    assert await places_of(house, "ida") == ["A"]
    assert await places_of(house, "fremd") == await places_of(house, "fort") == []
    provider.listed = [(account("ida", ()), jan)]
    await reconcile(house.context, {})
    assert await places_of(house, "ida") == ["B"]


async def test_two_who_hear_the_same_at_once_put_somebody_in_once(house: House) -> None:
    async def hear(person_id: str) -> None:
        async with house.context.database.work() as work:
            await directory.add_member(work, house.departments["B"], person_id)

    await asyncio.gather(*(hear(house.people[key]) for key in PEOPLE for _ in range(3)))
    for key in PEOPLE:
        assert sorted(await places_of(house, key)) == (["B"] if key == "dora" else ["A", "B"])
