# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The SCIM module."""

from fachwerk.kernel.module import Module

from .errors import refusal
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .storage import PATH

MODULE = Module(name="scim", routes=ROUTES, rules=RULES, personal=PERSONAL, refusals={PATH + "/": refusal})
