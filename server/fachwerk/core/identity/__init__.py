# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who somebody is: people, their sessions, and signing in through an OpenID provider."""

from .accounts import Account, Accounts, Notice, SignedOut, take_over
from .events import GROUP_ROOT, PersonDisabled, PersonReported, SessionEnded
from .externals import colleague_called, external, known_machine, machine, machine_id
from .model import EXTERNAL, SERVICE, Person, Session
from .module import MODULE
from .names import fold
from .provider import Provider
from .pushed import push, release, withdraw
from .realm import GroupThere, GroupWanted, Newcomer, Profile, Realm, RealmRefused, Registered
from .service import (
    ADMIN,
    AUDITOR,
    COOKIE,
    ROLES,
    SignedIn,
    begin_session,
    colleague,
    end_session,
    end_sessions,
    headcount,
    living_sessions,
    living_sessions_of,
    ours,
    people,
    people_of,
    person,
    person_of,
    session_of,
    still_valid,
    subjects,
    touch,
    upsert_person,
)
from .sessions import sign_out
from .settings import IdentitySettings, is_loopback, is_loopback_url
from .watch import Watch

__all__ = [
    "ADMIN",
    "AUDITOR",
    "COOKIE",
    "EXTERNAL",
    "GROUP_ROOT",
    "MODULE",
    "ROLES",
    "SERVICE",
    "Account",
    "Accounts",
    "GroupThere",
    "GroupWanted",
    "IdentitySettings",
    "Newcomer",
    "Notice",
    "Person",
    "PersonDisabled",
    "PersonReported",
    "Profile",
    "Provider",
    "Realm",
    "RealmRefused",
    "Registered",
    "Session",
    "SessionEnded",
    "SignedIn",
    "SignedOut",
    "Watch",
    "begin_session",
    "colleague",
    "colleague_called",
    "end_session",
    "end_sessions",
    "external",
    "fold",
    "headcount",
    "is_loopback",
    "is_loopback_url",
    "known_machine",
    "living_sessions",
    "living_sessions_of",
    "machine",
    "machine_id",
    "ours",
    "people",
    "people_of",
    "person",
    "person_of",
    "push",
    "release",
    "session_of",
    "sign_out",
    "still_valid",
    "subjects",
    "take_over",
    "touch",
    "upsert_person",
    "withdraw",
]
