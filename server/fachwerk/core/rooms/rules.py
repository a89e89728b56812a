# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what with rooms and their members."""

from functools import lru_cache

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.errors import Conflict
from fachwerk.kernel.policy import Facts, Rule, installation_role, room_role, same_department, signed_in

from .model import Member, Room

MEMBERS = ("owner", "moderator", "member", "reader")
WRITERS = ("owner", "moderator", "member")
LEADERS = ("owner", "moderator")

RULES = [
    Rule("room.browse", (signed_in,)),
    Rule("room.create", (signed_in,)),
    Rule("room.read", (room_role(*MEMBERS),), hide=True),
    Rule("room.join", (room_role("invited"), same_department), hide=True),
    Rule("room.leave", (room_role(*MEMBERS, "invited", kind="group"),), hide=True),
    Rule("room.rename", (room_role(*LEADERS, kind="group"), room_role(*LEADERS, kind="department")), hide=True),
    Rule("room.label", (room_role(*LEADERS, kind="group"), room_role(*LEADERS, kind="department")), hide=True),
    Rule("room.invite", (room_role(*WRITERS, kind="group"), room_role(*LEADERS, kind="department")), hide=True),
    Rule("member.remove", (room_role(*LEADERS, kind="group"), room_role(*LEADERS, kind="department")), hide=True),
    Rule("room.set_rules", (room_role("owner", kind="group"),), hide=True),
    Rule("room.rule_house", (installation_role(ADMIN),)),
    Rule("member.set_end", (room_role(*LEADERS, kind="group"),), hide=True),
    Rule("member.set_role", (room_role("owner", kind="group"), room_role("owner", kind="department")), hide=True),
]


class LastOwner(Conflict):
    """A room must not be left without anybody who can look after it."""

    slug, title = "last-owner", "The room needs another owner first"


class InByRule(Conflict):
    """Who is meant by a rule of the room is in it as long as that is so."""

    slug, title = "in-by-rule", "A rule of the room keeps this person in it"


def facts_of(room: Room, member: Member | None) -> Facts:
    """What the policy may know. An invitation counts as a role of its own, a left place as none."""
    role: str | None = None
    if member and member.membership != "left":
        role = "invited" if member.membership == "invited" else member.role
    return _facts(role, room.kind, room.department_id if room.open else None, room.label)


@lru_cache(maxsize=10_000)
def _facts(role: str | None, kind: str, open_to: str | None, label: str) -> Facts:
    """Equal ones are the same one: every socket keeps one for each room of its person."""
    return Facts(role=role, kind=kind, departments=frozenset({open_to}) if open_to else frozenset(), label=label)
