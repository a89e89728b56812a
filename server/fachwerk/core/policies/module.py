# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The policies module. The policies themselves are declared by the modules that follow them."""

from fachwerk.kernel.module import Module

from .routes import ROUTES
from .rules import RULES

MODULE = Module(name="policies", routes=ROUTES, rules=RULES)
