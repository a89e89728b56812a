# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may read the audit trail: auditors. Administrators may not, for it is their acts that it tells of."""

from fachwerk.core.identity import AUDITOR
from fachwerk.kernel.policy import Rule, installation_role

RULES = [Rule("audit.read", (installation_role(AUDITOR),))]
