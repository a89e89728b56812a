# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People of whom a system of the house tells us by itself, beside the provider (docs/decisions/0019-scim.md)."""

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
    who.pushed, who.barred = True, not active
    settled = await settle(work, who)
    work.announce(PersonReported(person_id=who.id, groups=None, changed=changed or (settled and who.active)))
    return who


async def withdraw(work: Work, who: Person) -> None:
    """Take somebody as gone of whom the system tells no more: barred, and out of their departments."""
    who.pushed, who.barred = False, True
    await settle(work, who)
    work.announce(PersonReported(person_id=who.id, groups=(), changed=False))
