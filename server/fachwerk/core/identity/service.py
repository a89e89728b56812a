# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People and their sessions."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import JSON, BigInteger, BindParameter, ColumnElement, bindparam, text
from sqlmodel import col, delete, func, select, update
from starlette.requests import HTTPConnection

from fachwerk.kernel.db import Work

from .agents import UNKNOWN, Agent
from .events import SessionEnded
from .model import EXTERNAL, GUEST, SERVICE, Person, Session
from .names import clean, fold

COOKIE = "__Host-fachwerk"
COOKIE_RULES = "Path=/; Secure; HttpOnly; SameSite=Lax"
TOKEN_BYTES = 32
"""Randomness of a cookie's value: 256 bits."""
TOKEN_MAX_CHARS = 128
OWN_MAX = 100
"""So many of a person's sessions are listed."""
TOUCH_MS = 60_000
"""The last use of a session is written down at most this often."""
NAME_MAX_CHARS = 200
ADMIN, AUDITOR = "fachwerk-admin", "fachwerk-auditor"
INVESTIGATOR, GUARDIAN = "fachwerk-investigator", "fachwerk-guardian"
ROLES = {
    ADMIN: "May administer the whole installation",
    AUDITOR: "May read the audit trail of the whole installation",
    INVESTIGATOR: "May ask to read what a person under suspicion wrote, for a time",
    GUARDIAN: "Approves or refuses what an investigator asks for",
}
"""Roles of a person in the whole installation, as the provider calls them; its other roles are not ours."""

INSERT_PERSON = text(
    "INSERT INTO person (id, issuer, subject, name, name_key, email, roles, active) "
    "VALUES (:id, :issuer, :subject, :name, :name_key, :email, :roles, :active) "
    "ON CONFLICT (issuer, subject) DO NOTHING"
).bindparams(bindparam("roles", type_=JSON))


class SignedIn(NamedTuple):
    """Whose session a request carries. touch_due: its last use was written down more than a minute ago."""

    person: Person
    session_id: str
    touch_due: bool
    acr: str | None


class Grant(NamedTuple):
    """What a provider gave for a sign-in; see `Session`."""

    idp_sid: str | None = None
    id_token: str | None = None
    refresh_token: str | None = None
    acr: str | None = None


NO_GRANT = Grant()
"""Of a session that no provider stands behind."""


class Ended(NamedTuple):
    """A session that is over, and what the provider knows it by."""

    id: str
    person_id: str
    idp_sid: str | None
    id_token: str | None


class Headcount(NamedTuple):
    """How many people of our own there are. active: who may sign in."""

    active: int
    disabled: int


class Upserted(NamedTuple):
    """A person as they are now. changed: they are new, or have another name."""

    person: Person
    changed: bool


def new_token() -> str:
    """A value that nobody can guess, fit for a cookie and a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hashed(token: str) -> str:
    """What is stored in place of a random value: whoever reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode()).hexdigest()


def cookie_header(token: str, max_age_s: int) -> str:
    """What makes a browser keep a session's value; an age of 0 makes it forget."""
    return f"{COOKIE}={token}; Max-Age={max_age_s}; {COOKIE_RULES}"


def _alive(now_ms: int | BindParameter[int]) -> ColumnElement[bool]:
    return (
        (col(Session.expires_ms) > now_ms)
        & (col(Session.used_ms) + col(Session.idle_ms) > now_ms)
        & col(Person.active).is_(True)
    )


_SIGNED_IN = (
    select(Person, Session)
    .join(Session, col(Session.person_id) == col(Person.id))
    .where(col(Session.token_hash) == bindparam("token_hash"), _alive(bindparam("now_ms", type_=BigInteger)))
)
"""Made once, since every request asks."""


async def session_of(work: Work, connection: HTTPConnection) -> SignedIn | None:
    """Who sends this request, by its cookie. None without one, or if the session ended or the person left."""
    token = connection.cookies.get(COOKIE, "")
    if not 0 < len(token) <= TOKEN_MAX_CHARS:
        return None
    asked = {"token_hash": hashed(token), "now_ms": work.now_ms}
    found = (await work.db.exec(_SIGNED_IN, params=asked)).first()
    if found is None:
        return None
    who, session = found
    return SignedIn(who, session.id, work.now_ms - session.used_ms >= TOUCH_MS, session.acr)


async def touch(work: Work, session_id: str) -> None:
    """Write down that a session is in use. One that has ended meanwhile stays so."""
    await work.db.exec(update(Session).where(col(Session.id) == session_id).values(used_ms=work.now_ms))


async def still_valid(work: Work, session_ids: Collection[str]) -> set[str]:
    """Those of these sessions that are alive."""
    if not session_ids:
        return set()
    return set(
        (
            await work.db.exec(
                select(Session.id)
                .join(Person, col(Session.person_id) == col(Person.id))
                .where(col(Session.id).in_(session_ids), _alive(work.now_ms))
            )
        ).all()
    )


async def living_sessions(work: Work) -> int:
    """How many sessions of all people are alive."""
    chosen = select(func.count()).select_from(Session).join(Person, col(Person.id) == col(Session.person_id))
    return (await work.db.exec(chosen.where(_alive(work.now_ms)))).one()


async def living_sessions_of(work: Work, person_ids: Collection[str]) -> dict[str, int]:
    """How many sessions of each of these people are alive; who has none is left out."""
    chosen = select(Session.person_id, func.count()).join(Person, col(Person.id) == col(Session.person_id))
    theirs = chosen.where(col(Session.person_id).in_(person_ids), _alive(work.now_ms))
    return dict((await work.db.exec(theirs.group_by(col(Session.person_id)))).all())


def ours() -> ColumnElement[bool]:
    """People of our own: neither of other ministries nor guests nor machines."""
    return col(Person.issuer).not_in((EXTERNAL, GUEST, SERVICE))


async def headcount(work: Work) -> Headcount:
    """How many people of our own there are."""
    found = await work.db.exec(select(Person.active, func.count()).where(ours()).group_by(col(Person.active)))
    counted = dict(found.all())
    return Headcount(counted.get(True, 0), counted.get(False, 0))


async def colleague(work: Work, person_id: str) -> Person | None:
    """One person of our own, active or not."""
    return (await work.db.exec(select(Person).where(col(Person.id) == person_id, ours()))).first()


async def person(work: Work, person_id: str) -> Person | None:
    """One person, active or not."""
    return await work.db.get(Person, person_id)


async def person_of(work: Work, issuer: str, subject: str) -> Person | None:
    """One person by the provider's own name for them, active or not."""
    chosen = select(Person).where(col(Person.issuer) == issuer, col(Person.subject) == subject)
    return (await work.db.exec(chosen)).first()


async def subjects(work: Work, issuer: str) -> dict[str, str]:
    """The provider's own names of all its people, by their ids here."""
    return dict((await work.db.exec(select(Person.id, Person.subject).where(col(Person.issuer) == issuer))).all())


async def people_of(work: Work, issuer: str) -> list[Person]:
    """All people of a provider, active or not. For plans of a whole house."""
    return list((await work.db.exec(select(Person).where(col(Person.issuer) == issuer))).all())


async def people(work: Work, person_ids: Iterable[str]) -> list[Person]:
    """These people, active or not, in order of name; unknown ids are left out."""
    ids = set(person_ids)
    if not ids:
        return []
    chosen = select(Person).where(col(Person.id).in_(ids)).order_by(col(Person.name_key), col(Person.id))
    return list((await work.db.exec(chosen)).all())


async def upsert_person(
    work: Work, issuer: str, subject: str, name: str, email: str | None, roles: Collection[str]
) -> Person:
    """The person of (issuer, subject) with these properties, made if new. Used by seeds and imports."""
    return (await upsert(work, issuer, subject, name, email, roles)).person


async def upsert(
    work: Work,
    issuer: str,
    subject: str,
    name: str,
    email: str | None,
    roles: Collection[str],
    *,
    pushes: bool = False,
) -> Upserted:
    """As `upsert_person`, telling whether others will see a difference. New people and roles are audited.

    pushes: it is said by the system that pushes people. Of whom it tells, nobody else changes name and address.
    """
    name = person_name(name, subject)
    wanted = sorted(ROLES.keys() & set(roles))
    values = {
        "id": work.ids(), "issuer": issuer, "subject": subject, "name": name, "name_key": fold(name),
        "email": email, "roles": wanted, "active": True,
    }  # fmt: skip
    connection = await work.db.connection()
    is_new = (await connection.execute(INSERT_PERSON, values)).rowcount == 1
    chosen = select(Person).where(col(Person.issuer) == issuer, col(Person.subject) == subject)
    found = (await work.db.exec(chosen)).one()
    if is_new:
        work.audit(found.id, "person.create", found.id)
    if found.pushed and not pushes:
        name, email = found.name, found.email
    renamed = found.name != name
    if found.roles != wanted:
        work.audit(found.id, "person.set_roles", found.id, before=" ".join(found.roles), after=" ".join(wanted))
    found.name, found.name_key, found.email, found.roles = name, fold(name), email, wanted
    work.db.add(found)
    return Upserted(found, is_new or renamed)


def person_name(name: str, subject: str) -> str:
    """What somebody is called here whom the provider calls so."""
    return clean(name)[:NAME_MAX_CHARS] or subject


async def begin_session(
    work: Work,
    person_id: str,
    *,
    session_ms: int,
    idle_ms: int,
    grant: Grant = NO_GRANT,
    agent: Agent = UNKNOWN,
) -> str:
    """Sign a person in. Returns the cookie's value, which is known to nobody else."""
    token = new_token()
    session = Session(
        id=work.ids(),
        token_hash=hashed(token),
        person_id=person_id,
        **grant._asdict(),
        asked_ms=work.now_ms,
        created_ms=work.now_ms,
        used_ms=work.now_ms,
        expires_ms=work.now_ms + session_ms,
        idle_ms=idle_ms,
        browser=agent.browser,
        system=agent.system,
    )
    work.db.add(session)
    work.audit(person_id, "session.begin", session.id)
    return token


async def end_session(work: Work, session_id: str) -> bool:
    """End one session; its sockets close. False if it had ended before."""
    return bool(await _end(work, col(Session.id) == session_id))


async def end_session_of_token(work: Work, token: str) -> bool:
    """End the session that this cookie's value belongs to, if it does to any."""
    return bool(await _end(work, col(Session.token_hash) == hashed(token)))


async def prolong_sessions(work: Work, person_id: str, until_ms: int) -> None:
    """Let the sessions of a person end then."""
    await work.db.exec(update(Session).where(col(Session.person_id) == person_id).values(expires_ms=until_ms))


async def end_sessions(work: Work, person_id: str) -> int:
    """End all sessions of a person, on all devices. Returns how many there were."""
    return len(await _end(work, col(Session.person_id) == person_id))


async def own_sessions(work: Work, person_id: str) -> list[Session]:
    """The living sessions of a person, the last used first; not more than OWN_MAX."""
    chosen = select(Session).join(Person, col(Session.person_id) == col(Person.id))
    mine = chosen.where(col(Session.person_id) == person_id, _alive(work.now_ms))
    newest = mine.order_by(col(Session.used_ms).desc(), col(Session.id).desc()).limit(OWN_MAX)
    return list((await work.db.exec(newest)).all())


async def end_own(work: Work, person_id: str, *, session_id: str | None = None, but: str | None = None) -> list[Ended]:
    """End one session of this person, all `but` one, or all. Returns those whose provider's session is of no more use.

    Several of ours may live by the same one of the provider's; it goes with the last of them.
    """
    mine = meant = col(Session.person_id) == person_id
    if session_id is not None:
        meant &= col(Session.id) == session_id
    if but is not None:
        meant &= col(Session.id) != but
    ended = await _end(work, meant)
    needed = set((await work.db.exec(select(Session.idp_sid).where(mine))).all())
    return [session for session in ended if session.idp_sid not in needed]


async def end_sessions_of_provider(
    work: Work, issuer: str, *, subject: str | None, sid: str | None, which: ColumnElement[bool] | None = None
) -> int:
    """End what the provider means by its own session `sid`, or without one by all of `subject`.

    subject None: everybody's. which: only those of which this is true.
    """
    theirs = select(Person.id).where(col(Person.issuer) == issuer)
    if subject is not None:
        theirs = theirs.where(col(Person.subject) == subject)
    meant: ColumnElement[bool] = col(Session.person_id).in_(theirs)
    if sid is not None:
        meant &= col(Session.idp_sid) == sid
    return len(await _end(work, meant if which is None else meant & which))


async def end_expired(work: Work) -> int:
    """End the sessions whose time is over. They are refused before that; this closes what is still open."""
    now = work.now_ms
    over = (col(Session.expires_ms) <= now) | (col(Session.used_ms) + col(Session.idle_ms) <= now)
    return len(await _end(work, over))


async def _end(work: Work, which: ColumnElement[bool]) -> list[Ended]:
    known_by = (col(Session.id), col(Session.person_id), col(Session.idp_sid), col(Session.id_token))
    gone = (await work.db.exec(delete(Session).where(which).returning(*known_by))).all()
    ended = [Ended(*row) for row in gone]
    for session in ended:
        work.emit(f"user:{session.person_id}", SessionEnded(session_id=session.id))
        work.audit(session.person_id, "session.end", session.id)
    return ended
