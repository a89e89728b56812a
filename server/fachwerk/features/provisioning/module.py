# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provisioning module. What changes something is done by commands on the server; over HTTP one only looks."""

from fachwerk.kernel.module import Module

from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES

MODULE = Module(name="provisioning", routes=ROUTES, rules=RULES, personal=PERSONAL)
