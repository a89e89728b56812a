# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a client must know before anybody has signed in."""

from .module import MODULE
from .settings import AboutSettings

__all__ = ["MODULE", "AboutSettings"]
