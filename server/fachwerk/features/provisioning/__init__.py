# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Departments, people and their rooms from a file: what it asks for is planned, shown, and only then done."""

from .orgfile import Fault, Org, OrgFileRefused, read_org
from .plan import Plan, plan
from .service import House, arrive, build, house_of

__all__ = ["Fault", "House", "Org", "OrgFileRefused", "Plan", "arrive", "build", "house_of", "plan", "read_org"]
