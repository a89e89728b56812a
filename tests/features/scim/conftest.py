# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The system that pushes people."""

import pytest

from tests.house import House
from tests.house.pusher import Pusher


@pytest.fixture
def pusher(house: House) -> Pusher:
    return house.pusher()
