# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Asking what holds, and setting it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Boolean, bindparam, null, select, text
from sqlmodel import col, delete

from fachwerk.core import directory
from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid, NotFound
from fachwerk.kernel.module import DepartmentPolicy, Module
from fachwerk.kernel.policy import Actor, Facts, Policy

from .model import PolicyRow
from .rules import EVERYWHERE, Places, PolicyForbids, PolicySetAbove
from .wire import ABOVE, PolicyKind, PolicyPlace, PolicyPreview, PolicyRuling, PolicyRulings, PolicyStanding, PolicyTree

INHERITED = "inherited"
"""In the audit trail: nothing is set at the place."""
SET = text(
    "INSERT INTO department_policy (place, policy, value, delegated) VALUES (:place, :policy, :value, :delegated) "
    "ON CONFLICT (place, policy) DO UPDATE SET value = :value, delegated = :delegated "
    "WHERE department_policy.delegated OR NOT :delegated"
).bindparams(bindparam("delegated", type_=Boolean))
"""Who administers a department does not overwrite what somebody above set meanwhile."""


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
    held = (col(row.policy), col(row.value), col(row.delegated))
    on_the_way = select(above.c.id, above.c.parent_id, above.c.name, *held).join_from(
        above, row, col(row.place) == above.c.id, isouter=True
    )
    besides = select(col(row.place), null(), null(), *held).where(col(row.place).in_((place, EVERYWHERE)))
    parents: dict[str, str | None] = {}
    names: dict[str, str] = {}
    own: dict[tuple[str, str], str] = {}
    given: set[tuple[str, str]] = set()
    connection = await work.db.connection()
    for one, parent, name, policy, value, delegated in await connection.execute(on_the_way.union_all(besides)):
        if name is not None:
            parents[one], names[one] = parent, name
        if policy is not None:
            own[one, policy] = value
            if delegated:
                given.add((one, policy))
    return At(place, Places(parents, own, frozenset(given)), names)


def rulings(here: At, kinds: Iterable[DepartmentPolicy]) -> PolicyRulings:
    """All that holds at a place."""
    return PolicyRulings(items=[here.ruling(kind) for kind in kinds])


# ---- setting


async def tree(work: Work, policy: Policy, actor: Actor, kinds: Sequence[DepartmentPolicy]) -> PolicyTree:
    """What is set and what holds in the whole house, or in the departments that the actor administers.

    Three queries, and what each policy asks to count rooms.
    """
    reach = policy.reach(actor, "policy.read")
    departments = await directory.all_departments(work, reach)
    places = await _places(work)
    named = {EVERYWHERE, *(department.id for department in departments)}
    beyond: Counter[tuple[str, str]] = Counter()
    for kind in kinds:
        for (department_id, value), rooms in (await kind.reached(work)).items():
            place = department_id or EVERYWHERE
            if kind.is_wider(value, places.ruling(place, kind).value):
                beyond[place if place in places.parents else EVERYWHERE, kind.name] += rooms

    def standing(place: str, kind: DepartmentPolicy) -> PolicyStanding:
        value, set_at = places.ruling(place, kind)
        key = (place, kind.name)
        return PolicyStanding(
            policy=kind.name,
            value=value,
            own=places.own.get(key),
            set_at=set_at if set_at is None or set_at in named else ABOVE,
            beyond=beyond[key],
            delegated=key in places.delegated,
            choices=places.choices(place, kind, delegated=reach is not None),
        )

    def shown(place: str, parent_id: str | None, name: str, short: str) -> PolicyPlace:
        standings = [standing(place, kind) for kind in kinds]
        return PolicyPlace(id=place, parent_id=parent_id, name=name, short=short, policies=standings)

    return PolicyTree(
        policies=[PolicyKind(name=kind.name, values=list(kind.values)) for kind in kinds],
        places=[
            *([shown(EVERYWHERE, None, "", "")] if reach is None else []),
            *(shown(d.id, d.parent_id, d.name, d.short) for d in departments),
        ],
    )


async def preview(
    work: Work, policy: Policy, actor: Actor, kind: DepartmentPolicy, place: str, value: str | None
) -> PolicyPreview:
    """What setting a value at a place would do; None: leaving it to the place above.

    Raises NotFound, Invalid, and what `put` would.
    """
    before = await _places(work)
    delegated = _require(policy, actor, before, place)
    _require_value(kind, value)
    _require_there(before, place)
    if delegated:
        _require_choice(before, kind, place, value, (await at(work, place)).names)
    after = before.without(place, kind) if value is None else before.having(place, kind, value, delegated=delegated)

    def changes(one: str) -> bool:
        return before.ruling(one, kind).value != after.ruling(one, kind).value

    reached = (await kind.reached(work)).items()
    rooms = [(department_id or EVERYWHERE, reaches, count) for (department_id, reaches), count in reached]
    return PolicyPreview(
        value=after.ruling(place, kind).value,
        departments=sum(changes(department) for department in before.parents),
        rooms=sum(
            count
            for one, reaches, count in rooms
            if changes(one) and kind.is_wider(reaches, after.ruling(one, kind).value)
        ),
    )


async def put(work: Work, policy: Policy, actor: Actor, kind: DepartmentPolicy, place: str, value: str | None) -> None:
    """Set a value at a place; None: leave it to the place above. What rooms are already is not touched.

    Raises NotFound for no such department, Invalid for no such value, and for who administers departments PolicyForbids
    for one that is wider than what holds above, PolicySetAbove where somebody above has decided.
    """
    here = await at(work, place)
    delegated = _require(policy, actor, here.places, place)
    _require_value(kind, value)
    _require_there(here.places, place)
    if delegated:
        _require_choice(here.places, kind, place, value, here.names)
    key = (place, kind.name)
    before = here.places.own.get(key)
    if before == value and (value is None or delegated is (key in here.places.delegated)):
        return
    this = (col(PolicyRow.place) == place) & (col(PolicyRow.policy) == kind.name)
    if value is None:
        mine = this & col(PolicyRow.delegated).is_(True) if delegated else this
        changed = (await work.db.exec(delete(PolicyRow).where(mine))).rowcount
    else:
        row = {"place": place, "policy": kind.name, "value": value, "delegated": delegated}
        changed = (await (await work.db.connection()).execute(SET, row)).rowcount
    if not changed:  # somebody else was faster
        if delegated:
            raise PolicySetAbove
        return
    work.audit(actor.id, "policy.set", place, policy=kind.name, before=before or INHERITED, after=value or INHERITED)


def _require_value(kind: DepartmentPolicy, value: str | None) -> None:
    if value is not None and value not in kind.values:
        raise Invalid(errors=(FieldError("/value", f"one of {', '.join(kind.values)}"),))


def _require(policy: Policy, actor: Actor, places: Places, place: str) -> bool:
    """Whether the actor sets policies at this place as somebody who administers it only. Raises as the policy does."""
    facts = Facts(within=frozenset(places.way(place)) - {EVERYWHERE} if place in places.parents else frozenset())
    policy.require(actor, "policy.set", facts)
    return policy.is_delegated(actor, "policy.set", facts)


def _require_there(places: Places, place: str) -> None:
    if place != EVERYWHERE and place not in places.parents:
        raise NotFound


def _require_choice(
    places: Places, kind: DepartmentPolicy, place: str, value: str | None, names: Mapping[str, str]
) -> None:
    choices = places.choices(place, kind, delegated=True)
    if not choices:
        raise PolicySetAbove
    if value is not None and value not in choices:
        At(place, places.without(place, kind), names).require(kind, value)


async def _places(work: Work) -> Places:
    """Of the whole house: what holds in a department depends on those above it. Two queries."""
    connection = await work.db.connection()
    tree = select(col(directory.Department.id), col(directory.Department.parent_id))
    parents: dict[str, str | None] = {one.id: one.parent_id for one in await connection.execute(tree)}
    row = PolicyRow
    columns = (col(row.place), col(row.policy), col(row.value), col(row.delegated))
    found = (await connection.execute(select(*columns))).all()
    own = {(place, policy): value for place, policy, value, _ in found}
    return Places(parents, own, frozenset((place, policy) for place, policy, _, given in found if given))
