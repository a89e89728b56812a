# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who administers the installation. What is said in rooms is not opened to them by it."""

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.policy import Rule, installation_role

RULES = [
    Rule("admin.read", (installation_role(ADMIN),)),
    Rule("admin.end_sessions", (installation_role(ADMIN),)),
    Rule("admin.open_department", (installation_role(ADMIN),)),
]
