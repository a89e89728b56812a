# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Finding people by a part of their name, while it is being typed, in a house of any size.

Whoever sees few people: these are looked through. Whoever sees many: the index of names is walked in its
own order, which ends as soon as enough are found, and looks through all names only for what is rare.
"""

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from fachwerk.core import identity
from fachwerk.core.identity import Person
from fachwerk.kernel.db import Work
from fachwerk.kernel.policy import Actor

from . import wire
from .cards import CARDS, people
from .model import DepartmentMember
from .visibility import seen_departments, visible_people

FEW = 2_000
"""Up to so many memberships are looked through one by one."""
LAST = "\U0010ffff"
"""Behind every other character: ends the range of names that begin with something."""


async def find_people(work: Work, actor: Actor, text: str, limit: int) -> wire.People:
    """Active people whom the actor may see and whose name contains the text.

    First those whose name begins with it, then those with a word that does, then the rest, each by name.
    Spelling is folded (`identity.fold`). An empty text finds everybody.
    """
    search = _Search(work, actor, identity.fold(text), limit, await seen_departments(work, actor))
    return wire.People(items=await (search.among_few() if await search.sees_few() else search.walk()))


class _Search:
    def __init__(self, work: Work, actor: Actor, key: str, limit: int, departments: list[str]) -> None:
        self._work, self._actor, self._key, self._limit = work, actor, key, limit
        self._departments = departments

    async def sees_few(self) -> bool:
        """Whether those whom the actor sees are FEW; counts no further than that."""
        theirs = select(DepartmentMember.person_id).where(col(DepartmentMember.department_id).in_(self._departments))
        return len((await self._work.db.exec(theirs.limit(FEW + 1))).all()) <= FEW

    async def among_few(self) -> list[wire.Person]:
        """Begin with the memberships, which are few, and not with the names, which are many."""
        theirs = select(DepartmentMember.person_id).where(col(DepartmentMember.department_id).in_(self._departments))
        ids = {self._actor.id, *(await self._work.db.exec(theirs)).all()}
        found = await self._asked(col(Person.id).in_(ids) & self._contains(self._key), limit=None)
        return [person for _, person in sorted(found, key=self._order)][: self._limit]

    async def walk(self) -> list[wire.Person]:
        """Three walks along the index of names at most, each no longer than it must be."""
        name, seen = col(Person.name_key), visible_people(self._actor, self._departments)
        begins = await self._asked(seen & (name >= self._key) & (name < self._key + LAST), self._limit)
        if len(begins) == self._limit:
            return [person for _, person in begins]
        holds = await self._asked(seen & self._contains(self._key), self._limit)
        if len(holds) == self._limit:  # there may be more, with those that count for more behind them
            holds += await self._asked(seen & self._contains(" " + self._key), self._limit)
        found = {person.id: (key, person) for key, person in begins + holds}
        return [person for _, person in sorted(found.values(), key=self._order)][: self._limit]

    @staticmethod
    def _contains(key: str) -> ColumnElement[bool]:
        return col(Person.name_key).contains(key, autoescape=True)

    def _order(self, found: tuple[str, wire.Person]) -> tuple[int, str, str]:
        name, person = found
        rank = 0 if name.startswith(self._key) else 1 if f" {self._key}" in name else 2
        return rank, name, person.id

    async def _asked(self, which: ColumnElement[bool], limit: int | None) -> list[tuple[str, wire.Person]]:
        """(folded name, card) of active people of our own, by name."""
        chosen = CARDS.where(col(Person.active).is_(True), identity.ours(), which)
        return await people(self._work, chosen.order_by(col(Person.name_key), col(Person.id)).limit(limit))
