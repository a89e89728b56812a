# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Carrying out a stored plan, at the provider and here, so that it may be killed anywhere and finished later.

Each batch of steps is done at one side after the other and noted as done in the house's own transaction; all of it
may be repeated. Departments and their rooms appear in one transaction: never one without the other.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import groupby

from fachwerk.core.identity import Newcomer, Profile, Realm, RealmRefused, Registered
from fachwerk.kernel.audit import OPERATOR
from fachwerk.kernel.db import Database, Work

from . import house, stored
from .state import Who
from .steps import AccountStep, DepartmentStep, GroupRepair, PlaceStep, Repair, RoomStep, Step

IMPORT_MAX = 500
"""Accounts made at once; they are made again by nobody, so a repeated batch costs one request."""
PEOPLE_MAX = 50
"""People whose places change in one transaction."""
SIGN_OF_LIFE_S = 10.0

Numbered = tuple[int, Step]


@dataclass(slots=True)
class Execution:
    """One plan being carried out. ids: of departments, by short name. told: hears of how many steps are done.

    by: whose act it is.
    """

    database: Database
    realm: Realm
    issuer: str
    plan: int
    holder: str
    by: str
    told: Callable[[int], None]
    accounts: dict[str, Registered]
    ids: dict[str, str]


@asynccontextmanager
async def leased(database: Database, holder: str) -> AsyncIterator[None]:
    """Be the only one who carries out steps meanwhile. Raises Busy, at once or when another one took over."""
    async with database.work() as work:
        await stored.claim(work, holder)

    async def show_signs_of_life() -> None:
        while True:
            await asyncio.sleep(SIGN_OF_LIFE_S)
            async with database.work() as work:
                await stored.renew(work, holder)

    try:
        async with asyncio.TaskGroup() as group:
            living = group.create_task(show_signs_of_life())
            yield
            living.cancel()
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several
    finally:
        async with database.work() as work:
            await stored.release(work, holder)


async def carry_out(
    database: Database, realm: Realm, issuer: str, plan: int, holder: str, told: Callable[[int], None]
) -> None:
    """Do the steps of a plan that are still to do, under the lease of `holder`. Raises RealmRefused, Busy."""
    async with database.read() as work:
        steps = await stored.open_steps(work, plan)
        ids = await house.ids_of(work)
        row = await stored.by_number(work, plan)
    by = (row and row.begun_by) or OPERATOR
    accounts = dict(await asyncio.to_thread(realm.accounts)) if steps else {}
    run = Execution(database, realm, issuer, plan, holder, by, told, accounts, ids)
    for batch in _batches(steps.items()):
        first = batch[0][1]
        if isinstance(first, (DepartmentStep, RoomStep, GroupRepair)):
            await _shape(run, batch)
        elif isinstance(first, AccountStep) and _is_new(first):
            await _welcome(run, batch, steps.values())
        elif isinstance(first, AccountStep):
            await _change(run, batch)
        else:
            await _seat(run, batch)
    async with database.work() as work:
        await stored.renew(work, holder)
        await stored.stand_still(work, plan, ())
        await stored.end(work, plan)
        work.audit(by, "org.end", str(plan))


def _is_new(step: Step) -> bool:
    return isinstance(step, AccountStep) and step.before is None


def _lane(numbered: Numbered) -> str:
    step = numbered[1]
    if isinstance(step, AccountStep):
        return "new" if _is_new(step) else "account"
    return "place" if isinstance(step, (PlaceStep, Repair)) else "shape"


def _batches(steps: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Neighbours that are done together; all places of one person are."""
    for lane, neighbours in groupby(steps, _lane):
        if lane == "shape":
            yield list(neighbours)
            continue
        most = IMPORT_MAX if lane == "new" else PEOPLE_MAX
        people: list[list[Numbered]] = []
        for _, theirs in groupby(neighbours, lambda numbered: numbered[1].target.partition(" ")[0]):
            people.append(list(theirs))
            if len(people) == most:
                yield [numbered for one in people for numbered in one]
                people = []
        if people:
            yield [numbered for one in people for numbered in one]


@asynccontextmanager
async def _noting(run: Execution, batch: Sequence[Numbered]) -> AsyncIterator[Work]:
    """The house's part of a batch: afterwards it is done and audited."""
    async with run.database.work() as work:
        await stored.renew(work, run.holder)
        yield work
        await stored.done(work, run.plan, [number for number, _ in batch])
        for number, step in batch:  # whom it concerns is in the plan: names would stay in the trail for ever
            done = "repair" if isinstance(step, (Repair, GroupRepair)) else _verb(step)
            kind = str(step.__struct_config__.tag)
            work.audit(run.by, "org.step", f"{run.plan}.{number}", kind=kind, done=done)
    run.told(len(batch))


def _verb(step: Step) -> str:
    if step.before is None:
        return "add"
    return "remove" if step.after is None else "change"


async def _shape(run: Execution, batch: Sequence[Numbered]) -> None:
    """Here first, where it is one transaction; the groups follow, and only then is it done."""
    steps = [step for _, step in batch if isinstance(step, (DepartmentStep, RoomStep, GroupRepair))]
    async with run.database.work() as work:
        await stored.renew(work, run.holder)
        ended = await house.shape(work, steps)
        await work.db.flush()
        wanted, run.ids = await house.groups_wanted(work), await house.ids_of(work)
    if any(not isinstance(step, RoomStep) for step in steps):
        await asyncio.to_thread(run.realm.set_groups, wanted, ended)
    async with _noting(run, batch):
        pass


async def _welcome(run: Execution, batch: Sequence[Numbered], steps: Iterable[Step]) -> None:
    """Make accounts, in their groups from the first moment on."""
    new = {step.target: step.after for _, step in batch if isinstance(step, AccountStep) and step.after}
    groups: dict[str, list[str]] = {login: [] for login in new}
    for step in steps:
        if isinstance(step, PlaceStep) and step.after and step.place.login in groups and step.place.key in run.ids:
            groups[step.place.login].append(run.ids[step.place.key])
    newcomers = [
        Newcomer(_profile(login, who), who.enabled, groups[login])
        for login, who in new.items()
        if login not in run.accounts
    ]
    made = await asyncio.to_thread(run.realm.create, newcomers) if newcomers else {}
    for one in newcomers:
        if subject := made.get(one.profile.login):
            there = Registered(subject, one.profile, one.enabled, frozenset(one.departments))
            run.accounts[one.profile.login] = there
    if not new.keys() <= run.accounts.keys():  # somebody else made them meanwhile, or nobody did
        run.accounts = dict(await asyncio.to_thread(run.realm.accounts))
    if missing := sorted(new.keys() - run.accounts.keys()):
        raise RealmRefused(f"no account was made for {', '.join(missing[:10])}; is an address somebody else's?")
    async with _noting(run, batch):
        pass


async def _change(run: Execution, batch: Sequence[Numbered]) -> None:
    """Other names, opened, closed and removed accounts: there first, for who is closed out must not come back in."""
    changed: list[tuple[str, Registered | None]] = []
    for _, step in batch:
        there = run.accounts.get(step.target)
        if there is None or not isinstance(step, AccountStep):
            continue
        if step.after is None:
            await asyncio.to_thread(run.realm.delete, there.subject)
            del run.accounts[step.target]
            changed.append((there.subject, None))
            continue
        profile = _profile(step.target, step.after)
        await asyncio.to_thread(run.realm.change, there.subject, profile, enabled=step.after.enabled)
        run.accounts[step.target] = replace(there, profile=profile, enabled=step.after.enabled)
        changed.append((there.subject, run.accounts[step.target]))
    async with _noting(run, batch) as work:
        for subject, account in changed:
            await house.take_over(work, run.issuer, subject, account, arrives=False)


async def _seat(run: Execution, batch: Sequence[Numbered]) -> None:
    """Places: in the groups there, then in departments and rooms here."""
    moved: dict[str, list[PlaceStep | Repair]] = {}
    for _, step in batch:
        if isinstance(step, (PlaceStep, Repair)) and step.place.login in run.accounts:
            moved.setdefault(step.place.login, []).append(step)
    for login, steps in moved.items():
        there = run.accounts[login]
        for step in steps:
            department_id = run.ids.get(step.place.key)
            if department_id is None or (department_id in there.departments) is (step.after is not None):
                continue
            if step.after is None:
                await asyncio.to_thread(run.realm.leave, there.subject, department_id)
                there = replace(there, departments=there.departments - {department_id})
            else:
                await asyncio.to_thread(run.realm.join, there.subject, department_id)
                there = replace(there, departments=there.departments | {department_id})
        run.accounts[login] = there
    async with _noting(run, batch) as work:
        for login, steps in moved.items():
            await house.seat(work, run.issuer, run.accounts[login], steps, run.ids)


def _profile(login: str, who: Who) -> Profile:
    return Profile(login, who.given_name, who.name, who.email, who.attributes)
