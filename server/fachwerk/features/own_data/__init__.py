# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is stored about me: everybody may see that, and take it along."""

from .exports import Exports
from .module import MODULE

__all__ = ["MODULE", "Exports"]
