# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sets policies, and which value holds at a place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.module import DepartmentPolicy
from fachwerk.kernel.policy import Rule, department_admin, installation_role

EVERYWHERE = "everywhere"
"""The place above all departments, and of rooms that belong to none."""

RULES = [
    Rule("policy.read", (installation_role(ADMIN), department_admin)),
    Rule("policy.set", (installation_role(ADMIN), department_admin)),
]


class PolicyForbids(Conflict):
    """A policy does not allow what was asked for. value: how far it goes.

    department: the name of the one that has set it, None for the whole house.
    """

    slug, title = "policy-forbids", "A policy does not allow this"


class PolicySetAbove(Conflict):
    """What administrators of the installation have set at a department, those of the department do not change."""

    slug, title = "policy-set-above", "The administrators of the installation have set this"


class Ruling(NamedTuple):
    """What holds at a place. place: where it was set, None if nowhere."""

    value: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Departments, what each belongs to, and what was set at them and everywhere, by place and policy.

    delegated: what of it was set by those who administer a department only.
    """

    parents: Mapping[str, str | None]
    own: Mapping[tuple[str, str], str]
    delegated: frozenset[tuple[str, str]] = frozenset()

    def way(self, place: str) -> list[str]:
        """The place and all above it."""
        way: list[str] = []
        above: str | None = place
        while above is not None and above not in way:  # even a ring ends
            way.append(above)
            above = self.parents.get(above)
        return way if EVERYWHERE in way else [*way, EVERYWHERE]

    def ruling(self, place: str, policy: DepartmentPolicy) -> Ruling:
        """What was set at the place or at the next one above it; the widest value if it was set nowhere.

        What was delegated holds only where it is no wider than what would hold without it, also when that changes.
        """
        holds = Ruling(policy.values[0], None)
        for one in reversed(self.way(place)):
            key = (one, policy.name)
            value = self.own.get(key)
            if value is not None and not (key in self.delegated and policy.is_wider(value, holds.value)):
                holds = Ruling(value, one)
        return holds

    def without(self, place: str, policy: DepartmentPolicy) -> "Places":
        """As if nothing were set at the place."""
        return self._with(place, policy, {}, frozenset())

    def having(self, place: str, policy: DepartmentPolicy, value: str, *, delegated: bool) -> "Places":
        """As if this were set at the place."""
        key = (place, policy.name)
        return self._with(place, policy, {key: value}, frozenset({key}) if delegated else frozenset())

    def choices(self, place: str, policy: DepartmentPolicy, *, delegated: bool) -> list[str]:
        """What may be set at the place, the widest first; nothing where somebody above has decided."""
        if not delegated:
            return list(policy.values)
        key = (place, policy.name)
        if key in self.own and key not in self.delegated:
            return []
        above = self.without(place, policy).ruling(place, policy).value
        return [value for value in policy.values if not policy.is_wider(value, above)]

    def _with(
        self,
        place: str,
        policy: DepartmentPolicy,
        own: Mapping[tuple[str, str], str],
        delegated: frozenset[tuple[str, str]],
    ) -> "Places":
        key = (place, policy.name)
        others = {one: value for one, value in self.own.items() if one != key}
        return replace(self, own={**others, **own}, delegated=(self.delegated - {key}) | delegated)
