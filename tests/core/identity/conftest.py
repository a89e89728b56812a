# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A front door for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.core.identity.door import Browser, Door, open_door
from tests.core.identity.lying import LyingProvider


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    async with open_door(database_url, LyingProvider) as door:
        yield door


@pytest.fixture
def liar(door: Door) -> LyingProvider:
    assert isinstance(door.demo, LyingProvider)
    return door.demo


@pytest.fixture
def browser(door: Door) -> Browser:
    return door.browser()
