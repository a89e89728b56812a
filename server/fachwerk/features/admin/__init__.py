# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What administrators of the installation see of it, and the little that they do there."""

from .module import MODULE

__all__ = ["MODULE"]
