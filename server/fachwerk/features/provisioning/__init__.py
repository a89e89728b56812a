# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments, people and their rooms from elsewhere: planned, shown, kept as steps, carried out, taken back."""

from .alone import HouseRealm
from .ldap import LdapRefused, read_ldap
from .module import MODULE
from .org import Org, OrgRefused
from .orgfile import read_org, write_org
from .plan import REMOVALS_PERCENT, Plan, PlanRefused, compare, org_now, removals, undo
from .service import Office, history, interrupted
from .site import Site
from .state import State
from .stored import Busy, Stored

__all__ = [
    "MODULE",
    "REMOVALS_PERCENT",
    "Busy",
    "HouseRealm",
    "LdapRefused",
    "Office",
    "Org",
    "OrgRefused",
    "Plan",
    "PlanRefused",
    "Site",
    "State",
    "Stored",
    "compare",
    "history",
    "interrupted",
    "org_now",
    "read_ldap",
    "read_org",
    "removals",
    "undo",
    "write_org",
]
