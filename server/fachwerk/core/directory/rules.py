# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who looks for people and departments at all. Whom they find is decided inside the queries (`visibility`)."""

from fachwerk.kernel.policy import Rule, signed_in

RULES = [Rule("directory.read", (signed_in,))]
