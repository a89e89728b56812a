# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A whole server for each test, and people who use it as clients do."""

from tests.house.client import Client, SocketClient
from tests.house.house import House, make_settings, open_house
from tests.house.mirror import Mirror

__all__ = ["Client", "House", "Mirror", "SocketClient", "make_settings", "open_house"]
