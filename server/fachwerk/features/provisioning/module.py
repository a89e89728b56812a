# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The provisioning module: so far only its tables; commands on the server use it."""

from fachwerk.kernel.module import Module

from . import model  # noqa: F401 -- so that the tables are known

MODULE = Module(name="provisioning")
