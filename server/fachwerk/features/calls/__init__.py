# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Calls: sound, picture and screen of the people in a room."""

from .media import MediaServer
from .module import MODULE
from .settings import CallSettings

__all__ = ["MODULE", "CallSettings", "MediaServer"]
