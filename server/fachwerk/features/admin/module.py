# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The admin module."""

from fachwerk.kernel.module import Module

from .routes import ROUTES
from .rules import RULES

MODULE = Module(name="admin", routes=ROUTES, rules=RULES)
