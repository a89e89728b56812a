# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a plan is made of: each step makes one thing what it shall be, and knows what it was."""

from typing import Any, Literal, cast

import msgspec

from .state import Part, Place, Role, State, Who


class _Step(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    """before, after: None where there is no such thing."""

    target: str
    before: Any
    after: Any

    @property
    def removes(self) -> bool:
        """Whether somebody loses something by it."""
        return self.after is None


class DepartmentStep(_Step, tag="department", frozen=True, kw_only=True):
    """A department and its group at the provider. target: the short name."""

    before: Part | None
    after: Part | None

    def found(self, state: State) -> Part | None:
        """The department as it is."""
        return state.departments.get(self.target)

    def __str__(self) -> str:
        if self.after is None:
            return f"- department {self.target}"
        if self.before is None:
            return f"+ department {self.target} ({self.after.name})" + (
                f" in {self.after.parent}" if self.after.parent else ""
            )
        name = f" {self.before.name} is {self.after.name}" if self.before.name != self.after.name else ""
        moved = f" moves from {self.before.parent or 'the top'} to {self.after.parent or 'the top'}"
        return f"~ department {self.target}:{name}{moved if self.before.parent != self.after.parent else ''}"


class RoomStep(_Step, tag="room", frozen=True, kw_only=True):
    """The room of a department. target: the department's short name. before, after: the room's id."""

    before: str | None
    after: str | None

    def found(self, state: State) -> str | None:
        """The room that the department has."""
        return state.rooms.get(self.target)

    def __str__(self) -> str:
        return f"{'-' if self.after is None else '+'} room of {self.target}"


class AnnouncementsStep(RoomStep, tag="announcements", frozen=True, kw_only=True):
    """The room of a department's announcements; otherwise as its room."""

    def found(self, state: State) -> str | None:
        """The one that the department has."""
        return state.announcements.get(self.target)

    def __str__(self) -> str:
        return f"{'-' if self.after is None else '+'} room of announcements of {self.target}"


class AccountStep(_Step, tag="account", frozen=True, kw_only=True):
    """An account at the provider. target: the login. removes: also by disabling.

    Of attributes it is only about those that both sides name.
    """

    before: Who | None
    after: Who | None

    def found(self, state: State) -> Who | None:
        """The account as it is."""
        there, side = state.accounts.get(self.target), self.before or self.after
        return there.saying(side.attributes) if there and side else there

    @property
    def others(self) -> list[str]:
        """The attributes of an account that stays which become others."""
        if self.before is None or self.after is None:
            return []
        return [name for name, values in self.after.attributes.items() if values != self.before.attributes.get(name)]

    @property
    def forgets(self) -> int:
        """How many attributes lose all their values by it."""
        after = self.after
        return sum(after is not None and not after.attributes[name] for name in self.others)

    @property
    def removes(self) -> bool:
        """Whether somebody cannot sign in any more."""
        return self.before is not None and self.before.enabled and not (self.after and self.after.enabled)

    def __str__(self) -> str:
        if self.after is None:
            return f"- account {self.target} ({self.before})"
        if self.before is None:
            return f"+ account {self.target} ({self.after})"
        named = [f"{self.before} is {self.after}"] if str(self.before) != str(self.after) else []
        return f"~ account {self.target}: " + ", ".join(named + [f"{name} is another" for name in self.others])


class PlaceStep(_Step, tag="place", frozen=True, kw_only=True):
    """Somebody's place in a department, here and at the provider. target: login and short name, a blank between."""

    before: Role | None
    after: Role | None

    @property
    def place(self) -> Place:
        """Who, and where."""
        login, _, key = self.target.partition(" ")
        return Place(login, key)

    def found(self, state: State) -> Role | None:
        """The role that they have there."""
        return None if self.place in state.half else state.places.get(self.place)

    def __str__(self) -> str:
        login, key = self.place
        if self.after is None:
            return f"- {login} no longer in {key}"
        return f"+ {login} in {key}" + {"lead": " as its lead", "deputy": " as its deputy", "member": ""}[self.after]


class Repair(_Step, tag="repair", frozen=True, kw_only=True):
    """Make house and provider agree where only one of them knows it. Never taken back.

    target: as of a place, or `group` and a department's short name. before: None.
    """

    before: None = None
    after: Role | None

    @property
    def place(self) -> Place:
        """Who, and where."""
        login, _, key = self.target.partition(" ")
        return Place(login, key)

    def __str__(self) -> str:
        login, key = self.place
        return f"~ {login} in {key}: {self.after or 'nothing'} in the house and in the sign-in service alike"


class GroupRepair(_Step, tag="group", frozen=True, kw_only=True):
    """Make or correct the group of a department that the provider lacks. Never taken back. target: the short name."""

    before: None = None
    after: None = None

    @property
    def removes(self) -> bool:
        """Nobody loses anything."""
        return False

    def __str__(self) -> str:
        return f"~ group of {self.target} in the sign-in service"


Step = DepartmentStep | RoomStep | AnnouncementsStep | AccountStep | PlaceStep | Repair | GroupRepair
"""As JSON: kind, target, before, after."""

Kind = Literal["department", "room", "announcements", "account", "place", "repair", "group"]
Verb = Literal["add", "change", "remove", "repair"]


def takes_away(step: Step) -> bool:
    """Whether somebody loses something by it, be it an attribute alone."""
    return step.removes or (isinstance(step, AccountStep) and step.forgets > 0)


def kind_of(step: Step) -> Kind:
    """Its kind, as it is kept."""
    return cast("Kind", step.__struct_config__.tag)


def verb_of(step: Step) -> Verb:
    """What it does to its target. remove: somebody loses something by it, so closing an account is that, too."""
    if isinstance(step, (Repair, GroupRepair)):
        return "repair"
    if step.removes:
        return "remove"
    return "add" if step.before is None else "change"
