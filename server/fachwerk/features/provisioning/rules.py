# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may see what was done to the organisation. Doing it is for whoever operates the server."""

from fachwerk.core.identity import ADMIN
from fachwerk.kernel.policy import Rule, installation_role

RULES = [Rule("org.read", (installation_role(ADMIN),))]
