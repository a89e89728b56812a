# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who sets policies, and which value holds at a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.module import DepartmentPolicy
from fachwerk.kernel.policy import Rule, installation_role

EVERYWHERE = "everywhere"
"""The place above all departments, and of rooms that belong to none."""

RULES = [
    Rule("policy.read", (installation_role(ADMIN),)),
    Rule("policy.set", (installation_role(ADMIN),)),
]


class PolicyForbids(Conflict):
    """A policy does not allow what was asked for. value: how far it goes.

    department: the name of the one that has set it, None for the whole house.
    """

    slug, title = "policy-forbids", "A policy does not allow this"


class Ruling(NamedTuple):
    """What holds at a place. place: where it was set, None if nowhere."""

    value: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Departments, what each belongs to, and what was set at them and everywhere, by place and policy."""

    parents: Mapping[str, str | None]
    own: Mapping[tuple[str, str], str]

    def ruling(self, place: str, policy: DepartmentPolicy) -> Ruling:
        """What was set at the place or at the next one above it; the widest value if it was set nowhere."""
        way: list[str] = []
        above: str | None = place
        while above is not None and above not in way:  # even a ring ends
            way.append(above)
            above = self.parents.get(above)
        for one in (*way, EVERYWHERE):
            if (one, policy.name) in self.own:
                return Ruling(self.own[one, policy.name], one)
        return Ruling(policy.values[0], None)
