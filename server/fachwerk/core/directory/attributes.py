# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Attributes of people. Nobody is shown another's: rules of rooms ask for them, and everybody reads their own."""

from collections.abc import Collection, Mapping, Sequence

from sqlmodel import col, delete, func, select

from fachwerk.core import identity
from fachwerk.kernel.context import Context
from fachwerk.kernel.db import Work

from .events import AttributesChanged
from .holding import hold_person, share_departments_of
from .model import DepartmentMember, PersonAttribute

FEW = 5
"""Of fewer people nothing is told that could be about one of them."""
OFFERED_MAX = 200
"""Values of one attribute that are offered to whoever makes a rule."""
FORGOTTEN_AT_ONCE = 200
"""People from whom attributes that are not taken over any more are taken in one transaction."""


async def set_attributes(
    work: Work, person_id: str, said: Mapping[str, Collection[str]], *, no_others: bool = False
) -> bool:
    """Make somebody's values of these attributes the ones that are said. Returns whether they were others.

    no_others: and let them have no other attributes.
    """
    if not said and not no_others:
        return False
    wanted = {(name, value) for name, values in said.items() for value in values}
    if await _held(work, person_id, said, no_others=no_others) == wanted:
        return False
    await hold_person(work, person_id)
    await share_departments_of(work, person_id)
    held = await _held(work, person_id, said, no_others=no_others)
    for name, value in sorted(held - wanted):
        this = (col(PersonAttribute.name) == name) & (col(PersonAttribute.value) == value)
        await work.db.exec(delete(PersonAttribute).where(col(PersonAttribute.person_id) == person_id, this))
    for name, value in sorted(wanted - held):
        key = identity.fold(value)
        work.db.add(PersonAttribute(person_id=person_id, name=name, value=value, value_key=key))
    if held == wanted:
        return False
    added, removed = str(len(wanted - held)), str(len(held - wanted))
    work.audit(person_id, "person.set_attributes", person_id, added=added, removed=removed)
    work.announce(AttributesChanged(person_id=person_id))
    return True


async def _held(work: Work, person_id: str, names: Collection[str], *, no_others: bool) -> set[tuple[str, str]]:
    chosen = select(PersonAttribute.name, PersonAttribute.value).where(PersonAttribute.person_id == person_id)
    if not no_others:
        chosen = chosen.where(col(PersonAttribute.name).in_(names))
    return set((await work.db.exec(chosen)).all())


async def other_attributes(work: Work, said: Mapping[str, identity.Attributes]) -> set[str]:
    """Of these people, by id, with the values that are said: those who have others."""
    wanted = {
        person_id: {(name, value) for name, values in of.items() for value in values} for person_id, of in said.items()
    }
    names = {name for of in said.values() for name in of}
    if not names:
        return set()
    held: dict[str, set[tuple[str, str]]] = {person_id: set() for person_id in said}
    chosen = select(PersonAttribute).where(
        col(PersonAttribute.person_id).in_(said), col(PersonAttribute.name).in_(names)
    )
    for one in await work.db.exec(chosen):
        held[one.person_id].add((one.name, one.value))
    return {person_id for person_id, values in wanted.items() if values != held[person_id]}


async def all_attributes(work: Work) -> dict[tuple[str, str], list[str]]:
    """The values of everybody, by (person, attribute), in order. For operators' commands."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in await work.db.exec(select(PersonAttribute).order_by(col(PersonAttribute.value))):
        found.setdefault((one.person_id, one.name), []).append(one.value)
    return {whose: sorted(values) for whose, values in found.items()}


async def common_values(work: Work, names: Sequence[str], departments: Collection[str] | None) -> dict[str, list[str]]:
    """By attribute, values that at least FEW people of these departments (None: of all) have. One query for each."""
    here = select(DepartmentMember.person_id).where(col(DepartmentMember.person_id) == col(PersonAttribute.person_id))
    if departments is not None:
        here = here.where(col(DepartmentMember.department_id).in_(departments))
    return {
        name: list(
            (
                await work.db.exec(
                    select(func.min(PersonAttribute.value))
                    .where(PersonAttribute.name == name, here.exists())
                    .group_by(col(PersonAttribute.value_key))
                    .having(func.count(col(PersonAttribute.person_id).distinct()) >= FEW)
                    .order_by(col(PersonAttribute.value_key))
                    .limit(OFFERED_MAX)
                )
            ).all()
        )
        for name in names
    }


async def forget(context: Context, _body: dict[str, str]) -> None:
    """Drop what is kept of attributes that the settings do not name any more."""
    names = context.port(identity.IdentitySettings).attribute_names
    others = col(PersonAttribute.name).not_in(names)
    chosen = select(PersonAttribute.person_id).where(others).distinct().limit(FORGOTTEN_AT_ONCE)
    while True:
        async with context.database.work() as work:
            people = (await work.db.exec(chosen.order_by(col(PersonAttribute.person_id)))).all()
            for person_id in people:
                gone = await work.db.exec(
                    select(PersonAttribute.name).where(PersonAttribute.person_id == person_id, others).distinct()
                )
                await set_attributes(work, person_id, dict.fromkeys(gone.all(), ()))
        if len(people) < FORGOTTEN_AT_ONCE:
            return
