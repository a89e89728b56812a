# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What has to be done so that house and provider are as a file says. Pure; nothing is ever taken away unasked.

Departments and people that the file does not name are left alone. Of a person whom it names, the
memberships become exactly the file's.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from fachwerk.core.identity import Profile, Registered

from .orgfile import Org, OrgPerson
from .service import House


class Step(msgspec.Struct, frozen=True, tag_field="do"):
    """One thing to do. As JSON: its fields, and what it does in `do`."""


class AddDepartment(Step, tag="department.add", frozen=True):
    """Make a department."""

    key: str
    name: str
    parent: str | None

    def __str__(self) -> str:
        return f"+ department {self.key} ({self.name})" + (f" in {self.parent}" if self.parent else "")


class ChangeDepartment(Step, tag="department.change", frozen=True):
    """Give a department another name or place."""

    key: str
    name: str
    parent: str | None
    name_before: str
    parent_before: str | None

    def __str__(self) -> str:
        name = f" {self.name_before} is {self.name}" if self.name != self.name_before else ""
        moved = f" moves from {self.parent_before or 'the top'} to {self.parent or 'the top'}"
        return f"~ department {self.key}:{name}{moved if self.parent != self.parent_before else ''}"


class AddRoom(Step, tag="room.add", frozen=True):
    """Make the room of a department."""

    key: str
    name: str

    def __str__(self) -> str:
        return f"+ room {self.name}"


class SetGroup(Step, tag="group.set", frozen=True):
    """Make or rename a department's group at the provider."""

    key: str

    def __str__(self) -> str:
        return f"~ group of {self.key} in the sign-in service"


class AddAccount(Step, tag="account.add", frozen=True):
    """Make an account at the provider."""

    login: str
    given_name: str
    name: str
    email: str | None

    def __str__(self) -> str:
        return f"+ account {self.login} ({self.given_name} {self.name})"


class ChangeAccount(Step, tag="account.change", frozen=True):
    """Give an account another name or address."""

    login: str
    given_name: str
    name: str
    email: str | None
    before: str

    def __str__(self) -> str:
        return f"~ account {self.login}: {self.before} is {self.given_name} {self.name} <{self.email or ''}>"


class Join(Step, tag="place.add", frozen=True):
    """Put somebody into a department, or make them its lead or no lead any more."""

    login: str
    key: str
    lead: bool

    def __str__(self) -> str:
        return f"+ {self.login} in {self.key}" + (" as its lead" if self.lead else "")


class Leave(Step, tag="place.remove", frozen=True):
    """Take somebody out of a department."""

    login: str
    key: str

    def __str__(self) -> str:
        return f"- {self.login} no longer in {self.key}"


class Plan(NamedTuple):
    """steps: in the order in which they are done. notes: what the operator should know, a sentence each."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def plan(org: Org, house: House, groups: Mapping[str, str], accounts: Mapping[str, Registered]) -> Plan:
    """Compare. groups: names by department's id; accounts: by login; both as the provider has them."""
    disabled = [p.login for p in org.people if p.login in accounts and not accounts[p.login].enabled]
    people = [person for person in org.people if person.login not in disabled]
    steps: list[Step] = [*_departments(org, house), *_groups(org, house, groups)]
    for person in people:
        steps += _account(person, accounts.get(person.login))
    for person in people:
        steps += _places(person, house, accounts.get(person.login))
    notes = [f"{login} is disabled in the sign-in service and stays so" for login in disabled]
    if others := len(house.departments.keys() - {department.key for department in org.departments}):
        notes.append(f"{others} departments are not in the file and stay as they are")
    return Plan(tuple(steps), tuple(notes))


def _departments(org: Org, house: House) -> Iterator[Step]:
    for wanted in org.departments:
        there = house.departments.get(wanted.key)
        if there is None:
            yield AddDepartment(wanted.key, wanted.name, wanted.parent)
        elif (there.name, there.parent) != (wanted.name, wanted.parent):
            yield ChangeDepartment(wanted.key, wanted.name, wanted.parent, there.name, there.parent)
        if there is None or not there.has_room:
            yield AddRoom(wanted.key, wanted.name)


def _groups(org: Org, house: House, groups: Mapping[str, str]) -> Iterator[Step]:
    for wanted in org.departments:
        there = house.departments.get(wanted.key)
        if there is None or groups.get(there.id) != wanted.key:
            yield SetGroup(wanted.key)


def profile_of(person: OrgPerson, there: Registered | None) -> Profile:
    """What the account shall say. A file that gives no address does not take one away."""
    email = person.email or (there.profile.email if there else None)
    return Profile(person.login, person.given_name, person.name, email)


def _account(person: OrgPerson, there: Registered | None) -> Iterator[Step]:
    wanted = profile_of(person, there)
    if there is None:
        yield AddAccount(wanted.login, wanted.given_name, wanted.name, wanted.email)
    elif there.profile != wanted:
        had = there.profile
        before = f"{had.given_name} {had.name} <{had.email or ''}>"
        yield ChangeAccount(wanted.login, wanted.given_name, wanted.name, wanted.email, before)


def _places(person: OrgPerson, house: House, there: Registered | None) -> Iterator[Step]:
    here = house.places.get(there.subject, {}) if there else {}
    registered = {key for key, d in house.departments.items() if there and d.id in there.departments}
    for key, lead in person.departments.items():
        if key not in registered or here.get(key) is not lead:
            yield Join(person.login, key, lead)
    for key in sorted((registered | here.keys()) - person.departments.keys()):
        yield Leave(person.login, key)
