# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Those whom no provider signs in: people of other ministries, guests, and machines of our own."""

from sqlmodel import col, func, select

from fachwerk.kernel.db import Database, Work

from . import service
from .accounts import settle
from .events import GuestEnded
from .model import EXTERNAL, GUEST, SERVICE, Person


async def external(work: Work, mxid: str, name: str, organisation: str) -> Person:
    """The person of another ministry with this Matrix user id, made known or renamed."""
    who = await service.upsert_person(work, EXTERNAL, mxid, name, None, [])
    who.organisation = organisation
    work.db.add(who)
    return who


async def guest(work: Work, name: str, organisation: str, email: str | None) -> Person:
    """Somebody new who belongs to no ministry. What is said of them is the sponsor's word."""
    who = await service.upsert_person(work, GUEST, work.ids(), name, email, [])
    who.organisation = organisation or None
    work.db.add(who)
    return who


async def end_guest(work: Work, who: Person, why: str) -> None:
    """Let a guest in no more; their sockets close, having heard why (a word). Nobody needs their address any more."""
    who.email = None
    work.emit(f"user:{who.id}", GuestEnded(why=why))
    await settle(work, who, enabled=False)


async def machine(work: Work, subject: str, name: str) -> Person:
    """One of our own machines, made known if it is new."""
    return await service.upsert_person(work, SERVICE, subject, name, None, [])


async def known_machine(work: Work, subject: str) -> Person | None:
    """One of our own machines, if it was here before."""
    return (await work.db.exec(select(Person).where(Person.issuer == SERVICE, Person.subject == subject))).first()


async def machine_id(database: Database, subject: str, name: str) -> str:
    """The id of one of our own machines, for whoever shows its token. A transaction that writes only the first time."""
    async with database.read() as work:
        known = await known_machine(work, subject)
    if known is None:
        async with database.work() as work:
            known = await machine(work, subject, name)
    return known.id


async def colleague_called(work: Work, contact: str) -> Person | None:
    """The one active colleague with this e-mail address (in any case) or sign-in name.

    None if there is nobody, or if the address is several people's: then nobody may guess who is meant.
    """
    called = (func.lower(col(Person.email)) == contact.lower()) | (col(Person.subject) == contact)
    found = (
        await work.db.exec(select(Person).where(service.ours(), col(Person.active).is_(True), called).limit(2))
    ).all()
    return found[0] if len(found) == 1 else None
