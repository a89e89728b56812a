# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking what holds, and setting it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import null, select, text
from sqlmodel import col, delete

from fachwerk.core import directory
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.module import DepartmentPolicy, Module
from fachwerk.kernel.policy import Actor, Facts, Policy

from .model import PolicyRow
from .rules import EVERYWHERE, Places, PolicyForbids
from .wire import PolicyKind, PolicyPlace, PolicyPreview, PolicyRuling, PolicyRulings, PolicyStanding, PolicyTree

INHERITED = "inherited"
"""In the audit trail: nothing is set at the place."""
SET = text(
    "INSERT INTO department_policy (place, policy, value) VALUES (:place, :policy, :value) "
    "ON CONFLICT (place, policy) DO UPDATE SET value = :value"
)


def known(modules: Iterable[Module]) -> list[DepartmentPolicy]:
    """All policies that modules follow, in their order."""
    return [policy for module in modules for policy in module.policies]


# ---- asking


@dataclass(frozen=True, slots=True)
class At:
    """What holds for rooms of one department, or of none. names: of the department and those above it."""

    place: str
    places: Places
    names: Mapping[str, str]

    def ruling(self, kind: DepartmentPolicy) -> PolicyRuling:
        """The value that holds, and whose it is."""
        value, place = self.places.ruling(self.place, kind)
        return PolicyRuling(policy=kind.name, value=value, department=self.names.get(place or ""))

    def require(self, kind: DepartmentPolicy, value: str) -> None:
        """Raise PolicyForbids if this is more than what holds."""
        holds = self.ruling(kind)
        if kind.is_wider(value, holds.value):
            whose = f"“{holds.department}”" if holds.department else "the whole house"
            raise PolicyForbids(
                f"It was set for {whose}. The administrators of the installation can change it.",
                policy=kind.name,
                value=holds.value,
                department=holds.department,
            )


async def at(work: Work, department_id: str | None) -> At:
    """What holds for rooms of a department, or of none. One query, however deep the department lies.

    A department that has ended keeps what was set at itself: its rooms are still there.
    """
    place = department_id or EVERYWHERE
    above, row = directory.at_or_above(place), PolicyRow
    on_the_way = select(above.c.id, above.c.parent_id, above.c.name, col(row.policy), col(row.value)).join_from(
        above, row, col(row.place) == above.c.id, isouter=True
    )
    besides = select(col(row.place), null(), null(), col(row.policy), col(row.value)).where(
        col(row.place).in_((place, EVERYWHERE))
    )
    parents: dict[str, str | None] = {}
    names: dict[str, str] = {}
    own: dict[tuple[str, str], str] = {}
    connection = await work.db.connection()
    for one, parent, name, policy, value in await connection.execute(on_the_way.union_all(besides)):
        if name is not None:
            parents[one], names[one] = parent, name
        if policy is not None:
            own[one, policy] = value
    return At(place, Places(parents, own), names)


def rulings(here: At, kinds: Iterable[DepartmentPolicy]) -> PolicyRulings:
    """All that holds at a place."""
    return PolicyRulings(items=[here.ruling(kind) for kind in kinds])


# ---- setting


async def tree(work: Work, policy: Policy, actor: Actor, kinds: Sequence[DepartmentPolicy]) -> PolicyTree:
    """What is set and what holds in the whole house. Two queries, and what each policy asks to count rooms."""
    policy.require(actor, "policy.read", Facts())
    departments = await directory.all_departments(work)
    places = await _places(work, {department.id: department.parent_id for department in departments})
    beyond: Counter[tuple[str, str]] = Counter()
    for kind in kinds:
        for (department_id, value), rooms in (await kind.reached(work)).items():
            place = department_id or EVERYWHERE
            if kind.is_wider(value, places.ruling(place, kind).value):
                beyond[place if place in places.parents else EVERYWHERE, kind.name] += rooms

    def standing(place: str, kind: DepartmentPolicy) -> PolicyStanding:
        value, set_at = places.ruling(place, kind)
        key = (place, kind.name)
        return PolicyStanding(policy=kind.name, value=value, own=places.own.get(key), set_at=set_at, beyond=beyond[key])

    def shown(place: str, parent_id: str | None, name: str, short: str) -> PolicyPlace:
        standings = [standing(place, kind) for kind in kinds]
        return PolicyPlace(id=place, parent_id=parent_id, name=name, short=short, policies=standings)

    return PolicyTree(
        policies=[PolicyKind(name=kind.name, values=list(kind.values)) for kind in kinds],
        places=[shown(EVERYWHERE, None, "", ""), *(shown(d.id, d.parent_id, d.name, d.short) for d in departments)],
    )


async def preview(
    work: Work, policy: Policy, actor: Actor, kind: DepartmentPolicy, place: str, value: str | None
) -> PolicyPreview:
    """What setting a value at a place would do; None: leaving it to the place above. Raises NotFound, Invalid."""
    policy.require(actor, "policy.read", Facts())
    _require_value(kind, value)
    departments = await directory.all_departments(work)
    before = await _places(work, {department.id: department.parent_id for department in departments})
    if place != EVERYWHERE and place not in before.parents:
        raise NotFound
    others = {key: held for key, held in before.own.items() if key != (place, kind.name)}
    after = replace(before, own=others if value is None else others | {(place, kind.name): value})

    def changes(one: str) -> bool:
        return before.ruling(one, kind).value != after.ruling(one, kind).value

    reached = (await kind.reached(work)).items()
    rooms = [(department_id or EVERYWHERE, reaches, count) for (department_id, reaches), count in reached]
    return PolicyPreview(
        value=after.ruling(place, kind).value,
        departments=sum(changes(department.id) for department in departments),
        rooms=sum(
            count
            for one, reaches, count in rooms
            if changes(one) and kind.is_wider(reaches, after.ruling(one, kind).value)
        ),
    )


async def put(work: Work, policy: Policy, actor: Actor, kind: DepartmentPolicy, place: str, value: str | None) -> None:
    """Set a value at a place; None: leave it to the place above. What rooms are already is not touched.

    Raises NotFound for no such department, Invalid for no such value.
    """
    policy.require(actor, "policy.set", Facts())
    _require_value(kind, value)
    here = await at(work, place)
    if place != EVERYWHERE and place not in here.names:
        raise NotFound
    before = here.places.own.get((place, kind.name))
    if before == value:
        return
    this = (col(PolicyRow.place) == place) & (col(PolicyRow.policy) == kind.name)
    if value is None:
        await work.db.exec(delete(PolicyRow).where(this))
    else:
        await (await work.db.connection()).execute(SET, {"place": place, "policy": kind.name, "value": value})
    work.audit(actor.id, "policy.set", place, policy=kind.name, before=before or INHERITED, after=value or INHERITED)


def _require_value(kind: DepartmentPolicy, value: str | None) -> None:
    if value is not None and value not in kind.values:
        raise Invalid(errors=(FieldError("/value", f"one of {', '.join(kind.values)}"),))


async def _places(work: Work, parents: Mapping[str, str | None]) -> Places:
    everything = select(col(PolicyRow.place), col(PolicyRow.policy), col(PolicyRow.value))
    found = await (await work.db.connection()).execute(everything)
    return Places(parents, {(place, policy): value for place, policy, value in found})
