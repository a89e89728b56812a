# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""An `identity.Realm` in memory: the provider as commands see it, without one. What it does is Keycloak's doing."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fachwerk.core.identity import GroupThere, GroupWanted, Newcomer, Profile, RealmRefused, Registered


@dataclass
class MemoryRealm:
    """calls: what was asked for, in order. fails_after: of so many changes the next one is refused; None: never."""

    found: dict[str, Registered] = field(default_factory=dict)
    groups_there: dict[str, GroupWanted] = field(default_factory=dict)
    trees: dict[str, list[GroupThere]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    signed_out: list[str] = field(default_factory=list)
    fails_after: int | None = None

    def groups(self) -> Mapping[str, GroupWanted]:
        return dict(self.groups_there)

    def tree(self, path: str) -> Sequence[GroupThere]:
        if path not in self.trees:
            raise RealmRefused(f"there is no group {path}")
        return self.trees[path]

    def accounts(self) -> Mapping[str, Registered]:
        return dict(self.found)

    def set_groups(self, wanted: Sequence[GroupWanted], gone: Collection[str] = ()) -> None:
        self._change("set_groups")
        self.groups_there |= {group.id: group for group in wanted}
        for department_id in gone:
            self.groups_there.pop(department_id, None)
        assert all(g.parent_id is None or g.parent_id in self.groups_there for g in self.groups_there.values())
        left = frozenset(self.groups_there)
        self.found = {
            login: replace(there, departments=there.departments & left) for login, there in self.found.items()
        }

    def create(self, newcomers: Sequence[Newcomer]) -> Mapping[str, str]:
        self._change("create")
        made: dict[str, str] = {}
        for one in newcomers:
            if one.profile.login in self.found:
                continue
            if one.profile.email and any(one.profile.email == r.profile.email for r in self.found.values()):
                continue  # Keycloak skips those, too
            assert set(one.departments) <= self.groups_there.keys()
            self.found[one.profile.login] = Registered(
                str(uuid.uuid4()), one.profile, one.enabled, frozenset(one.departments)
            )
            made[one.profile.login] = self.found[one.profile.login].subject
        return made

    def change(self, subject: str, profile: Profile, *, enabled: bool) -> None:
        self._change("change")
        there = self._of(subject)
        attributes = {**there.profile.attributes, **profile.attributes}
        self.found[there.profile.login] = replace(
            there, profile=replace(profile, attributes=attributes), enabled=enabled
        )
        if not enabled:
            self.signed_out.append(profile.login)

    def delete(self, subject: str) -> None:
        self._change("delete")
        self.found = {login: there for login, there in self.found.items() if there.subject != subject}

    def join(self, subject: str, department_id: str) -> None:
        self._change("join")
        assert department_id in self.groups_there
        there = self._of(subject)
        self.found[there.profile.login] = replace(there, departments=there.departments | {department_id})

    def leave(self, subject: str, department_id: str) -> None:
        self._change("leave")
        there = self._of(subject)
        self.found[there.profile.login] = replace(there, departments=there.departments - {department_id})

    def _of(self, subject: str) -> Registered:
        return next(there for there in self.found.values() if there.subject == subject)

    def _change(self, call: str) -> None:
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                raise RealmRefused("the sign-in service does not answer")
        self.calls.append(call)
