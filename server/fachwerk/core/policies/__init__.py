# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What departments decide for their rooms: set at one, held by all below it that set nothing themselves.

A module that follows a policy declares it (`DepartmentPolicy`) and asks before it acts.
"""

from .module import MODULE
from .rules import EVERYWHERE, PolicyForbids
from .service import at, known, rulings
from .wire import PolicyRulings

__all__ = ["EVERYWHERE", "MODULE", "PolicyForbids", "PolicyRulings", "at", "known", "rulings"]
