# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reactions: one emoji of one person on one message."""

from .module import MODULE

__all__ = ["MODULE"]
