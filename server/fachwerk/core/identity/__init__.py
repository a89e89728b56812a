# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who somebody is: people, their sessions, and signing in through an OpenID provider."""

from .accounts import Account, Accounts, Notice, SignedOut, take_over
from .agents import Agent, agent_of
from .events import GROUP_ROOT, PersonDisabled, PersonReported, SessionEnded
from .externals import colleague_called, end_guest, external, guest, known_machine, machine, machine_id
from .model import EXTERNAL, GUEST, SERVICE, Person, Session
from .module import MODULE
from .names import fold
from .provider import Provider
from .providers import Providers
from .pushed import push, release, withdraw
from .realm import GroupThere, GroupWanted, Newcomer, Profile, Realm, RealmRefused, Registered
from .service import (
    ADMIN,
    AUDITOR,
    COOKIE,
    ROLES,
    Grant,
    SignedIn,
    begin_session,
    colleague,
    cookie_header,
    end_session,
    end_session_of_token,
    end_sessions,
    hashed,
    headcount,
    living_sessions,
    living_sessions_of,
    new_token,
    ours,
    people,
    people_of,
    person,
    person_of,
    prolong_sessions,
    session_of,
    still_valid,
    subjects,
    touch,
    upsert_person,
)
from .sessions import sign_out
from .settings import FurtherProvider, IdentitySettings, is_loopback, is_loopback_url
from .strength import strengths
from .watch import Watch

__all__ = [
    "ADMIN",
    "AUDITOR",
    "COOKIE",
    "EXTERNAL",
    "GROUP_ROOT",
    "GUEST",
    "MODULE",
    "ROLES",
    "SERVICE",
    "Account",
    "Accounts",
    "Agent",
    "FurtherProvider",
    "Grant",
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
    "Providers",
    "Realm",
    "RealmRefused",
    "Registered",
    "Session",
    "SessionEnded",
    "SignedIn",
    "SignedOut",
    "Watch",
    "agent_of",
    "begin_session",
    "colleague",
    "colleague_called",
    "cookie_header",
    "end_guest",
    "end_session",
    "end_session_of_token",
    "end_sessions",
    "external",
    "fold",
    "guest",
    "hashed",
    "headcount",
    "is_loopback",
    "is_loopback_url",
    "known_machine",
    "living_sessions",
    "living_sessions_of",
    "machine",
    "machine_id",
    "new_token",
    "ours",
    "people",
    "people_of",
    "person",
    "person_of",
    "prolong_sessions",
    "push",
    "release",
    "session_of",
    "sign_out",
    "still_valid",
    "strengths",
    "subjects",
    "take_over",
    "touch",
    "upsert_person",
    "withdraw",
]
