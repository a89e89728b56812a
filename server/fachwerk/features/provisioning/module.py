# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provisioning module. What is asked for over HTTP is done by the worker; commands do it themselves."""

from fachwerk.kernel.module import Module

from .jobs import JOBS, REPEATS
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES

MODULE = Module(name="provisioning", routes=ROUTES, rules=RULES, jobs=JOBS, repeats=REPEATS, personal=PERSONAL)
