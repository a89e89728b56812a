# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The module of own data. It keeps nothing and has no rules: everybody reads what is their own."""

from fachwerk.kernel.module import Module

from .routes import ROUTES

MODULE = Module(name="own_data", routes=ROUTES)
