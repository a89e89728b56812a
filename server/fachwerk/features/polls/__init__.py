# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Polls: a question with options, asked in a room."""

from .module import MODULE

__all__ = ["MODULE"]
