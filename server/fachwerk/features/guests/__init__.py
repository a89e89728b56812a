# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Guests: people of no ministry, whom somebody of ours invites into a room by a link, for a time."""

from .links import Links
from .module import MODULE
from .rules import GUEST_ACTIONS
from .settings import GuestSettings

__all__ = ["GUEST_ACTIONS", "MODULE", "GuestSettings", "Links"]
