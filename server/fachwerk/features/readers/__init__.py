# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who can read this: an answer for every room and file, worked out by the policy that lets people in."""

from .module import MODULE

__all__ = ["MODULE"]
