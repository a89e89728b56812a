# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The readers module. It has no rules of its own: whoever may read a thing may know who else does."""

from fachwerk.kernel.module import Module

from .routes import ROUTES

MODULE = Module(name="readers", routes=ROUTES)
