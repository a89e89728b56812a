# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading what a person under suspicion wrote: two people, for a time, and the person is told."""

from .module import MODULE
from .settings import InvestigationSettings

__all__ = ["MODULE", "InvestigationSettings"]
