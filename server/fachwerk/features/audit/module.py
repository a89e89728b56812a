# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The audit module."""

from fachwerk.kernel.module import Module

from .jobs import REPEATS
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES

MODULE = Module(name="audit", routes=ROUTES, rules=RULES, repeats=REPEATS, personal=PERSONAL)
