# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A house without a provider that takes orders, as in a demo: who is known here is who there is.

What a plan does is then done here alone. Nobody gets a way to sign in by it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Self

from fachwerk.core import directory, identity
from fachwerk.core.identity import GroupThere, GroupWanted, Newcomer, Profile, RealmRefused, Registered
from fachwerk.kernel.db import Database

from . import house


class HouseRealm:
    """An `identity.Realm`: the house as it was when this was made, and what is asked for since.

    A login is the provider's name for a person. Who was closed out is an account only if the provider always knows
    them: others are gone then.
    """

    def __init__(self, accounts: Mapping[str, Registered], groups: Mapping[str, GroupWanted]) -> None:
        self._accounts, self._groups = dict(accounts), dict(groups)

    @classmethod
    async def read(
        cls, database: Database, issuer: str, always: Collection[str], attributes: Collection[str] = ()
    ) -> Self:
        """The house now. always: logins that the provider knows in any case. attributes: names of what we deal with."""
        async with database.read() as work:
            groups = {group.id: group for group in await house.groups_wanted(work)}
            places: dict[str, set[str]] = {}
            for person_id, department_id, _ in await directory.all_members(work):
                places.setdefault(person_id, set()).add(department_id)
            people = await identity.people_of(work, issuer)
            has = await directory.all_attributes(work) if attributes else {}
        accounts = {
            who.subject: Registered(
                who.subject,
                _profile(who, {name: tuple(has.get((who.id, name), ())) for name in attributes}),
                who.enabled,
                frozenset(places.get(who.id, frozenset())),
            )
            for who in people
            if who.enabled or who.subject in always
        }
        return cls(accounts, groups)

    def groups(self) -> Mapping[str, GroupWanted]:
        """The departments."""
        return dict(self._groups)

    def tree(self, path: str) -> Sequence[GroupThere]:
        """There are no other groups."""
        raise RealmRefused(f"there is no sign-in service that could have a group {path}")

    def accounts(self) -> Mapping[str, Registered]:
        """Who is known here."""
        return dict(self._accounts)

    def set_groups(self, wanted: Sequence[GroupWanted], gone: Collection[str] = ()) -> None:
        """Know these departments, too, and some no more."""
        self._groups |= {group.id: group for group in wanted}
        for department_id in gone:
            self._groups.pop(department_id, None)
        left = frozenset(self._groups)
        for login, there in self._accounts.items():
            self._accounts[login] = replace(there, departments=there.departments & left)

    def create(self, newcomers: Sequence[Newcomer]) -> Mapping[str, str]:
        """Know these people, too."""
        made = [one for one in newcomers if one.profile.login not in self._accounts]
        for one in made:
            login = one.profile.login
            self._accounts[login] = Registered(login, one.profile, one.enabled, frozenset(one.departments))
        return {one.profile.login: one.profile.login for one in made}

    def change(self, subject: str, profile: Profile, *, enabled: bool) -> None:
        """Know somebody otherwise."""
        there = self._accounts[subject]
        attributes = {**there.profile.attributes, **profile.attributes}
        self._accounts[subject] = replace(there, profile=replace(profile, attributes=attributes), enabled=enabled)

    def delete(self, subject: str) -> None:
        """Know somebody no more."""
        self._accounts.pop(subject, None)

    def join(self, subject: str, department_id: str) -> None:
        """Know somebody to be in a department."""
        there = self._accounts[subject]
        self._accounts[subject] = replace(there, departments=there.departments | {department_id})

    def leave(self, subject: str, department_id: str) -> None:
        """Know somebody not to be in a department."""
        there = self._accounts[subject]
        self._accounts[subject] = replace(there, departments=there.departments - {department_id})


def _profile(who: identity.Person, attributes: identity.Attributes) -> Profile:
    given_name, _, name = who.name.rpartition(" ")
    return Profile(who.subject, given_name, name, who.email, attributes)
