# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People of whom a system of the house tells us by itself, beside the provider (docs/decisions/0019-scim.md)."""

from sqlmodel import col, select

from fachwerk.kernel.db import Work

from . import service
from .accounts import settle
from .events import PersonReported
from .model import Person


async def push(work: Work, issuer: str, subject: str, name: str, email: str | None, *, active: bool) -> Person:
    """Make a person what the system says of them, known here before or not.

    issuer, subject: by which the provider signs them in. active: False bars them, whatever the provider says.
    """
    known = await service.person_of(work, issuer, subject)
    roles = known.roles if known else ()
    who, changed = await service.upsert(work, issuer, subject, name, email, roles, pushes=True)
    who.pushed = True
    settled = await settle(work, who, barred=not active)
    work.announce(PersonReported(person_id=who.id, groups=None, changed=changed or (settled and who.active)))
    return who


async def withdraw(work: Work, who: Person) -> None:
    """Take somebody as gone of whom the system tells no more: barred, and out of their departments."""
    who.pushed = False
    await settle(work, who, barred=True)
    work.announce(PersonReported(person_id=who.id, groups=(), changed=False, left=True))


async def release(work: Work) -> int:
    """Let the provider alone say who comes in and how people are called. Returns of how many it was otherwise."""
    people = (await work.db.exec(select(Person).where(col(Person.pushed) | col(Person.barred)))).all()
    for who in people:
        who.pushed = False
        await settle(work, who, barred=False)
    return len(people)
