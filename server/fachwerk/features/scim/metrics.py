# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What an operator may know of SCIM: numbers, and nobody."""

from prometheus_client import Counter

CHANGES = Counter("fachwerk_scim_changes", "Users and groups that were changed over SCIM", ["resource", "act"])
MEMBERSHIPS = Counter("fachwerk_scim_memberships", "People put into departments over SCIM, and taken out", ["act"])
