# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What has to be done so that house and provider are as a source says, and how that is taken back. Pure.

Departments and people that the source does not name are left alone unless it is said to be complete. Of a
person whom it names, the memberships become exactly the source's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from .org import Org, OrgDepartment, OrgPerson
from .state import Part, Place, State, Who
from .steps import (
    AccountStep,
    AnnouncementsStep,
    DepartmentStep,
    GroupRepair,
    PlaceStep,
    Repair,
    RoomStep,
    Step,
    kind_of,
)
from .words import Sentence, SentenceName, say

REMOVALS_PERCENT = 5.0
"""So much of what there is of a kind may be taken away without somebody saying that it is meant."""


class Plan(NamedTuple):
    """steps: in the order in which they are done. notes: what the operator should know."""

    steps: tuple[Step, ...]
    notes: tuple[Sentence, ...] = ()


class PlanRefused(Exception):
    """This cannot or should not be done; nothing was changed. The text has a sentence a line."""

    def __init__(self, *reasons: Sentence) -> None:
        super().__init__("\n".join(map(str, reasons)))
        self.reasons = reasons


def compare(org: Org, state: State, new_id: Callable[[], str], *, complete: bool = False) -> Plan:
    """What makes the state what the source says. new_id: ids of what is made. complete: who is not named leaves.

    Raises PlanRefused where the provider would not take it.
    """
    _require_free_addresses(org, state)
    disabled = [p.login for p in org.people if p.login in state.accounts and not state.accounts[p.login].enabled]
    people = [person for person in org.people if person.login not in disabled]
    gone = state.departments.keys() - {department.key for department in org.departments}
    steps: list[Step] = [*_departments(org, state, new_id), *_groups(org, state)]
    accounts = [step for person in people for step in _account(person, state.accounts.get(person.login))]
    steps += _addresses_freed_first(accounts)
    places = _places_by_login(state)
    for person in people:
        steps += _moves(person, places.get(person.login, ()), state)
    notes = [say("disabled", login=login) for login in disabled]
    strangers = sorted({place.login for place in state.places} - {person.login for person in org.people})
    if complete:
        steps += _leavings(strangers, places, state)
        steps += [_left(Place(login, key), state) for login in disabled for key in places.get(login, ()) if key in gone]
        steps += _closings(gone, state)
    else:
        notes += [say("left_alone_departments", count=len(gone))] if gone else []
        notes += [say("left_alone_people", count=len(strangers))] if strangers else []
    return Plan(tuple(steps), tuple(notes))


def removals(steps: Sequence[Step], state: State, *, max_percent: float) -> list[Sentence]:
    """Sentences about what is too much to be taken away unasked. max_percent: of what there is of each kind."""
    belonging = {place.login for place in state.places}
    has = sum(bool(values) for who in state.accounts.values() for values in who.attributes.values())
    counted: tuple[tuple[SentenceName, int, int], ...] = (
        (
            "removes_departments",
            len(state.departments),
            sum(isinstance(s, DepartmentStep) and s.removes for s in steps),
        ),
        ("removes_people", len(belonging), sum(isinstance(s, AccountStep) and s.removes for s in steps)),
        ("removes_attributes", has, sum(s.forgets for s in steps if isinstance(s, AccountStep))),
        (
            "removes_memberships",
            len(state.places),
            sum(isinstance(s, (PlaceStep, Repair)) and s.removes for s in steps),
        ),
    )
    return [
        say(what, lost=lost, total=total, percent=f"{max_percent:g}")
        for what, total, lost in counted
        if lost * 100 > max_percent * total
    ]


def undo(steps: Sequence[Step], state: State, *, force: bool = False) -> Plan:
    """What takes these steps back, the last first; what is as it was before is left out.

    force: also what has changed since. Raises PlanRefused with a sentence for each of these otherwise.
    """
    back: list[Step] = []
    changed: list[Sentence] = []
    for step in reversed(steps):
        if isinstance(step, (Repair, GroupRepair)):
            continue
        now = step.found(state)
        if isinstance(step, PlaceStep) and step.place in state.half:
            now = step.after  # begun at one side: to be taken back at both
        if now == step.before:
            continue
        if now != step.after:
            changed.append(changed_since(step))
        back.append(msgspec.structs.replace(step, before=now, after=step.before))
    if changed and not force:
        raise PlanRefused(*changed)
    return Plan(tuple(back), tuple(changed))


def overtaken(steps: Iterable[Step], state: State) -> list[Sentence]:
    """Sentences about steps that somebody else's doing has made others since they were planned."""
    found: list[Sentence] = []
    departments = set(state.departments)
    for step in steps:
        if isinstance(step, (Repair, GroupRepair)) or (isinstance(step, PlaceStep) and step.place in state.half):
            continue
        lost = isinstance(step, DepartmentStep) and step.after is not None and step.after.parent
        if step.found(state) != step.before or (lost and lost not in departments):
            found.append(changed_since(step))
        if isinstance(step, DepartmentStep) and step.after is not None:
            departments.add(step.target)
    return found


def changed_since(step: Step) -> Sentence:
    """What it is about is another thing by now."""
    return say("changed", step=step, kind=kind_of(step), target=step.target)


def org_now(state: State) -> tuple[Org, tuple[Sentence, ...]]:
    """What a source would say of what there is, and notes about what it cannot say."""
    order = sorted(state.departments, key=lambda key: (_depth(key, state), key))
    departments = [OrgDepartment(key, state.departments[key].name, state.departments[key].parent) for key in order]
    people: list[OrgPerson] = []
    notes: list[Sentence] = []
    for login, keys in sorted(_places_by_login(state).items()):
        who = state.accounts.get(login)
        if who is None or not who.enabled:
            notes.append(say("left_out", login=login))
            continue
        roles = {key: state.places[Place(login, key)] for key in sorted(keys)}
        people.append(OrgPerson(login, who.given_name, who.name, who.email, roles, who.attributes))
    return Org(tuple(departments), tuple(people)), tuple(notes)


# ---- departments


def _departments(org: Org, state: State, new_id: Callable[[], str]) -> Iterator[Step]:
    for wanted in org.departments:
        there = state.departments.get(wanted.key)
        part = Part(there.id if there else new_id(), wanted.name, wanted.parent)
        if part != there:
            yield DepartmentStep(target=wanted.key, before=there, after=part)
        if wanted.key not in state.rooms:
            yield RoomStep(target=wanted.key, before=None, after=new_id())
        if wanted.key not in state.announcements:
            yield AnnouncementsStep(target=wanted.key, before=None, after=new_id())


def _groups(org: Org, state: State) -> Iterator[Step]:
    for wanted in org.departments:
        there = state.departments.get(wanted.key)
        same = there and (there.name, there.parent) == (wanted.name, wanted.parent)
        if same and wanted.key not in state.groups:
            yield GroupRepair(target=wanted.key)


def _closings(gone: Iterable[str], state: State) -> Iterator[Step]:
    """Departments below first."""
    for key in sorted(gone, key=lambda key: (_depth(key, state), key), reverse=True):
        if key in state.rooms:
            yield RoomStep(target=key, before=state.rooms[key], after=None)
        if key in state.announcements:
            yield AnnouncementsStep(target=key, before=state.announcements[key], after=None)
        yield DepartmentStep(target=key, before=state.departments[key], after=None)


def _depth(key: str, state: State) -> int:
    depth, parent = 0, state.departments[key].parent
    while parent is not None:
        depth, parent = depth + 1, state.departments[parent].parent
    return depth


# ---- people


def _require_free_addresses(org: Org, state: State) -> None:
    wanted = {person.login: person.email for person in org.people}
    owners = {who.email: login for login, who in state.accounts.items() if who.email and not wanted.get(login)}
    taken = [
        say("address_taken", email=person.email, login=person.login, owner=owners[person.email])
        for person in org.people
        if person.email in owners and owners[person.email] != person.login
    ]
    if taken:
        raise PlanRefused(*taken)


def _addresses_freed_first(steps: Sequence[AccountStep]) -> Iterator[AccountStep]:
    """A provider gives an address to one account at a time: who takes another's waits until it is free."""
    held = {
        s.before.email: s.target for s in steps if s.before and s.before.email and s.before.email != _email(s.after)
    }
    waiting = list(steps)
    while waiting:
        blocked = [step for step in waiting if held.get(_email(step.after) or "", step.target) != step.target]
        if len(blocked) == len(waiting):
            rings = ", ".join(sorted(step.target for step in blocked))
            raise PlanRefused(say("address_ring", logins=rings))
        late = {step.target for step in blocked}
        free = [step for step in waiting if step.target not in late]
        yield from free
        for step in free:
            if step.before and held.get(step.before.email or "") == step.target:
                del held[step.before.email or ""]
        waiting = blocked


def _email(who: Who | None) -> str | None:
    return who.email if who else None


def _account(person: OrgPerson, there: Who | None) -> Iterator[AccountStep]:
    """A source that gives no address does not take one away; of attributes, an empty one is none."""
    email = person.email or (there.email if there else None)
    wanted = Who(person.given_name, person.name, email, attributes=dict(person.attributes))
    before = there and there.saying(person.attributes)
    if before != wanted:
        yield AccountStep(target=person.login, before=before, after=wanted)


def _places_by_login(state: State) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for login, key in state.places:
        found.setdefault(login, []).append(key)
    return found


def _moves(person: OrgPerson, held: Iterable[str], state: State) -> Iterator[Step]:
    for key, role in person.departments.items():
        place = Place(person.login, key)
        if place in state.half:
            yield Repair(target=" ".join(place), after=role)
        elif (now := state.places.get(place)) != role:
            yield PlaceStep(target=" ".join(place), before=now, after=role)
    for key in sorted(held):
        if key not in person.departments:
            yield _left(Place(person.login, key), state)


def _left(place: Place, state: State) -> Step:
    if place in state.half:
        return Repair(target=" ".join(place), after=None)
    return PlaceStep(target=" ".join(place), before=state.places[place], after=None)


def _leavings(strangers: Iterable[str], places: dict[str, list[str]], state: State) -> Iterator[Step]:
    """First the key, then the places: who left is out at once."""
    for login in strangers:
        there = state.accounts.get(login)
        if there is not None and there.enabled:
            closed = Who(there.given_name, there.name, there.email, False)
            yield AccountStep(target=login, before=there.saying(()), after=closed)
    for login in strangers:
        for key in sorted(places[login]):
            yield _left(Place(login, key), state)
